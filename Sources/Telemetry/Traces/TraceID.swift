public import Wire

/// What all spans of a trace have in common: 16 bytes, or none, which is all zeroes.
public struct TraceID: Hashable, Sendable {
    /// The first eight bytes, the first one highest.
    public let high: UInt64
    /// The last eight bytes.
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads 16 bytes; anything else is the id without bytes.
    public init(_ memory: UnsafeRawBufferPointer) {
        guard memory.count == 16 else {
            self.init(high: 0, low: 0)
            return
        }
        self.init(
            high: UInt64(bigEndian: memory.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
            low: UInt64(bigEndian: memory.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }

    /// The 16 bytes.
    public var bytes: Bytes {
        var builder = BytesBuilder(capacity: 16)
        for word in [high, low] {
            withUnsafeBytes(of: word.bigEndian) { builder.append($0) }
        }
        return builder.finish()
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(high)
        hasher.combine(low)
    }
}
