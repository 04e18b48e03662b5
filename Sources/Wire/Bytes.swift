/// An immutable, shared region of memory: what travels through Apus instead of copies.
///
/// A value is a range of one reference-counted allocation, so slicing and passing on cost a retain and
/// never move a byte. Nothing can change the memory once a `Bytes` exists, which is what makes sharing it
/// between tasks and event loops safe.
///
/// `@unchecked Sendable` is sound because `start` points into `region`, which is read-only by the time a
/// `Bytes` exists and stays allocated for as long as the value holds it.
public struct Bytes: @unchecked Sendable {
    @usableFromInline let region: Region
    @usableFromInline let start: UnsafeRawPointer
    /// How many bytes the value spans.
    public let count: Int

    @usableFromInline
    init(region: Region, start: UnsafeRawPointer, count: Int) {
        self.region = region
        self.start = start
        self.count = count
    }

    /// No bytes at all.
    public static let empty = Bytes([])

    /// Copies `bytes` into a region of their own.
    public init(_ bytes: some Sequence<UInt8>) {
        var builder = BytesBuilder()
        for byte in bytes { builder.append(byte) }
        self = builder.finish()
    }

    /// Copies an array in one move.
    public init(_ bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { Bytes(copying: $0) }
    }

    /// Copies the UTF-8 of `text`.
    public init(utf8 text: String) {
        self.init(Array(text.utf8))
    }

    /// Copies memory that belongs to somebody else.
    public init(copying memory: UnsafeRawBufferPointer) {
        var builder = BytesBuilder(capacity: memory.count)
        builder.append(memory)
        self = builder.finish()
    }

    @inlinable public var isEmpty: Bool { count == 0 }

    /// The bytes from `range.lowerBound` up to `range.upperBound`, sharing the same region.
    ///
    /// Traps when the range is not inside `0...count`, as a collection's subscript does.
    @inlinable
    public subscript(range: Range<Int>) -> Bytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "slice outside of the bytes")
        return Bytes(region: region, start: start + range.lowerBound, count: range.count)
    }

    @inlinable
    public subscript(index: Int) -> UInt8 {
        precondition(index >= 0 && index < count, "index outside of the bytes")
        return start.load(fromByteOffset: index, as: UInt8.self)
    }

    /// Bytes of memory that the value keeps from being freed, and what an allocation costs besides: a slice
    /// keeps all that it was cut from.
    public var keptMemory: Int { region.size + LiveMemory.overhead }

    /// The same bytes for keeping them long: copied when they are less than half of the memory that they
    /// keep.
    public var trimmed: Bytes {
        count < region.size / 2 ? withUnsafeBytes { Bytes(copying: $0) } : self
    }

    /// Lends the memory for reading; the pointer is valid inside `body` only.
    @inlinable
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Lends the memory as a bounds-checked span.
    @inlinable
    public func withSpan<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: start, count: count).bytes)
    }

    /// A copy as an array, for tests and cold paths.
    public var array: [UInt8] { withUnsafeBytes { Array($0) } }

    /// The bytes decoded as UTF-8, with U+FFFD in place of what is not.
    public var string: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}
