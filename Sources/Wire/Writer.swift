/// Writes messages in the protobuf wire format.
///
/// A nested message is written between `begin` and `end`: its length is patched in when it is known, in as
/// few bytes as it needs. Fields are written whether or not they hold their default value; leaving defaults
/// out is the caller's choice.
public struct Writer: ~Copyable, Sendable {
    @usableFromInline var builder: BytesBuilder

    /// The beginning of a nested message that is being written.
    public struct Mark: Sendable {
        /// Index of the first byte of the field, its tag.
        public let start: Int
        @usableFromInline let lengthStart: Int
        @usableFromInline let bodyStart: Int

        @usableFromInline
        init(start: Int, lengthStart: Int, bodyStart: Int) {
            self.start = start
            self.lengthStart = lengthStart
            self.bodyStart = bodyStart
        }
    }

    /// Makes room for `capacity` bytes; more is allocated when needed.
    @inlinable
    public init(capacity: Int = 256) {
        builder = BytesBuilder(capacity: capacity)
    }

    /// How many bytes have been written.
    @inlinable public var count: Int { builder.count }

    /// What has been written so far, valid inside `body` only.
    @inlinable
    public borrowing func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try builder.withUnsafeBytes(body)
    }

    /// Freezes what was written; no byte is copied.
    @inlinable
    public consuming func finish() -> Bytes { builder.finish() }

    /// Freezes what was written and begins anew with little room.
    public mutating func takeBytes() -> Bytes {
        var next = BytesBuilder(capacity: 16)
        swap(&builder, &next)
        return next.finish()
    }

    /// Forgets everything after the first `count` bytes and keeps the memory.
    ///
    /// Marks made after that point must not be used any more.
    @inlinable
    public mutating func truncate(to count: Int) { builder.truncate(to: count) }

    /// Begins a nested message in field `number`.
    ///
    /// `expecting` is a guess at its length in bytes; a wrong one costs a move of the body in `end`.
    @inlinable
    public mutating func begin(_ number: Int, expecting: Int = 0) -> Mark {
        let start = count
        writeTag(number, .lengthDelimited)
        let lengthStart = count
        builder.appendZeros(Self.varintSize(UInt64(truncatingIfNeeded: max(expecting, 0))))
        return Mark(start: start, lengthStart: lengthStart, bodyStart: count)
    }

    /// Ends the nested message that `mark` began.
    ///
    /// Messages end in the reverse order of their beginnings.
    @inlinable
    public mutating func end(_ mark: Mark) {
        let length = UInt64(count - mark.bodyStart)
        let size = Self.varintSize(length)
        if size != mark.bodyStart - mark.lengthStart {
            builder.move(from: mark.bodyStart, to: mark.lengthStart + size)
        }
        builder.patchVarint(length, at: mark.lengthStart)
    }

    /// Takes out what was written of the nested message that `mark` began, as a copy.
    ///
    /// The message is as empty as after `begin`, and goes on.
    public mutating func takeBody(of mark: Mark) -> Bytes {
        let body = withUnsafeBytes { Bytes(copying: UnsafeRawBufferPointer(rebasing: $0[mark.bodyStart...])) }
        truncate(to: mark.bodyStart)
        return body
    }

    /// How many bytes a varint takes: 1 to 10.
    @inlinable
    public static func varintSize(_ value: UInt64) -> Int {
        (70 - (value | 1).leadingZeroBitCount) / 7
    }

    /// Writes a varint without a tag.
    @inlinable
    public mutating func writeVarint(_ value: UInt64) {
        builder.reserve(10)
        builder.appendVarintUnchecked(value)
    }

    /// Writes a tag alone.
    @inlinable
    public mutating func writeTag(_ number: Int, _ type: WireType) {
        writeVarint(UInt64(Tag(number, type).rawValue))
    }
}
