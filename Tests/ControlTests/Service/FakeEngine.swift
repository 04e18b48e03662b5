import Engine
import Pipeline
import PipelineTesting
import Settings
import Synchronization
import Telemetry

@testable import Control
@testable import Engine

/// An engine that runs nothing and remembers what it was told.
final class FakeEngine: ReconfigurableEngine {
    private struct State {
        var effective: [Tree] = []
        var failure: StartFailure?
        var snapshot = FakeEngine.snapshot()
        var changedExtension: ComponentID?
    }

    let events: EventLog
    private let clock: ManualClock
    private let state = Mutex(State())

    init(_ clock: ManualClock) {
        self.clock = clock
        events = EventLog(clock: clock)
    }

    /// The configurations that ran, the present one last.
    var effective: [Tree] { state.withLock { $0.effective } }

    /// Lets the next configurations fail in the component of this id; `nil` lets them run.
    func fail(_ id: String?) {
        let failure = id.map { id in
            StartFailure(
                GraphBuilder.Failure(
                    kind: .exporter, id: ComponentID(type: id),
                    error: ComponentError("the port is taken", key: "endpoint")))
        }
        state.withLock { $0.failure = failure }
    }

    /// Lets plans say that an extension is built anew.
    func change(_ id: String?) {
        state.withLock { $0.changedExtension = id.map { ComponentID(type: $0) } }
    }

    /// Sets what the components say from now on.
    func report(_ status: ComponentStatus) { state.withLock { $0.snapshot = Self.snapshot(status) } }

    func start(_ configuration: CollectorConfiguration) async throws(StartFailure) {
        _ = try await replace(with: configuration)
    }

    func plan(_ configuration: CollectorConfiguration) async throws(StartFailure) -> ReconfigurationPlan {
        let changed = state.withLock { $0.changedExtension }
        let steps = changed.map { id in
            ReconfigurationPlan.Step(kind: .extension, id: id, pipeline: nil, action: .adopt, cost: "")
        }
        return ReconfigurationPlan(steps: [steps].compactMap { $0 }, routes: [])
    }

    func replace(with configuration: CollectorConfiguration) async throws(StartFailure) -> Reconfiguration {
        let failure = state.withLock { state in
            if state.failure == nil { state.effective.append(configuration.tree(.revealed)) }
            return state.failure
        }
        if let failure { throw failure }
        return Reconfiguration(plan: ReconfigurationPlan(steps: [], routes: []), swapped: .milliseconds(1))
    }

    func snapshot() -> CollectorSnapshot {
        let snapshot = state.withLock { $0.snapshot }
        return CollectorSnapshot(
            time: clock.unixNanoseconds, uptime: clock.now - Instant(offset: .zero), isReady: true,
            components: snapshot.components, pipelines: [], receivers: [], queues: [])
    }

    private static func snapshot(_ status: ComponentStatus = .ok) -> CollectorSnapshot {
        let component = ComponentSnapshot(
            kind: .exporter, id: ComponentID(type: "target"), type: "target", instance: 1, status: status,
            since: 0, history: [], pipelines: [])
        return CollectorSnapshot(
            time: 0, uptime: .zero, isReady: true, components: [component], pipelines: [], receivers: [],
            queues: [])
    }
}

/// Settings of components that only have to be read.
struct TargetSettings: SettingGroup {
    var level = 1
    var endpoint = ""
    var path = ""
    var password = Secret("")

    init() {}

    static var fields: [Field<TargetSettings>] {
        [
            Field("level", \.level, "A number."), Field("endpoint", \.endpoint, "An address."),
            Field("path", \.path, "A path."), Field("password", \.password, "A secret."),
        ]
    }
}

struct SourceReceiver: Receiver {
    static let name = "source"
    static let summary = "Receives nothing."
    init(_ configuration: TargetSettings, in context: Context) throws(ComponentError) {}
    func run(_ session: ReceiverSession) async throws(ComponentError) {}
}

struct TargetExporter: Exporter {
    static let name = "target"
    static let summary = "Exports nothing."
    let delivery = DeliverySettings()
    init(_ configuration: TargetSettings, in context: Context) throws(ComponentError) {}
    func export(_ batch: Batch, on lane: Int) async throws(ExportFailure) -> ExportOutcome { .delivered }
}
