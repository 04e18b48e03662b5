public import Logging
internal import Synchronization

/// Keeps what is logged.
public final class RecordingLog: Sendable {
    /// One line.
    public struct Line: Sendable {
        public let level: Logger.Level
        public let message: String
        public let metadata: [String: String]
    }

    private let state = Mutex<[Line]>([])

    public init() {}

    /// What was logged so far, in order.
    public var lines: [Line] { state.withLock { $0 } }

    /// The messages of one level, in order.
    public func messages(_ level: Logger.Level) -> [String] {
        lines.filter { $0.level == level }.map { $0.message }
    }

    /// A logger that writes here, everything from `level` on.
    public func logger(_ level: Logger.Level = .trace) -> Logger {
        var logger = Logger(label: "test") { _ in Handler(log: self) }
        logger.logLevel = level
        return logger
    }

    fileprivate func add(_ line: Line) { state.withLock { $0.append(line) } }

    private struct Handler: LogHandler {
        let log: RecordingLog
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            log.add(
                Line(level: event.level, message: "\(event.message)", metadata: all.mapValues { "\($0)" }))
        }
    }
}
