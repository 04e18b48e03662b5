import NIOCore
import Pipeline
import PipelineTesting
import Settings
import Synchronization
import Telemetry

/// Components whose behaviour a test decides, found by the id they are configured with.
final class FakeWorld: Sendable {
    private struct State {
        var received: [String: [Batch]] = [:]
        var refusals: [String: Rejection] = [:]
        var outlets: [String: Outlet] = [:]
        var startErrors: [String: ComponentError] = [:]
        var starts: [String: Int] = [:]
        var waiters: [(id: String, items: Int, arrival: PendingReceipt)] = []

        func items(at id: String) -> Int { (received[id] ?? []).reduce(0) { $0 + $1.itemCount } }

        /// Takes out those whose items are there.
        mutating func satisfied() -> [PendingReceipt] {
            let all = waiters
            waiters = all.filter { items(at: $0.id) < $0.items }
            return all.filter { items(at: $0.id) >= $0.items }.map { $0.arrival }
        }
    }

    private let state = Mutex(State())

    /// The world of the test that runs.
    @TaskLocal static var current = FakeWorld()

    /// The world of the test whose collector makes a component, also where that is made on its lane: it was
    /// tried out before, in the task of the test.
    static func around(_ context: Context) -> FakeWorld {
        Siblings.object(for: context) { FakeWorld.current }
    }

    func receive(_ batch: Batch, by id: String) throws(Rejection) {
        let refusal = state.withLock { state -> Rejection? in
            if let refusal = state.refusals[id] { return refusal }
            state.received[id, default: []].append(batch)
            return nil
        }
        if let refusal { throw refusal }
        for waiter in state.withLock({ $0.satisfied() }) { waiter.resolve(nil) }
    }

    /// Takes out what has arrived at `id`, and with it the claims of whoever waits for it.
    func take(at id: String) -> [Batch] { state.withLock { $0.received.removeValue(forKey: id) ?? [] } }

    /// Returns when at least `items` have arrived at `id`, or when the time of the test is over.
    func wait(for items: Int, at id: String) async {
        let arrival = PendingReceipt()
        let satisfied = state.withLock { state in
            state.waiters.append((id, items, arrival))
            return state.satisfied()
        }
        for waiter in satisfied { waiter.resolve(nil) }
        try? await arrival.wait()
    }

    func refuse(_ id: String, _ rejection: Rejection?) { state.withLock { $0.refusals[id] = rejection } }
    func refusal(of id: String) -> Rejection? { state.withLock { $0.refusals[id] } }
    func items(at id: String) -> Int {
        state.withLock { $0.items(at: id) }
    }
    func setOutlet(_ outlet: Outlet?, of id: String) { state.withLock { $0.outlets[id] = outlet } }
    func outlet(of id: String) -> Outlet? { state.withLock { $0.outlets[id] } }
    func failStart(of id: String, _ error: ComponentError?) { state.withLock { $0.startErrors[id] = error } }
    func started(_ id: String) { state.withLock { $0.starts[id, default: 0] += 1 } }
    func starts(of id: String) -> Int { state.withLock { $0.starts[id] ?? 0 } }
    func startError(of id: String) -> ComponentError? { state.withLock { $0.startErrors[id] } }
}

struct EmptyConfiguration: SettingGroup {
    static var fields: [Field<EmptyConfiguration>] { [] }
}

/// Hands its outlets to the world; `FakeWorld.outlet(of: "source/traces")` then sends into the pipelines.
struct SourceReceiver: Receiver {
    static let name = "source"
    static let summary = "Sends what a test gives it."
    let id: ComponentID
    let world: FakeWorld

    init(_ configuration: EmptyConfiguration, in context: Context) throws(ComponentError) {
        id = context.id
        world = FakeWorld.current
    }

    func run(_ session: ReceiverSession) async throws(ComponentError) {
        world.started(id.description)
        if let error = world.startError(of: id.description) { throw error }
        for signal in Signal.allCases {
            world.setOutlet(session.outlet(for: signal, transport: "test"), of: "\(id)/\(signal.rawValue)")
        }
        session.ready()
        _ = await session.stopRequested()
    }
}

/// Keeps what arrives.
struct TargetExporter: DirectExporter {
    static let name = "target"
    static let aliases = ["old_target"]
    static let summary = "Keeps what arrives."
    let id: ComponentID
    let world: FakeWorld

    init(_ configuration: EmptyConfiguration, in context: Context) throws(ComponentError) {
        id = context.id
        world = FakeWorld.current
    }

    func write(_ batch: Batch) throws(Rejection) { try world.receive(batch, by: id.description) }
}

/// Lets everything pass.
struct PassProcessor: Processor {
    static let name = "pass"
    static let summary = "Lets everything pass."

