internal import Glibc
public import Logging
public import Pipeline
internal import Synchronization

/// Where log lines go and how they look: `service::telemetry::logs`.
///
/// One line is one `write`, so lines of several threads do not mix. Levels can be changed while the process
/// runs.
public final class LogOutput: Sendable {
    /// How a line is written.
    public enum Encoding: String, CaseIterable, Sendable {
        case console, json
    }

    /// The fields of a line that name the component that it is about.
    static let idField = "otelcol.component.id"
    static let kindField = "otelcol.component.kind"

    private struct Levels {
        var standard: Logger.Level
        var components: [String: Logger.Level]
    }

    private let encoding: Encoding
    private let descriptors: [Int32]
    private let fields: [(String, String)]
    private let sampler: LogSampler?
    private let levels: Mutex<Levels>
    private let tail = LogTail()
    private let records = LogRecords()

    /// Writes to `descriptors`, which stay open for as long as the process runs.
    ///
    /// `components` sets levels of their own for component ids; `fields` are added to every line.
    public init(
        encoding: Encoding = .console, level: Logger.Level = .info, components: [String: Logger.Level] = [:],
        descriptors: [Int32] = [2], fields: [(String, String)] = [], sampler: LogSampler? = nil
    ) {
        self.encoding = encoding
        self.descriptors = descriptors
        self.fields = fields
        self.sampler = sampler
        levels = Mutex(Levels(standard: level, components: components))
    }

    /// A logger of the collector itself.
    public func logger() -> Logger { logger(component: nil, metadata: [:]) }

    /// A logger whose lines name a component.
    public func logger(_ kind: ComponentKind, _ id: ComponentID) -> Logger {
        logger(
            component: id.description,
            metadata: [Self.idField: "\(id)", Self.kindField: "\(kind.rawValue)"])
    }

    private func logger(component id: String?, metadata: Logger.Metadata) -> Logger {
        var logger = Logger(label: "apus") { _ in LogLineHandler(output: self, component: id) }
        for (key, value) in metadata { logger[metadataKey: key] = value }
        return logger
    }

    /// The level that holds for a component, or for the collector when `component` is `nil`.
    public func level(of component: String?) -> Logger.Level {
        levels.withLock { levels in component.flatMap { levels.components[$0] } ?? levels.standard }
    }

    /// The last lines that were written, oldest first, 64 KiB of them.
    public var lastLines: [String] { tail.lines }

    /// What a component wrote last, as far as its level and the sampling let it through; bounded, as
    /// `ComponentLog` says.
    public func log(of kind: ComponentKind, _ id: ComponentID) -> ComponentLog {
        records.log(of: LogRecords.Key(kind: kind.rawValue, id: id.description))
    }

    /// The levels of components that have one of their own, by their ids.
    public var componentLevels: [String: Logger.Level] { levels.withLock { $0.components } }

    /// Sets the level of one component, or of all that have none of their own; `nil` removes a component's.
    public func setLevel(_ level: Logger.Level?, of component: String?) {
        levels.withLock { levels in
            if let component {
                levels.components[component] = level
            } else if let level {
                levels.standard = level
            }
        }
    }

    /// Sets all levels at once.
    public func setLevels(_ level: Logger.Level, components: [String: Logger.Level]) {
        levels.withLock { $0 = Levels(standard: level, components: components) }
    }

    func write(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) {
        if let sampler, !sampler.admits(level, message) { return }
        let own = metadata.keys.sorted().map { key in (key, metadata[key].map { "\($0)" } ?? "") }
        let time = LogLine.now()
        let line =
            switch encoding {
            case .console: LogLine.console(time, level, message, fields + own)
            case .json: LogLine.json(time, level, message, fields + own)
            }
        tail.add(line)
        if let kind = metadata[Self.kindField], let id = metadata[Self.idField] {
            let rest = own.filter { $0.0 != Self.kindField && $0.0 != Self.idField }
            records.add(LogRecords.Key(kind: "\(kind)", id: "\(id)"), time, level, message, rest)
        }
        var text = line
        text.withUTF8 { bytes in
            for descriptor in descriptors { Self.write(UnsafeRawBufferPointer(bytes), to: descriptor) }
        }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) {
        var rest = bytes[...]
        while let base = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
            let written = Glibc.write(descriptor, base, rest.count)
            if written < 0 && errno == EINTR { continue }
            // A log that cannot be written must not stop telemetry; there is nowhere to say so either.
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }
}

/// What swift-log talks to: one per logger, all of them with the same output.
struct LogLineHandler: LogHandler {
    let output: LogOutput
    let component: String?
    var metadata: Logger.Metadata = [:]

    init(output: LogOutput, component: String?) {
        self.output = output
        self.component = component
    }

    /// Read from the output each time, so that a change of level reaches loggers that exist already.
    var logLevel: Logger.Level {
        get { output.level(of: component) }
        set { output.setLevel(newValue, of: component) }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let own = event.metadata ?? [:]
        output.write(event.level, "\(event.message)", metadata.merging(own) { _, new in new })
    }
}
