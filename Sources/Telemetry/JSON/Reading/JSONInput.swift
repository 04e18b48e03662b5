internal import Wire

/// A JSON text in borrowed memory, and how its strings are told apart (RFC 8259 section 7).
///
/// It holds no position: whoever reads does, and passes it in.
struct JSONInput {
    /// A string as it stands in the text, without its quotes.
    struct Text {
        let start: Int
        let end: Int
        let hasEscapes: Bool

        var count: Int { end - start }
    }

    let bytes: UnsafePointer<UInt8>
    let end: Int

    /// Borrows `memory` for as long as the value lives.
    init(_ memory: UnsafeRawBufferPointer) {
        // Memory without an address is empty: no byte of the stand-in is ever read.
        bytes = memory.assumingMemoryBound(to: UInt8.self).baseAddress ?? StaticString("").utf8Start
        end = memory.count
    }

    /// The bytes of a string without escapes.
    @inline(__always)
    func plain(_ text: Text) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: bytes + text.start, count: text.count)
    }

    /// Index of the first byte from `position` on that is not white space.
    @inline(__always)
    func skippingSpace(_ position: Int) -> Int {
        var position = position
        while position < end {
            let byte = bytes[position]
            guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { break }
            position += 1
        }
        return position
    }

    /// Finds the end of the string whose first byte after the quote is at `start` and checks its UTF-8.
    ///
    /// Escapes are checked when they are decoded.
    @inline(__always)
    func scanString(from start: Int) throws(JSONFault) -> Text {
        var position = start
        var (hasEscapes, isASCII) = (false, true)
        while true {
            position = skippingPlain(position)
            guard position < end else { throw JSONFault("string without an end", at: start - 1) }
            let byte = bytes[position]
            if byte == 0x22 { break }
            if byte >= 0x80 {
                isASCII = false
                position += 1
            } else if byte == 0x5C {
                hasEscapes = true
                position += 2
            } else if byte < 0x20 {
                throw JSONFault("control character inside a string", at: position)
            } else {
                position += 1
            }
        }
        if !isASCII { try checkUTF8(start, position) }
        return Text(start: start, end: position, hasEscapes: hasEscapes)
    }

    /// Steps eight bytes at a time over text in which nothing needs a closer look.
    @inline(__always)
    private func skippingPlain(_ start: Int) -> Int {
        var position = start
        while position + 8 <= end {
            let word = UInt64(
                littleEndian: UnsafeRawPointer(bytes).loadUnaligned(fromByteOffset: position, as: UInt64.self)
            )
            let special = JSONBytes.special(word)
            guard special == 0 else { return position + special.trailingZeroBitCount >> 3 }
            position += 8
        }
        return position
    }

    private func checkUTF8(_ start: Int, _ end: Int) throws(JSONFault) {
        let memory = UnsafeRawBufferPointer(start: bytes + start, count: end - start)
        if let fault = UTF8Check.firstInvalid(memory) {
            throw JSONFault("string is not UTF-8", at: start + fault)
        }
    }

    /// Appends what a string with escapes stands for.
    func unescape(_ text: Text, into output: inout Writer) throws(JSONFault) {
        var position = text.start
        while position < text.end {
            var run = position
            while run < text.end, bytes[run] != 0x5C { run += 1 }
            output.write(raw: UnsafeRawBufferPointer(start: bytes + position, count: run - position))
            position = run
            if position < text.end { try unescapeOne(&position, text.end, into: &output) }
        }
    }

    private func unescapeOne(
        _ position: inout Int, _ end: Int, into output: inout Writer
    ) throws(JSONFault) {
        let start = position
        guard start + 1 < end else { throw JSONFault("escape without an end", at: start) }
        position += 2
        let scalar: UInt32
        switch bytes[start + 1] {
        case UInt8(ascii: "\""): scalar = 0x22
        case UInt8(ascii: "\\"): scalar = 0x5C
        case UInt8(ascii: "/"): scalar = 0x2F
        case UInt8(ascii: "b"): scalar = 0x08
        case UInt8(ascii: "f"): scalar = 0x0C
        case UInt8(ascii: "n"): scalar = 0x0A
        case UInt8(ascii: "r"): scalar = 0x0D
        case UInt8(ascii: "t"): scalar = 0x09
        case UInt8(ascii: "u"): scalar = try unescapeUnicode(&position, end)
        default: throw JSONFault("unknown escape", at: start)
        }
        JSONBytes.withUTF8(of: scalar) { output.write(raw: $0) }
    }

    /// Reads the digits of `\u` and, for the first half of a surrogate pair, the whole second escape.
    private func unescapeUnicode(_ position: inout Int, _ end: Int) throws(JSONFault) -> UInt32 {
        let start = position - 2
        let unit = try hexadecimal(&position, end)
        if unit < 0xD800 || unit > 0xDFFF { return unit }
        guard unit < 0xDC00, position + 1 < end, bytes[position] == 0x5C,
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw JSONFault("lone surrogate", at: start) }
        position += 2
        let low = try hexadecimal(&position, end)
        guard low >= 0xDC00, low <= 0xDFFF else { throw JSONFault("lone surrogate", at: start) }
        return 0x1_0000 + (unit - 0xD800) << 10 + (low - 0xDC00)
    }

    private func hexadecimal(_ position: inout Int, _ end: Int) throws(JSONFault) -> UInt32 {
        guard position + 4 <= end else { throw JSONFault("escape without an end", at: position) }
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = JSONBytes.hexadecimal(bytes[position]) else {
                throw JSONFault("escape with a digit that is not hexadecimal", at: position)
            }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }
}
