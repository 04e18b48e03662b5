/// The number and the wire type that stand before every field of a message.
public struct Tag: Sendable, Equatable {
    /// As it is encoded: number and type together.
    public let rawValue: UInt32

    /// Makes the tag of field `number`, which is 1 or more and below 2^29.
    @inlinable
    public init(_ number: Int, _ type: WireType) {
        rawValue = UInt32(truncatingIfNeeded: number) << 3 | UInt32(type.rawValue)
    }

    /// Reads a decoded tag; `nil` for field number 0 and for the wire types that do not exist.
    @inlinable
    public init?(rawValue: UInt64) {
        guard rawValue >= 8, rawValue <= UInt64(UInt32.max), rawValue & 7 < 6 else { return nil }
        self.rawValue = UInt32(truncatingIfNeeded: rawValue)
    }

    /// The number of the field.
    @inlinable public var number: Int { Int(rawValue >> 3) }

    /// How its value is laid out.
    @inlinable public var type: WireType { WireType(rawValue: UInt8(rawValue & 7)) ?? .varint }
}
