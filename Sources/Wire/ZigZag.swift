/// The mapping of signed to unsigned integers that the types sint32 and sint64 use.
public enum ZigZag {
    /// Small numbers of either sign become small unsigned numbers.
    @inlinable
    public static func encode(_ value: Int64) -> UInt64 {
        UInt64(bitPattern: value << 1 ^ value >> 63)
    }

    /// The number that `encode` was given.
    @inlinable
    public static func decode(_ value: UInt64) -> Int64 {
        Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }
}
