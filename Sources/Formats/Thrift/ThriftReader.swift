public import Wire

/// Reads Apache Thrift value by value, without copying and without making anything.
///
/// No input makes it crash or reserve memory: what is claimed is compared with what is there. A list of a
/// million elements has at least a million bytes behind it, or it is an error where it begins.
public struct ThriftReader: Sendable {
    /// Levels of structs, lists and maps that are stepped over.
    public static let nestingLimit = 64
    /// The longest name of a method.
    private static let nameLimit = 256

    /// What is read.
    public let bytes: Bytes
    /// How it is laid out.
    public let encoding: ThriftEncoding
    /// Index of the next byte.
    public private(set) var position: Int

    /// Stands at the index `position` of `bytes`.
    public init(_ bytes: Bytes, _ encoding: ThriftEncoding, at position: Int = 0) {
        precondition(position >= 0 && position <= bytes.count, "reading outside of the bytes")
        self.bytes = bytes
        self.encoding = encoding
        self.position = position
    }

    /// Bytes that have not been read.
    private var left: Int { bytes.count - position }

    // MARK: - Messages, structs and lists

    /// Reads the beginning of a message, in the binary protocol with or without a version.
    public mutating func message() throws(ThriftError) -> ThriftMessage {
        let start = position
        let (name, kind): (Range<Int>, UInt8)
        switch encoding {
        case .compact:
            guard try byte() == 0x82 else { throw ThriftError(.wrongHeader, at: start) }
            let second = try byte()
            guard second & 0x1F == 1 else { throw ThriftError(.wrongHeader, at: start) }
            _ = try varint()
            (name, kind) = (try binary(), second >> 5)
        case .binary:
            let first = UInt32(truncatingIfNeeded: try bigEndian(4))
            if first & 0x8000_0000 != 0 {
                guard first & 0xFFFF_0000 == 0x8001_0000 else { throw ThriftError(.wrongHeader, at: start) }
                (name, kind) = (try binary(), UInt8(truncatingIfNeeded: first))
            } else {
                (name, kind) = (try take(Int(first)), try byte())
            }
            _ = try bigEndian(4)
        }
        guard name.count <= Self.nameLimit, let kind = ThriftMessage.Kind(rawValue: kind) else {
            throw ThriftError(.wrongHeader, at: start)
        }
        return ThriftMessage(name: bytes[name].string, kind: kind)
    }

    /// Reads the beginning of the next field of a struct; `nil` is the end of the struct.
    ///
    /// `last` is the number of the field before, 0 at the beginning of the struct.
    public mutating func field(after last: inout Int16) throws(ThriftError) -> ThriftField? {
        let start = position
        let head = try byte()
        switch encoding {
        case .binary:
            guard head != 0 else { return nil }
            guard let type = ThriftType(rawValue: head) else {
                throw ThriftError(.unknownType(head), at: start)
            }
            last = Int16(truncatingIfNeeded: try bigEndian(2))
            return ThriftField(type: type, number: last, flag: nil)
        case .compact:
            let code = head & 0x0F
            guard code != 0 else { return nil }
            guard let type = ThriftType(compact: code) else {
                throw ThriftError(.unknownType(code), at: start)
            }
            if head >> 4 == 0 {
                last = try i16()
            } else {
                let (number, isOver) = last.addingReportingOverflow(Int16(head >> 4))
                guard !isOver else { throw ThriftError(.numberTooLarge, at: start) }
                last = number
            }
            return ThriftField(type: type, number: last, flag: type == .bool ? code == 1 : nil)
        }
    }

    /// Reads the beginning of a list or set: the type of its elements and how many follow.
    public mutating func list() throws(ThriftError) -> (type: ThriftType, count: Int) {
        let start = position
        let head = try byte()
        let (type, count): (ThriftType, Int)
        switch encoding {
        case .binary: (type, count) = (try self.type(head, start), try length())
        case .compact:
            type = try self.type(head & 0x0F, start)
            count = head >> 4 == 15 ? try length() : Int(head >> 4)
        }
        guard count <= left / type.smallestSize(encoding) else { throw ThriftError(.truncated, at: start) }
        return (type, count)
    }

    private func type(_ number: UInt8, _ start: Int) throws(ThriftError) -> ThriftType {
        let type = encoding == .binary ? ThriftType(rawValue: number) : ThriftType(compact: number)
        guard let type else { throw ThriftError(.unknownType(number), at: start) }
        return type
    }

    // MARK: - Values

    /// Reads the boolean of a field.
    public mutating func bool(_ field: ThriftField) throws(ThriftError) -> Bool {
        if let flag = field.flag { return flag }
        return try byte() == 1
    }

    /// Reads a number of 16 bits.
    public mutating func i16() throws(ThriftError) -> Int16 {
        let start = position
        let value = encoding == .binary ? try signed(2) : try zigZag()
        guard let value = Int16(exactly: value) else { throw ThriftError(.numberTooLarge, at: start) }
        return value
    }

