internal import Wire

/// The body of a response while it arrives.
///
/// Its memory grows with what has come, and not with what the server says will come: a server that claims a
/// long body and sends nothing costs nobody else their room.
struct ArrivingBody: ~Copyable {
    /// What became of a piece.
    enum Outcome { case kept, tooLarge, noRoom }

    /// Bytes that are allocated before anything has come, and for which nobody is asked.
    private static let firstSize = 64 << 10

    private let limit: Int
    private var builder: BytesBuilder
    /// Bytes that there is memory for.
    private(set) var capacity: Int

    /// An empty body that may have `limit` bytes; `expected` is its `content-length`.
    init(limit: Int, expected: Int?) {
        self.limit = limit
        capacity = max(min(expected ?? 0, Self.firstSize, limit), 64)
        builder = BytesBuilder(capacity: capacity)
    }

    /// Takes the next piece; `room` says how many bytes the process has for bodies.
    mutating func take(_ piece: UnsafeRawBufferPointer, room: () -> Int) -> Outcome {
        let needed = builder.count + piece.count
        guard needed <= limit else { return .tooLarge }
        if needed > capacity {
            let wanted = max(capacity * 2, needed)
            guard wanted <= Self.firstSize || wanted - capacity <= room() else { return .noRoom }
            builder.reserve(wanted - builder.count)
            capacity = wanted
        }
        builder.append(piece)
        return .kept
    }

    /// The whole body; no byte is copied.
    consuming func finish() -> Bytes { builder.finish() }
}
