internal import Formats
internal import Telemetry
internal import Wire

/// Batches that are being made of the events of messages.
struct ForwardPieces: ~Copyable {
    private var builder: LogsBuilder?
    private var done: [Batch] = []

    /// A piece that has so many bytes takes no further event.
    private static let pieceSize = 4 << 20
    /// Messages share a piece when they cannot become larger than this, whatever they hold.
    private static let smallMessage = 1 << 20
    /// How much larger a message may become as OTLP, where each event has the tag: 16 times what it is, for
    /// short events with a long tag, and four times the limit.
    private static let growth = (message: 16, limit: 4)

    /// Whether there is enough to hand on.
    var isFull: Bool { !done.isEmpty }

    /// Adds the events of one message, all of them or none.
    ///
    /// - Parameters:
    ///   - entries: the events.
    ///   - tag: their tag.
    ///   - translator: turns them into log records.
    ///   - now: nanoseconds since 1970, for events without a time.
    ///   - limit: the most bytes of a message, by which what it may become is bounded as well.
    /// - Throws: `.fault` when it becomes larger than that.
    mutating func append(
        _ entries: ForwardEntries, tag: Bytes, _ translator: inout ForwardTranslator, now: UInt64, limit: Int
    ) throws(ForwardEntries.Failure) {
        let isLarge = Self.largest(entries.range.count, tag: tag) > Self.smallMessage
        if isLarge { finishPiece() }
        let before = done.count
        let bound = min(limit * Self.growth.limit, entries.range.count * Self.growth.message + (1 << 20))
        var left = isLarge ? bound : .max
        var current = builder.take() ?? LogsBuilder()
        var reader = MessagePackReader(entries.bytes, in: entries.range)
        while !reader.isAtEnd {
            if current.byteCount >= Self.pieceSize {
                left -= isLarge ? current.byteCount : 0
                done.append(current.finish())
                current = LogsBuilder()
            }
            // The array around a time and a record.
            if !entries.isSingle { _ = try? reader.next() }
            translator.limit = left
            translator.write(&reader, tag: tag, isSingle: entries.isSingle, now: now, to: &current)
            guard translator.isOverfull else { continue }
            translator.reset()
            done.removeLast(done.count - before)
            let reason = "the message becomes larger than \(bound) bytes as OTLP"
            throw .fault(ForwardFault(reason: reason, offset: 0))
        }
        builder = consume current
        if isLarge { finishPiece() }
    }

    /// What was made.
    consuming func finish() -> [Batch] {
        finishPiece()
        return done.filter { $0.itemCount > 0 }
    }

    /// The most bytes that entries can become: -1 is one byte there and 13 here, an event at least three and
    /// then some 40 more than its tag.
    private static func largest(_ entries: Int, tag: Bytes) -> Int {
        entries * 13 + (entries / 3 + 1) * (tag.count + 40)
    }

    private mutating func finishPiece() {
        if let whole = builder.take() { done.append(whole.finish()) }
    }
}
