/// What reading and writing JSON both need to know about single bytes.
enum JSONBytes {
    /// Finds the first byte of `word`, the lowest first, that a string cannot hold as it is or that is not
    /// ASCII.
    ///
    /// The top bit of that byte is set in the result, which is zero when there is none. Bytes after the first
    /// may be marked wrongly.
    @inline(__always)
    static func special(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = (word ^ (ones &* 0x22)) &- ones
        let backslashes = (word ^ (ones &* 0x5C)) &- ones
        let controls = word &- (ones &* 0x20)
        return (word | quotes | backslashes | controls) & (ones &* 0x80)
    }

    /// The value of a hexadecimal digit of either case.
    @inline(__always)
    static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte &- UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte &- (UInt8(ascii: "a") - 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte &- (UInt8(ascii: "A") - 10)
        default: nil
        }
    }

    /// The lower-case digit of a value below 16.
    @inline(__always)
    static func hexadecimalDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
    }

    /// The digit of a value below 64 in the standard alphabet (RFC 4648 section 4).
    @inline(__always)
    static func base64Digit(_ value: UInt8) -> UInt8 {
        switch value {
        case 0..<26: UInt8(ascii: "A") + value
        case 26..<52: UInt8(ascii: "a") + value - 26
        case 52..<62: UInt8(ascii: "0") + value - 52
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    /// The value of a base64 digit of either alphabet (RFC 4648 sections 4 and 5).
    @inline(__always)
    static func base64(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte) - 97 + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte) - 48 + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }

    /// Lends the UTF-8 of a scalar value, which is no surrogate.
    static func withUTF8(of scalar: UInt32, _ body: (UnsafeRawBufferPointer) -> Void) {
        var bytes: UInt32
        let count: Int
        switch scalar {
        case 0..<0x80: (bytes, count) = (scalar, 1)
        case 0x80..<0x800: (bytes, count) = (0x80C0 | scalar >> 6 | (scalar & 0x3F) << 8, 2)
        case 0x800..<0x1_0000:
            bytes = 0x8080E0 | scalar >> 12 | (scalar >> 6 & 0x3F) << 8 | (scalar & 0x3F) << 16
            count = 3
        default:
            bytes = 0x8080_80F0 | scalar >> 18 | (scalar >> 12 & 0x3F) << 8
            bytes |= (scalar >> 6 & 0x3F) << 16 | (scalar & 0x3F) << 24
            count = 4
        }
        withUnsafeBytes(of: bytes.littleEndian) { body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
}
