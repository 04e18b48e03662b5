internal import Wire

/// The Log Event Extended Format, 1.0 and 2.0: a header between pipes, then pairs of keys and values.
enum LEEFMessage {
    private static let names = [
        "leef.vendor", "leef.product.name", "leef.product.version", "leef.event.id",
    ]
    private static let pipe = UInt8(ascii: "|")
    private static let equals = UInt8(ascii: "=")

    /// The message after what may stand before `LEEF:`.
    static func parse(_ text: [UInt8]) throws(EvaluationError) -> ValueMap {
        guard let start = text[...].firstIndex(of: "LEEF:") else {
            throw .message("not a LEEF message: it has no 'LEEF:'")
        }
        let parts = text[(start + 5)...].split(
            separator: pipe, maxSplits: names.count + 1, omittingEmptySubsequences: false)
        guard parts.count > names.count else {
            throw .message("not a LEEF message: its header has \(parts.count) fields instead of 5")
        }
        let version = String(decoding: parts[0], as: UTF8.self)
        guard version == "1.0" || version == "2.0" else {
            throw .message("the version of LEEF is 1.0 or 2.0, not '\(version.prefix(20))'")
        }
        var map = ValueMap()
        map["leef.version"] = .text(version)
        for (name, part) in zip(names, parts.dropFirst()) { map.set(name, part) }
        var attributes = parts.count > names.count + 1 ? parts[names.count + 1] : []
        var delimiter = UInt8(ascii: "\t")
        if version == "2.0" {
            // The delimiter may be left out: then attributes stand in its place.
            let (first, rest) = split(attributes)
            if !first.contains(equals) || first == [equals] {
                delimiter = try self.delimiter(first)
                attributes = rest
            }
        }
        map["leef.attributes"] = .map(try pairs(attributes, delimiter))
        return map
    }

    private static func split(_ text: ArraySlice<UInt8>) -> (ArraySlice<UInt8>, ArraySlice<UInt8>) {
        guard let end = text.firstIndex(of: pipe) else { return (text, []) }
        return (text[..<end], text[(end + 1)...])
    }

    private static func delimiter(_ text: ArraySlice<UInt8>) throws(EvaluationError) -> UInt8 {
        if text.isEmpty { return UInt8(ascii: "\t") }
        if text.count == 1 { return text[text.startIndex] }
        let digits = Array(text.prefix(5))
        guard digits.count == 4, digits[0] == UInt8(ascii: "0"), digits[1] | 0x20 == UInt8(ascii: "x"),
            let byte = Hexadecimal.byte(digits[2], digits[3])
        else {
            let name = String(decoding: text.prefix(20), as: UTF8.self)
            throw .message("the delimiter is one character or its number such as 0x09, not '\(name)'")
        }
        return byte
    }

    private static func pairs(
        _ text: ArraySlice<UInt8>, _ delimiter: UInt8
    ) throws(EvaluationError) -> ValueMap {
        var entries: [ValueMap.Entry] = []
        for pair in text.split(separator: delimiter) {
            guard let equals = pair.firstIndex(of: equals), equals > pair.startIndex else { continue }
            guard entries.count < FunctionLimits.values else {
                throw .message("the message has more than \(FunctionLimits.values) attributes")
            }
            entries.append(
                .init(
                    Bytes(validating: pair[..<equals]), .string(Bytes(validating: pair[(equals + 1)...]))))
        }
        return ValueMap(entries)
    }
}