    /// Reads a number of 32 bits.
    public mutating func i32() throws(ThriftError) -> Int32 {
        let start = position
        let value = encoding == .binary ? try signed(4) : try zigZag()
        guard let value = Int32(exactly: value) else { throw ThriftError(.numberTooLarge, at: start) }
        return value
    }

    /// Reads a number of 64 bits.
    public mutating func i64() throws(ThriftError) -> Int64 {
        encoding == .binary ? try signed(8) : try zigZag()
    }

    /// Reads a number with a fraction.
    public mutating func double() throws(ThriftError) -> Double {
        let bits = try bigEndian(8)
        // The compact protocol has the least significant byte first, as all that speak it do.
        return Double(bitPattern: encoding == .binary ? bits : bits.byteSwapped)
    }

    /// Reads text or bytes: where they are.
    ///
    /// That text is UTF-8 has not been checked.
    public mutating func binary() throws(ThriftError) -> Range<Int> {
        let start = position
        let count = try length()
        guard count <= left else { throw ThriftError(.truncated, at: start) }
        return try take(count)
    }

    // MARK: - Stepping over

    /// Steps over the value of a field with everything inside of it.
    public mutating func skip(_ field: ThriftField) throws(ThriftError) {
        if field.flag == nil { try skip(field.type, depth: 0) }
    }

    /// Steps over a value of a type with everything inside of it.
    public mutating func skip(_ type: ThriftType) throws(ThriftError) { try skip(type, depth: 0) }

    private mutating func skip(_ type: ThriftType, depth: Int) throws(ThriftError) {
        guard depth < Self.nestingLimit else {
            throw ThriftError(.tooDeep(limit: Self.nestingLimit), at: position)
        }
        switch type {
        case .bool, .byte: _ = try byte()
        case .double: _ = try take(8)
        case .uuid: _ = try take(16)
        case .i16, .i32, .i64:
            if encoding == .compact {
                _ = try varint()
            } else {
                _ = try take(type.smallestSize(.binary))
            }
        case .binary: _ = try binary()
        case .structure:
            var last: Int16 = 0
            while let field = try field(after: &last) {
                if field.flag == nil { try skip(field.type, depth: depth + 1) }
            }
        case .list, .set:
            let (element, count) = try list()
            for _ in 0..<count { try skip(element, depth: depth + 1) }
        case .map: try skipMap(depth: depth)
        }
    }

    private mutating func skipMap(depth: Int) throws(ThriftError) {
        let start = position
        let (types, count): ((UInt8, UInt8), Int)
        switch encoding {
        case .binary: (types, count) = ((try byte(), try byte()), try length())
        case .compact:
            count = try length()
            guard count > 0 else { return }
            let both = try byte()
            types = (both >> 4, both & 0x0F)
        }
        // An empty map may have no types.
        guard count > 0 else { return }
        let (key, value) = (try type(types.0, start), try type(types.1, start))
        let smallest = key.smallestSize(encoding) + value.smallestSize(encoding)
        guard count <= left / smallest else { throw ThriftError(.truncated, at: start) }
        for _ in 0..<count {
            try skip(key, depth: depth + 1)
            try skip(value, depth: depth + 1)
        }
    }

    // MARK: - Bytes

    private mutating func byte() throws(ThriftError) -> UInt8 {
        guard left > 0 else { throw ThriftError(.truncated, at: position) }
        position += 1
        return bytes[position - 1]
    }

    private mutating func take(_ count: Int) throws(ThriftError) -> Range<Int> {
        guard count <= left else { throw ThriftError(.truncated, at: position) }
        position += count
        return (position - count)..<position
    }

    /// A length or a count, which is not negative.
    private mutating func length() throws(ThriftError) -> Int {
        let start = position
        guard encoding == .compact else {
            let length = try signed(4)
            guard length >= 0 else { throw ThriftError(.negativeLength, at: start) }
            return Int(length)
        }
        let length = try varint()
        guard length <= UInt64(Int32.max) else { throw ThriftError(.negativeLength, at: start) }
        return Int(length)
    }

    private mutating func bigEndian(_ size: Int) throws(ThriftError) -> UInt64 {
        var value: UInt64 = 0
        for index in try take(size) { value = value << 8 | UInt64(bytes[index]) }
        return value
    }

    private mutating func signed(_ size: Int) throws(ThriftError) -> Int64 {
        let unused = UInt64(64 - size * 8)
        return Int64(bitPattern: try bigEndian(size) << unused) >> Int64(unused)
    }

    private mutating func zigZag() throws(ThriftError) -> Int64 { ZigZag.decode(try varint()) }

    private mutating func varint() throws(ThriftError) -> UInt64 {
        let start = position
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            let byte = try byte()
            value |= UInt64(byte & 0x7F) << shift
            guard byte >= 0x80 else {
                guard shift < 63 || byte <= 1 else { break }
                return value
            }
        }
        throw ThriftError(.numberTooLarge, at: start)
    }
}
