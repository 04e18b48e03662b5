import Pipeline
import PipelineTesting
import Settings
import Synchronization
import Telemetry

/// Counts the items that come in on all lanes, and makes as many logs when an interval is over or at the end.
struct SumConnector: Connector {
    struct Configuration: SettingGroup {
        var interval = Duration.seconds(3600)
        var label = 0
        init() {}
        static var fields: [Field<Configuration>] {
            [
                Field("interval", \.interval, "After how long it makes logs."),
                Field("label", \.label, "Makes it another connector, with the same sum."),
            ]
        }
    }

    /// What is shared by all lanes and by successors.
    final class State: Sendable {
        struct Content {
            var items = 0
            var due: Instant?
            var users = 0
        }

        let content = Mutex(Content())

        func take() -> Int {
            content.withLock { content in
                defer { (content.items, content.due) = (0, nil) }
                return content.items
            }
        }
    }

    static let name = "sum"
    static let summary = "Makes as many logs as there were items."
    static let conversions: [(from: Signal, to: Signal)] = [(.traces, .logs)]

    private let interval: Duration
    private let clock: any PipelineClock
    let state: State
    private var isUser = false

    init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        interval = configuration.interval
        clock = context.clock
        state = Siblings.object(for: context) { State() }
    }

    mutating func begin() {
        isUser = true
        state.content.withLock { $0.users += 1 }
    }

    mutating func consume(_ batch: consuming Batch, into outlets: ConnectorOutlets) throws(Rejection)
        -> Receipt
    {
        let (items, due) = (batch.itemCount, clock.now + interval)
        state.content.withLock { content in
            content.items += items
            content.due = content.due ?? due
        }
        return .accepted
    }

    var deadline: Instant? { state.content.withLock { $0.due } }

    mutating func release(into output: inout Output) {
        if let batch = try? Samples.batch(.logs, items: state.take()) { output.emit(batch) }
    }

    mutating func drain(into output: inout Output) {
        if isUser { state.content.withLock { $0.users -= 1 } }
        isUser = false
        if state.content.withLock({ $0.users == 0 }) { release(into: &output) }
    }
}
