internal import Wire

/// A block of the W3C Extended Log Format: directives, and lines with a value for each field.
struct ELFBlock {
    private static let directives = [
        "version": "elf.version", "software": "elf.software", "date": "elf.date",
        "start-date": "elf.start_date", "end-date": "elf.end_date", "remark": "elf.remark",
    ]

    private var map = ValueMap()
    private var fields: [Bytes] = []
    private var entries: [Value] = []
    /// Values in all entries.
    private var count = 0

    /// What the block says.
    mutating func parse(_ text: [UInt8]) throws(EvaluationError) -> ValueMap {
        for line in text.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let line = line.trimmed
            guard let first = line.first else { continue }
            if first == UInt8(ascii: "#") {
                try directive(line.dropFirst())
            } else {
                try entry(line)
            }
        }
        guard map["elf.version"] != nil else { throw .message("not in ELF: it has no directive #Version") }
        map["elf.fields"] = .list(fields.map { .string($0) })
        map["elf.entries"] = .list(entries)
        return map
    }

    private mutating func directive(_ line: ArraySlice<UInt8>) throws(EvaluationError) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
            let name = String(decoding: line.trimmed.prefix(6), as: UTF8.self).lowercased()
            if name == "fields" { throw .message("not in ELF: its directive #Fields has no colon") }
            return
        }
        let name = String(decoding: line[..<colon].trimmed, as: UTF8.self).lowercased()
        let value = line[(colon + 1)...].trimmed
        if name == "fields" {
            fields = value.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 }).map { Bytes(validating: $0) }
        } else if let key = Self.directives[name] {
            map.set(key, value)
        }
    }

    private mutating func entry(_ line: ArraySlice<UInt8>) throws(EvaluationError) {
        guard !fields.isEmpty else { throw .message("not in ELF: a line stands before #Fields") }
        count += fields.count
        guard count <= FunctionLimits.values else {
            throw .message("the block has more than \(FunctionLimits.values) values")
        }
        let values = try self.values(line)
        let pairs = fields.enumerated().map { index, field in
            ValueMap.Entry(field, .string(index < values.count ? values[index] : Bytes(utf8: "-")))
        }
        entries.append(.map(ValueMap(pairs)))
    }

    /// The values of a line; in quotes, which may be doubled inside, there may be spaces.
    private func values(_ line: ArraySlice<UInt8>) throws(EvaluationError) -> [Bytes] {
        let quote = UInt8(ascii: "\"")
        var (values, index) = ([Bytes](), line.startIndex)
        while index < line.endIndex {
            if line[index] == 0x20 || line[index] == 0x09 {
                index += 1
                continue
            }
            var value: [UInt8] = []
            if line[index] == quote {
                index += 1
                while true {
                    guard index < line.endIndex else { throw .message("not in ELF: a quote is not closed") }
                    if line[index] == quote {
                        guard index + 1 < line.endIndex, line[index + 1] == quote else { break }
                        index += 1
                    }
                    value.append(line[index])
                    index += 1
                }
                index += 1
            } else {
                while index < line.endIndex, line[index] != 0x20, line[index] != 0x09 {
                    value.append(line[index])
                    index += 1
                }
            }
            values.append(Bytes(validating: value))
        }
        return values
    }
}
