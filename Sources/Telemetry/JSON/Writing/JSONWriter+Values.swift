internal import Wire

extension JSONWriter {
    /// Writes UTF-8 as a string; only what JSON forbids inside of one is escaped.
    mutating func writeString(_ bytes: RawSpan, _ range: Range<Int>) {
        output.reserve(range.count + 2)
        output.append(UInt8(ascii: "\""))
        var position = range.lowerBound
        var run = position
        while position < range.upperBound {
            position = Self.skippingPlain(bytes, position, range.upperBound)
            guard position < range.upperBound else { break }
            let byte = bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self)
            if byte < 0x20 || byte == 0x22 || byte == 0x5C {
                append(bytes, run..<position)
                writeEscape(byte)
                run = position + 1
            }
            position += 1
        }
        append(bytes, run..<range.upperBound)
        output.append(UInt8(ascii: "\""))
    }

    @inline(__always)
    private static func skippingPlain(_ bytes: RawSpan, _ start: Int, _ end: Int) -> Int {
        var position = start
        while position + 8 <= end {
            let word = UInt64(
                littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
            let special = JSONBytes.special(word)
            guard special == 0 else { return position + special.trailingZeroBitCount >> 3 }
            position += 8
        }
        return position
    }

    @inline(__always)
    private mutating func append(_ bytes: RawSpan, _ range: Range<Int>) {
        bytes.withUnsafeBytes { output.append(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    private mutating func writeEscape(_ byte: UInt8) {
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x22, 0x5C: output.append(byte)
        case 0x08: output.append(UInt8(ascii: "b"))
        case 0x09: output.append(UInt8(ascii: "t"))
        case 0x0A: output.append(UInt8(ascii: "n"))
        case 0x0C: output.append(UInt8(ascii: "f"))
        case 0x0D: output.append(UInt8(ascii: "r"))
        default:
            writeWord("u00")
            output.append(JSONBytes.hexadecimalDigit(byte >> 4))
            output.append(JSONBytes.hexadecimalDigit(byte & 15))
        }
    }

    /// Writes an identifier in lower-case hexadecimal.
    mutating func writeHexadecimal(_ bytes: RawSpan, _ range: Range<Int>) {
        output.reserve(range.count * 2 + 2)
        output.append(UInt8(ascii: "\""))
        for position in range {
            let byte = bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self)
            let digits = UInt16(JSONBytes.hexadecimalDigit(byte >> 4))
            output.append(littleEndian: digits | UInt16(JSONBytes.hexadecimalDigit(byte & 15)) << 8)
        }
        output.append(UInt8(ascii: "\""))
    }

    /// Writes bytes as base64 with padding (RFC 4648 section 4).
    mutating func writeBase64(_ bytes: RawSpan, _ range: Range<Int>) {
        output.reserve(range.count / 3 * 4 + 6)
        output.append(UInt8(ascii: "\""))
        var position = range.lowerBound
        while position < range.upperBound {
            let size = min(3, range.upperBound - position)
            var group: UInt32 = 0
            for index in 0..<3 {
                let byte =
                    index < size ? bytes.unsafeLoad(fromByteOffset: position + index, as: UInt8.self) : 0
                group = group << 8 | UInt32(byte)
            }
            for index in 0...3 {
                let digit = UInt8(truncatingIfNeeded: group >> UInt32(18 - 6 * index)) & 63
                output.append(index <= size ? JSONBytes.base64Digit(digit) : UInt8(ascii: "="))
            }
            position += size
        }
        output.append(UInt8(ascii: "\""))
    }

    /// Writes the digits of an integer.
    mutating func writeDigits(_ magnitude: UInt64, isNegative: Bool) {
        if isNegative { output.append(UInt8(ascii: "-")) }
        if magnitude < 10 { return output.append(UInt8(ascii: "0") + UInt8(magnitude)) }
        withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
            var first = 20
            var rest = magnitude
            while rest > 0 {
                first -= 1
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
                rest = quotient
            }
            output.append(UnsafeRawBufferPointer(rebasing: digits[first...]))
        }
    }

    /// Writes a word that JSON or this mapping gives a meaning.
    mutating func writeWord(_ word: StaticString) {
        output.append(UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }
}
