/// What the first bytes of a value say: its type, and how much belongs to it.
///
/// Lengths are those that are claimed; nothing has been compared with what is there.
struct MessagePackHeader {
    /// The types, with what the header itself holds of their values.
    enum Kind {
        case null, float32, float64, string, binary, array, map
        case bool(Bool)
        case int(Int64)
        /// A number in the bytes after the first one.
        case unsigned, signed
        case extended(type: Int8)
    }

    let kind: Kind
    /// Bytes of the header, 1 to 6.
    let size: Int
    /// Bytes that follow the header and belong to the value.
    let payload: Int
    /// Values that follow and are inside of it.
    let children: Int

    private init(_ kind: Kind, size: Int = 1, payload: Int = 0, children: Int = 0) {
        self.kind = kind
        self.size = size
        self.payload = payload
        self.children = children
    }

    /// Reads the header at `index`; `nil` when its bytes are not all there.
    init?(_ bytes: RawSpan, at index: Int) throws(MessagePackError) {
        guard index < bytes.byteCount else { return nil }
        let first = bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)
        let low = Int(first)
        switch first {
        case 0x00...0x7F: self.init(.int(Int64(first)))
        case 0x80...0x8F: self.init(.map, children: (low & 0x0F) * 2)
        case 0x90...0x9F: self.init(.array, children: low & 0x0F)
        case 0xA0...0xBF: self.init(.string, payload: low & 0x1F)
        case 0xC0: self.init(.null)
        case 0xC1: throw MessagePackError(.invalidByte, at: index)
        case 0xC2, 0xC3: self.init(.bool(first == 0xC3))
        case 0xCA: self.init(.float32, payload: 4)
        case 0xCB: self.init(.float64, payload: 8)
        case 0xCC...0xCF: self.init(.unsigned, payload: 1 << (low - 0xCC))
        case 0xD0...0xD3: self.init(.signed, payload: 1 << (low - 0xD0))
        case 0xE0...0xFF: self.init(.int(Int64(Int8(bitPattern: first))))
        default: self.init(sized: first, bytes, at: index)
        }
    }

    /// Reads a header with a length or a type of its own.
    private init?(sized first: UInt8, _ bytes: RawSpan, at index: Int) {
        let width: Int
        switch first {
        case 0xC4, 0xC7, 0xD9: width = 1
        case 0xC5, 0xC8, 0xDA, 0xDC, 0xDE: width = 2
        case 0xC6, 0xC9, 0xDB, 0xDD, 0xDF: width = 4
        default: width = 0
        }
        let hasType = (0xC7...0xC9).contains(first) || (0xD4...0xD8).contains(first)
        let size = 1 + width + (hasType ? 1 : 0)
        guard bytes.byteCount - index >= size else { return nil }
        let length = Int(Self.bigEndian(bytes, at: index + 1, width: width))
        let type =
            hasType ? bytes.unsafeLoad(fromByteOffset: index + size - 1, as: Int8.self) : 0
        switch first {
        case 0xC4...0xC6: self.init(.binary, size: size, payload: length)
        case 0xC7...0xC9: self.init(.extended(type: type), size: size, payload: length)
        case 0xD4...0xD8:
            self.init(.extended(type: type), size: size, payload: 1 << (Int(first) - 0xD4))
        case 0xD9...0xDB: self.init(.string, size: size, payload: length)
        case 0xDC, 0xDD: self.init(.array, size: size, children: length)
        default: self.init(.map, size: size, children: length * 2)
        }
    }

    /// A number of up to eight bytes, the highest first; they have to be there.
    static func bigEndian(_ bytes: RawSpan, at index: Int, width: Int) -> UInt64 {
        var value: UInt64 = 0
        for offset in 0..<width {
            value = value << 8 | UInt64(bytes.unsafeLoad(fromByteOffset: index + offset, as: UInt8.self))
        }
        return value
    }
}
