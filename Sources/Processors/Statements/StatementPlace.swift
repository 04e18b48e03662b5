internal import OTTL
internal import Pipeline
internal import Telemetry

/// The telemetry of a signal as statements see it.
protocol StatementPlace: SendableMetatype {
    /// What the statements of the signal are called, as in `trace_statements`.
    static var name: String { get }
    /// The contexts that they may be about; the first is taken where nothing says one.
    static var contexts: [OTTLContext] { get }
}

enum TracePlace: StatementPlace {
    static let name = "trace"
    static let contexts: [OTTLContext] = [.span, .spanevent, .scope, .resource]
}

enum MetricPlace: StatementPlace {
    static let name = "metric"
    static let contexts: [OTTLContext] = [.metric, .datapoint, .scope, .resource]
}

enum LogPlace: StatementPlace {
    static let name = "log"
    static let contexts: [OTTLContext] = [.log, .scope, .resource]
}

extension StatementPlace {
    /// What is wrong with a context that was asked for.
    static func problem(with context: OTTLContext) -> String? {
        guard !contexts.contains(context) else { return nil }
        let names = contexts.map(\.rawValue).joined(separator: ", ")
        return "is no context of \(name)s; they have \(names)"
    }
}

extension Surroundings {
    /// What statements see in a processor.
    init(in context: Context) {
        let clock = context.clock
        self.init(now: { Int64(truncatingIfNeeded: clock.unixNanoseconds) })
    }
}
