internal import Synchronization
internal import Telemetry
internal import Wire

/// One batch in a spool: the handle by which it is read back and removed.
public final class SpoolRecord: Sendable {
    /// The way of a record; there is none back.
    ///
    /// What is in memory is indirect, because most records of a long spool are not.
    private enum State {
        /// Nobody has begun to write it; it can still be read from memory, or vanish without a trace.
        indirect case waiting(Content)
        /// The spool's thread is writing it.
        indirect case writing(Content)
        case written(SpoolLocation)
        case removed
    }

    /// What is written.
    struct Content {
        let batch: Batch
        let note: Bytes
    }

    /// Where the content can be found.
    enum Source {
        case memory(Content)
        case disk(SpoolLocation)
        case nowhere
    }

    /// Items in the batch.
    public let itemCount: Int
    /// Bytes of telemetry in the batch; on the disk it takes a little more.
    public let byteCount: Int
    /// When it was appended, in nanoseconds since 1970-01-01T00:00:00Z.
    public let time: UInt64
    private let state: Mutex<State>

    /// Makes a record that waits to be written.
    init(_ batch: Batch, note: Bytes, time: UInt64) {
        itemCount = batch.itemCount
        byteCount = batch.byteCount
        self.time = time
        state = Mutex(.waiting(Content(batch: batch, note: note)))
    }

    /// Makes the handle of a record that was found on the disk.
    init(_ facts: SegmentRecord.Facts, at location: SpoolLocation) {
        itemCount = facts.itemCount
        byteCount = facts.byteCount
        time = facts.time
        state = Mutex(.written(location))
    }

    /// Whether it is in a file and not removed; how safe it is there says the answer to its append.
    public var isWritten: Bool { location != nil }

    var location: SpoolLocation? {
        if case .disk(let location) = source { location } else { nil }
    }

    var source: Source {
        state.withLock { state in
            switch state {
            case .waiting(let content), .writing(let content): .memory(content)
            case .written(let location): .disk(location)
            case .removed: .nowhere
            }
        }
    }

    /// What is to be written; `nil` when the record was removed before its turn.
    func beginWriting() -> Content? {
        state.withLock { state in
            guard case .waiting(let content) = state else { return nil }
            state = .writing(content)
            return content
        }
    }

    /// Notes that it was written; `false` when it was removed meanwhile and has to be completed at once.
    func endWriting(at location: SpoolLocation) -> Bool {
        state.withLock { state in
            guard case .writing = state else { return false }
            state = .written(location)
            return true
        }
    }

    /// Ends the life of the record; its place when it has one on the disk that has to be completed.
    func remove() -> SpoolLocation? {
        state.withLock { state in
            defer { state = .removed }
            guard case .written(let location) = state else { return nil }
            return location
        }
    }
}
