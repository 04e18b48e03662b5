internal import Wire

/// Takes text such as `k1=v1 k2="v 2"` apart.
struct KeyValueParser: Sendable {
    let delimiter: String
    let pairDelimiter: String

    /// The pairs; throws where there are none, one has no value, or a quote is not closed.
    func parse(_ text: Bytes) throws(EvaluationError) -> ValueMap {
        guard !text.isEmpty else { throw .message("the text is empty") }
        var entries: [ValueMap.Entry] = []
        for pair in try pairs(of: text.string) {
            let separator = Array(delimiter.utf8)
            guard let mark = Self.index(of: separator, in: pair) else {
                let shown = String(decoding: pair, as: UTF8.self)
                throw .message("'\(shown.prefix(80))' has no '\(delimiter)' between key and value")
            }
            let key = Self.trimmed(pair[..<mark])
            let value = Self.trimmed(pair[(mark + separator.count)...])
            entries.append(
                ValueMap.Entry(Bytes(key), .string(Bytes(value))))
        }
        return ValueMap(entries)
    }

    /// The pairs, without the quotes around or inside of them.
    private func pairs(of text: String) throws(EvaluationError) -> [[UInt8]] {
        let (source, separator) = (Array(text.utf8), Array(pairDelimiter.utf8))
        var pairs: [[UInt8]] = []
        var pair: [UInt8] = []
        func close() throws(EvaluationError) {
            if !Self.trimmed(pair[...]).isEmpty { pairs.append(pair) }
            pair = []
            guard pairs.count <= FunctionLimits.values else {
                throw .message("the text has more than \(FunctionLimits.values) pairs")
            }
        }
        var quote: UInt8?
        var index = 0
        while index < source.count {
            let byte = source[index]
            if let open = quote {
                if byte == open { quote = nil } else { pair.append(byte) }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if source[index...].starts(with: separator) {
                try close()
                index += separator.count
                continue
            } else {
                pair.append(byte)
            }
            index += 1
        }
        guard quote == nil else { throw .message("a quote is not closed") }
        try close()
        return pairs
    }

    private static func index(of separator: [UInt8], in pair: [UInt8]) -> Int? {
        guard pair.count >= separator.count else { return nil }
        return (0...pair.count - separator.count).first { pair[$0...].starts(with: separator) }
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0D ~= byte }
        let start = bytes.drop { isSpace($0) }
        return start.lastIndex { !isSpace($0) }.map { Array(start[...$0]) } ?? []
    }
}
