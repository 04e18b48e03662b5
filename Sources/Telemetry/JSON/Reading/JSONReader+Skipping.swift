extension JSONReader {
    /// Steps over a value that nobody asked for; it has to be JSON all the same.
    mutating func skipValue(depth: Int) throws(JSONFault) {
        switch next {
        case UInt8(ascii: "{"): try skipContainer("{", "}", depth: depth + 1)
        case UInt8(ascii: "["): try skipContainer("[", "]", depth: depth + 1)
        case UInt8(ascii: "\""): try skipString()
        case UInt8(ascii: "t"): try skipWord("true")
        case UInt8(ascii: "f"): try skipWord("false")
        case UInt8(ascii: "n"): try skipWord("null")
        default:
            guard let number = JSONNumber(input, from: position, to: input.end) else {
                throw JSONFault("expected a value", at: position)
            }
            position = number.end
        }
    }

    private mutating func skipContainer(
        _ open: Unicode.Scalar, _ close: Unicode.Scalar, depth: Int
    ) throws(JSONFault) {
        guard depth <= OTLPJSON.ignoredDepthLimit else {
            throw JSONFault("ignored value nested more than \(OTLPJSON.ignoredDepthLimit) deep", at: position)
        }
        _ = take(open)
        skipSpace()
        if take(close) { return }
        repeat {
            skipSpace()
            if open == "{" { try skipKey() }
            try skipValue(depth: depth)
            skipSpace()
        } while take(",")
        guard take(close) else {
            throw JSONFault("expected , or \(close) inside an ignored value", at: position)
        }
    }

    private mutating func skipKey() throws(JSONFault) {
        let key = try readKey()
        if key.hasEscapes { _ = try unescaped(key) }
    }

    private mutating func skipString() throws(JSONFault) {
        let text = try input.scanString(from: position + 1)
        if text.hasEscapes { _ = try unescaped(text) }
        position = text.end + 1
    }

    private mutating func skipWord(_ word: StaticString) throws(JSONFault) {
        guard takeWord(word) else { throw JSONFault("expected a value", at: position) }
    }
}
