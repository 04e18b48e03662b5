internal import Wire

/// How text is encoded, for the function Decode.
enum TextEncoding: Sendable {
    case base64(Base64Variant)
    case ascii, utf8, utf16(isBigEndian: Bool?), latin1, latin9, windows1252

    /// Names that are understood, those of IANA and some that are in use.
    static let names =
        Base64Variant.names + [
            "us-ascii", "utf-8", "utf-16", "utf-16le", "utf-16be", "iso-8859-1", "iso-8859-15",
            "windows-1252",
        ]

    init?(name: String) {
        if let variant = Base64Variant(name: name) {
            self = .base64(variant)
            return
        }
        switch name.lowercased() {
        case "us-ascii", "ascii", "iso646-us": self = .ascii
        case "utf-8", "utf8": self = .utf8
        case "utf-16", "utf16": self = .utf16(isBigEndian: nil)
        case "utf-16le", "utf16le": self = .utf16(isBigEndian: false)
        case "utf-16be", "utf16be": self = .utf16(isBigEndian: true)
        case "iso-8859-1", "latin1", "iso_8859-1": self = .latin1
        case "iso-8859-15", "latin-9", "iso_8859-15": self = .latin9
        case "windows-1252", "cp1252": self = .windows1252
        default: return nil
        }
    }

    /// The text that `bytes` stand for; throws where they stand for none.
    func decode(_ bytes: Bytes) throws(EvaluationError) -> Bytes {
        switch self {
        case .base64(let variant):
            guard let decoded = variant.decode(bytes) else { throw .message("the text is not valid base64") }
            return try Self.checked(Bytes(decoded))
        case .ascii:
            guard bytes.array.allSatisfy({ $0 < 0x80 }) else { throw .message("the text is not ASCII") }
            return bytes
        case .utf8: return try Self.checked(bytes)
        case .utf16(let isBigEndian): return try Self.utf16(bytes.array, isBigEndian)
        case .latin1: return Self.singles(bytes, [:])
        case .latin9: return Self.singles(bytes, Self.latin9Exceptions)
        case .windows1252: return Self.singles(bytes, Self.windows1252Exceptions)
        }
    }

    private static func checked(_ bytes: Bytes) throws(EvaluationError) -> Bytes {
        guard bytes.isText else { throw .message("what is decoded is not UTF-8") }
        return bytes
    }

    private static func utf16(_ bytes: [UInt8], _ isBigEndian: Bool?) throws(EvaluationError) -> Bytes {
        guard bytes.count.isMultiple(of: 2) else { throw .message("UTF-16 has an even number of bytes") }
        var (bytes, isBig) = (bytes[...], isBigEndian ?? true)
        if isBigEndian == nil, bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            isBig = bytes.first == 0xFE
            bytes = bytes.dropFirst(2)
        }
        let units = stride(from: bytes.startIndex, to: bytes.endIndex, by: 2).map { index in
            let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            return isBig ? first << 8 | second : second << 8 | first
        }
        return Bytes(utf8: String(decoding: units, as: UTF16.self))
    }

    /// Encodings of a byte for a character: Latin 1 with exceptions.
    private static func singles(_ bytes: Bytes, _ exceptions: [UInt8: UInt32]) -> Bytes {
        var text = String.UnicodeScalarView()
        for byte in bytes.array {
            text.append(Unicode.Scalar(exceptions[byte] ?? UInt32(byte)) ?? "\u{FFFD}")
        }
        return Bytes(utf8: String(text))
    }

    private static let latin9Exceptions: [UInt8: UInt32] = [
        0xA4: 0x20AC, 0xA6: 0x160, 0xA8: 0x161, 0xB4: 0x17D, 0xB8: 0x17E, 0xBC: 0x152, 0xBD: 0x153,
        0xBE: 0x178,
    ]

    private static let windows1252Exceptions: [UInt8: UInt32] = [
        0x80: 0x20AC, 0x82: 0x201A, 0x83: 0x192, 0x84: 0x201E, 0x85: 0x2026, 0x86: 0x2020, 0x87: 0x2021,
        0x88: 0x2C6, 0x89: 0x2030, 0x8A: 0x160, 0x8B: 0x2039, 0x8C: 0x152, 0x8E: 0x17D, 0x91: 0x2018,
        0x92: 0x2019, 0x93: 0x201C, 0x94: 0x201D, 0x95: 0x2022, 0x96: 0x2013, 0x97: 0x2014, 0x98: 0x2DC,
        0x99: 0x2122, 0x9A: 0x161, 0x9B: 0x203A, 0x9C: 0x153, 0x9E: 0x17E, 0x9F: 0x178,
    ]
}
