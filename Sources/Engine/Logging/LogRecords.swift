public import Logging
internal import Synchronization

/// One line of the log that is about a component.
public struct LogRecord: Sendable, Equatable {
    /// Position among the records of all components; grows, with gaps where those of others stand between.
    public let id: UInt64
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let time: UInt64
    public let level: Logger.Level
    /// What was written; what is longer than 8 KiB ends with `…`.
    public let message: String
    /// What stood beside it, without the name of the component; values longer than 1 KiB end with `…`.
    public let fields: [String: String]
}

/// What a component wrote to the log last.
public struct ComponentLog: Sendable, Equatable {
    /// The newest records, oldest first.
    public var records: [LogRecord] = []
    /// How many were there before them and had to make room.
    public var forgotten = 0
}

/// The last log records of each component, for whoever asks what it has said.
///
/// Bounded: of one component 256 records and 64 KiB, of which the oldest go first; of 128 components, of
/// which that one goes first that has been silent for longest. So it never holds more than 8 MiB.
final class LogRecords: Sendable {
    /// Names a component as log lines do.
    struct Key: Hashable, Sendable {
        let kind: String
        let id: String
    }

    static let countLimit = 256
    static let byteLimit = 64 << 10
    static let componentLimit = 128
    static let messageLimit = 8 << 10
    static let valueLimit = 1 << 10
    static let fieldLimit = 32

    private struct Ring {
        var log = ComponentLog()
        var bytes = 0
        /// The id of its newest record.
        var newest: UInt64 { log.records.last?.id ?? 0 }

        mutating func add(_ record: LogRecord) {
            log.records.append(record)
            bytes += record.size
            var first = 0
            while bytes > LogRecords.byteLimit || log.records.count - first > LogRecords.countLimit {
                bytes -= log.records[first].size
                first += 1
            }
            log.records.removeFirst(first)
            log.forgotten += first
        }
    }

    private struct State {
        var last: UInt64 = 0
        var rings: [Key: Ring] = [:]
    }

    private let state = Mutex(State())

    /// Adds what a component has written.
    func add(
        _ key: Key, _ time: UInt64, _ level: Logger.Level, _ message: String, _ fields: [(String, String)]
    ) {
        let message = Self.cut(message, to: Self.messageLimit)
        let fields = Dictionary(
            fields.prefix(Self.fieldLimit).map { ($0.0, Self.cut($0.1, to: Self.valueLimit)) }
        ) { _, new in new }
        state.withLock { state in
            state.last += 1
            if state.rings[key] == nil, state.rings.count >= Self.componentLimit {
                let silent = state.rings.min { $0.value.newest < $1.value.newest }
                if let silent { state.rings[silent.key] = nil }
            }
            state.rings[key, default: Ring()].add(
                LogRecord(id: state.last, time: time, level: level, message: message, fields: fields))
        }
    }

    /// What is remembered of a component; empty when nothing is.
    func log(of key: Key) -> ComponentLog { state.withLock { $0.rings[key]?.log ?? ComponentLog() } }

    /// At most `limit` bytes; what is longer ends with a mark.
    private static func cut(_ text: String, to limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        let mark = "…"
        // A scalar that is cut in two is left out; what is seen as one character can be as long as the text.
        var end = text.utf8.index(text.startIndex, offsetBy: limit - mark.utf8.count)
        while end > text.startIndex, UTF8.isContinuation(text.utf8[end]) {
            end = text.utf8.index(before: end)
        }
        return text[..<end] + mark
    }
}

extension LogRecord {
    /// The bytes that it counts for.
    fileprivate var size: Int {
        message.utf8.count + fields.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    }
}
