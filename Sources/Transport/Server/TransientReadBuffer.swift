internal import NIOCore

/// Gives every read of a socket a buffer that goes away with what was read.
///
/// A channel keeps the first buffer that it was given for as long as it lives, and, when it reads one message
/// at a time, no other one. So the first is very small, and those that follow are as large as what arrives
/// makes useful.
struct TransientReadBuffer: RecvByteBufferAllocator {
    private let maximum: Int
    private var size = smallest
    private var isFirst = true

    private static let smallest = 2048
    private static let kept = 64

    /// - Parameter maximum: the most bytes of one read.
    init(maximum: Int) { self.maximum = max(maximum, Self.smallest) }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        allocator.buffer(capacity: isFirst ? Self.kept : size)
    }

    mutating func record(actualReadBytes count: Int) -> Bool {
        if isFirst {
            isFirst = false
        } else if count >= size {
            size = min(size * 2, maximum)
        } else if count < size / 4 {
            size = max(size / 2, Self.smallest)
        }
        // This makes the channel ask for a buffer each time.
        return true
    }
}