    struct Configuration: SettingGroup {
        var limit = 1
        init() {}
        static var fields: [Field<Configuration>] {
            [Field("limit", \.limit, "A number.") { $0 > 10 ? "must be at most 10" : nil }]
        }
    }

    init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        if configuration.limit == 7 { throw ComponentError("seven cannot work", key: "limit") }
    }

    static func problems(of configuration: Configuration, for signal: Signal) -> [Problem] {
        configuration.limit == 9 && signal == .logs ? [Problem("limit", "nine is too much for logs")] : []
    }

    mutating func process(_ batch: inout Batch) throws(Rejection) {}
}

/// Drops everything.
struct DropProcessor: Processor {
    static let name = "drop"
    static let summary = "Drops everything."
    init(_ configuration: EmptyConfiguration, in context: Context) throws(ComponentError) {}
    mutating func process(_ batch: inout Batch) throws(Rejection) { batch = Batch(signal: batch.signal) }
}

/// Keeps everything until the pipeline stops.
struct HoldProcessor: Holder {
    static let name = "hold"
    static let summary = "Keeps everything until the end."
    private var kept: [Batch] = []
    private let id: String
    private let world: FakeWorld
    var deadline: Instant? { nil }

    init(_ configuration: EmptyConfiguration, in context: Context) throws(ComponentError) {
        id = context.id.description
        world = FakeWorld.around(context)
    }

    mutating func take(_ batch: consuming Batch, into output: inout Output) throws(Rejection) {
        let taken = batch
        var shown = taken
        shown.claims = []
        try world.receive(shown, by: id)
        kept.append(taken)
    }
    mutating func release(into output: inout Output) {}
    mutating func drain(into output: inout Output) {
        for batch in kept { output.emit(batch) }
        kept = []
    }
}

/// Keeps everything until the pipeline stops, and lets go of one batch each time it is drained.
struct DripProcessor: Holder {
    static let name = "drip"
    static let summary = "Keeps everything until the end, and lets it go batch by batch."
    private var kept: [Batch] = []
    var deadline: Instant? { nil }
    var isDrained: Bool { kept.isEmpty }

    init(_ configuration: EmptyConfiguration, in context: Context) throws(ComponentError) {}

    mutating func take(_ batch: consuming Batch, into output: inout Output) throws(Rejection) {
        kept.append(batch)
    }
    mutating func release(into output: inout Output) {}
    mutating func drain(into output: inout Output) {
        if !kept.isEmpty { output.emit(kept.removeFirst()) }
    }
}

/// Keeps what arrives where its successor finds it; whoever has begun last on a lane lets it go at once.
struct RelayProcessor: Holder {
    typealias Configuration = PassProcessor.Configuration

    private final class Shelf: Sendable {
        let state = Mutex((kept: [Int: [Batch]](), owners: [Int: Int](), generations: 0))
    }

    static let name = "relay"
    static let summary = "Keeps what arrives for its successor."
    private let shelf: Shelf
    private let lane: Int
    private let generation: Int

    init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        shelf = Siblings.object(for: context) { Shelf() }
        lane = context.lanes.firstIndex { $0.eventLoop.inEventLoop } ?? 0
        generation = shelf.state.withLock { state in
            state.generations += 1
            return state.generations
        }
    }

    var deadline: Instant? {
        shelf.state.withLock { state in
            state.owners[lane] == generation && state.kept[lane] != nil ? Instant(offset: .zero) : nil
        }
    }

    mutating func begin() {
        shelf.state.withLock { $0.owners[lane] = max($0.owners[lane] ?? 0, generation) }
    }

    mutating func take(_ batch: consuming Batch, into output: inout Output) throws(Rejection) {
        let taken = batch
        shelf.state.withLock { $0.kept[lane, default: []].append(taken) }
    }

    mutating func release(into output: inout Output) {
        let batches = shelf.state.withLock { state in
            state.owners[lane] == generation ? state.kept.removeValue(forKey: lane) : nil
        }
        for batch in batches ?? [] { output.emit(batch) }
    }

    mutating func drain(into output: inout Output) { release(into: &output) }
}

/// Passes a signal on unchanged.
struct JoinConnector: Connector {
    static let name = "join"
    static let summary = "Joins pipelines."
    static let conversions: [(from: Signal, to: Signal)] = Signal.allCases.map { ($0, $0) }
    init(_ configuration: EmptyConfiguration, in context: Context) throws(ComponentError) {}

    mutating func consume(_ batch: consuming Batch, into outlets: ConnectorOutlets) throws(Rejection)
        -> Receipt
    {
        try outlets.send(batch)
    }
}

let fakeCatalog = ComponentCatalog(
    receivers: [SourceReceiver.self],
    processors: [PassProcessor.self, DropProcessor.self, HoldProcessor.self, RelayProcessor.self],
    exporters: [TargetExporter.self], connectors: [JoinConnector.self])
