internal import Wire

extension JSONReader {
    /// Reads a string into field `number`.
    mutating func readString(_ number: Int, keepsEmpty: Bool) throws(JSONFault) {
        let text = try readText()
        guard keepsEmpty || text.count > 0 else { return }
        guard text.hasEscapes else {
            output.write(bytes: UnsafeRawBufferPointer(input.plain(text)), number)
            return
        }
        let mark = output.begin(number, expecting: text.count)
        try input.unescape(text, into: &output)
        output.end(mark)
    }

    /// Reads bytes that are written as base64, of either alphabet, with or without padding.
    mutating func readBase64(_ number: Int, keepsEmpty: Bool) throws(JSONFault) {
        let text = try readText()
        guard keepsEmpty || text.count > 0 else { return }
        try withContent(of: text) { (reader, digits) throws(JSONFault) in
            let mark = reader.output.begin(number, expecting: digits.count * 3 / 4)
            guard reader.decodeBase64(digits) else { throw JSONFault("expected base64", at: text.start) }
            reader.output.end(mark)
        }
    }

    /// Reads an identifier of `size` bytes that is written in hexadecimal; an empty one is absent.
    mutating func readIdentifier(_ size: Int, _ number: Int, keepsEmpty: Bool) throws(JSONFault) {
        try readIdentifier(try readText(), size, number, keepsEmpty: keepsEmpty)
    }

    /// Reads the identifier of a profile.
    ///
    /// It is hexadecimal as the reference collector writes it, or base64 as proto3 has it. The two differ
    /// in length, so there is no doubt which one it is.
    mutating func readProfileIdentifier(_ number: Int, keepsEmpty: Bool) throws(JSONFault) {
        let start = position
        let text = try readText()
        guard text.count > 0, text.count < 32 else {
            return try readIdentifier(text, 16, number, keepsEmpty: keepsEmpty)
        }
        position = start
        let before = output.count
        try readBase64(number, keepsEmpty: keepsEmpty)
        // The tag and the length take a byte each.
        guard output.count - before == 18 else {
            throw JSONFault("expected an identifier of 16 bytes", at: start)
        }
    }

    private mutating func readIdentifier(
        _ text: JSONInput.Text, _ size: Int, _ number: Int, keepsEmpty: Bool
    ) throws(JSONFault) {
        guard keepsEmpty || text.count > 0 else { return }
        try withContent(of: text) { (reader, digits) throws(JSONFault) in
            guard digits.count == size * 2 || digits.count == 0 else {
                throw JSONFault(
                    "expected \(size * 2) hexadecimal digits, not \(digits.count)", at: text.start)
            }
            let mark = reader.output.begin(number, expecting: size)
            guard reader.decodeHexadecimal(digits) else {
                throw JSONFault("expected \(size * 2) hexadecimal digits", at: text.start)
            }
            reader.output.end(mark)
        }
    }

    /// Reads a string and says where it stands.
    @inline(__always)
    private mutating func readText() throws(JSONFault) -> JSONInput.Text {
        guard take("\"") else { throw JSONFault("expected a string", at: position) }
        let text = try input.scanString(from: position)
        position = text.end + 1
        return text
    }

    /// Lends what a string stands for; almost always that is the text itself.
    @inline(__always)
    private mutating func withContent(
        of text: JSONInput.Text,
        _ body: (inout JSONReader, UnsafeBufferPointer<UInt8>) throws(JSONFault) -> Void
    ) throws(JSONFault) {
        guard text.hasEscapes else { return try body(&self, input.plain(text)) }
        let content = try unescaped(text)
        try content.withUnsafeBytes { (memory) throws(JSONFault) in
            try body(&self, memory.assumingMemoryBound(to: UInt8.self))
        }
    }

    /// Writes what digits stand for, eight bytes from sixteen digits at a time.
    private mutating func decodeHexadecimal(_ digits: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = 0
        while index + 16 <= digits.count {
            var word: UInt64 = 0
            for offset in index..<index + 16 {
                guard let value = JSONBytes.hexadecimal(digits[offset]) else { return false }
                word = word << 4 | UInt64(value)
            }
            output.writeFixed64(word.byteSwapped)
            index += 16
        }
        return index == digits.count
    }

    private mutating func decodeBase64(_ digits: UnsafeBufferPointer<UInt8>) -> Bool {
        var count = digits.count
        while count > 0, digits.count - count < 2, digits[count - 1] == UInt8(ascii: "=") { count -= 1 }
        if count < digits.count, digits.count & 3 != 0 { return false }
        guard count & 3 != 1 else { return false }
        var (bits, held): (UInt32, UInt32) = (0, 0)
        for index in 0..<count {
            guard let value = JSONBytes.base64(digits[index]) else { return false }
            bits = bits << 6 | value
            held += 6
            guard held >= 8 else { continue }
            held -= 8
            withUnsafeBytes(of: UInt8(truncatingIfNeeded: bits >> held)) { output.write(raw: $0) }
        }
        return true
    }
}
