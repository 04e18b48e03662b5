internal import Glibc

/// Memory under construction: one owner appends to it and then freezes it into `Bytes` without a copy.
///
/// Growth doubles, so appending is amortised constant time. The caller bounds the size: a builder grows for
/// as long as it is appended to. Its memory counts as live (`LiveMemory`) from the first byte on.
public struct BytesBuilder: ~Copyable, @unchecked Sendable {
    // `@unchecked Sendable`: the pointer is owned by this value alone (it is not copyable), so whoever holds
    // the value is the only one who can touch the memory.
    @usableFromInline var memory: UnsafeMutableRawPointer
    @usableFromInline var capacity: Int
    /// How many bytes have been written so far.
    @inlinable public var count: Int { written }
    @usableFromInline var written = 0

    /// Makes room for `capacity` bytes; more is allocated when needed.
    public init(capacity: Int = 64) {
        let size = max(capacity, 16)
        memory = Self.check(malloc(size))
        self.capacity = size
        LiveMemory.add(size + LiveMemory.overhead)
    }

    deinit {
        free(memory)
        LiveMemory.add(-capacity - LiveMemory.overhead)
    }

    /// What has been written so far, valid inside `body` only.
    @inlinable
    public borrowing func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: memory, count: written))
    }

    /// Appends one byte.
    @inlinable
    public mutating func append(_ byte: UInt8) {
        reserve(1)
        memory.storeBytes(of: byte, toByteOffset: written, as: UInt8.self)
        written += 1
    }

    /// Appends a copy of `bytes`.
    @inlinable
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count)
        (memory + written).copyMemory(from: source, byteCount: bytes.count)
        written += bytes.count
    }

    /// Appends a copy of `bytes`.
    @inlinable
    public mutating func append(_ bytes: Bytes) {
        bytes.withUnsafeBytes { append($0) }
    }

    /// Appends a copy of an array.
    @inlinable
    public mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    /// Appends the UTF-8 of `text`.
    public mutating func append(utf8 text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Lends at least `minimum` bytes of room to `body`, which returns how many it filled.
    public mutating func appendInPlace<Failure: Error>(
        minimum: Int, _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) {
        reserve(minimum)
        let room = UnsafeMutableRawBufferPointer(start: memory + written, count: capacity - written)
        let filled = try body(room)
        precondition(filled >= 0 && filled <= room.count, "wrote past the room that was lent")
        written += filled
    }

    /// Makes sure that `extra` bytes fit without another allocation.
    @inlinable
    public mutating func reserve(_ extra: Int) {
        if capacity - written < extra { grow(extra) }
    }

    @usableFromInline
    mutating func grow(_ extra: Int) {
        let wanted = max(capacity * 2, written + extra)
        memory = Self.check(realloc(memory, wanted))
        LiveMemory.add(wanted - capacity)
        capacity = wanted
    }

    /// Forgets what was written and keeps the memory, for a builder that is used again and again.
    @inlinable
    public mutating func removeAll() { written = 0 }

    /// Freezes what was written; no byte is copied.
    public consuming func finish() -> Bytes {
        let region = Region(owning: memory, size: capacity)
        let bytes = Bytes(region: region, start: UnsafeRawPointer(memory), count: written)
        discard self
        return bytes
    }

    private static func check(_ memory: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer {
        // There is no way on without memory; stopping here names the cause, a wild write later would not.
        guard let memory else { preconditionFailure("out of memory") }
        return memory
    }
}
