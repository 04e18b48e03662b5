internal import Logging
internal import NIOCore
internal import NIOPosix
public import Pipeline
internal import Synchronization
public import Telemetry

/// Surroundings for one component: what the engine would give it, under the control of a test.
public final class Harness: Sendable {
    /// Time and randomness; stands still until the test moves it.
    public let clock = ManualClock()
    /// The series the component registers.
    public let metrics = Metrics()
    /// How much memory there is: no limit, until a component sets one.
    public let memory: MemoryBudget
    /// What the component logs.
    public let log = RecordingLog()
    /// Event loops that run for the whole process, so nothing has to be shut down.
    public let lanes: [Lane]
    private let reported = Mutex(Reported())
    private let extensions = Mutex<[ComponentID: any Extension]>([:])

    private struct Reported {
        var statuses: [ComponentStatus] = []
        var watchers: [(status: ComponentStatus, continuation: CheckedContinuation<Void, Never>)] = []
    }

    /// Makes surroundings with `lanes` event loops, at most as many as the machine has cores.
    ///
    /// Limits in percent are those of 1000 MiB, unless `memory` says otherwise.
    public init(lanes: Int = 1, memory: MemoryProbe = MemoryProbe(total: { 1000 << 20 })) {
        self.memory = MemoryBudget(probe: memory)
        let loops = MultiThreadedEventLoopGroup.singleton.makeIterator().prefix(lanes)
        self.lanes = loops.enumerated().map { Lane(index: $0, eventLoop: $1) }
    }

    /// What the component said about itself, in order.
    public var statuses: [ComponentStatus] { reported.withLock { $0.statuses } }

    /// Returns when the component has said this about itself, now or at any time before.
    public func waitForStatus(_ status: ComponentStatus) async {
        await withCheckedContinuation { continuation in
            let isKnown = reported.withLock { reported in
                let isKnown = reported.statuses.contains(status)
                if !isKnown { reported.watchers.append((status, continuation)) }
                return isKnown
            }
            if isKnown { continuation.resume() }
        }
    }

    /// What a component called `id` gets when it is built.
    public func context(_ kind: ComponentKind, _ id: String) -> Context {
        let parts = id.split(separator: "/", maxSplits: 1).map(String.init)
        let name = parts.count > 1 ? parts[1] : nil
        return Context(
            id: ComponentID(type: parts.first ?? id, name: name), kind: kind, logger: log.logger(),
            lanes: lanes,
            metrics: metrics, memory: memory, clock: clock, userAgent: "Apus/test",
            extensionNamed: { id in self.extensions.withLock { $0[id] } },
            status: { self.report($0) })
    }

    /// Gives components that are built from now on an extension called `id`, whether it runs or not.
    public func give(_ found: any Extension, as id: String) {
        guard let id = ComponentID(parsing: id) else { return }
        extensions.withLock { $0[id] = found }
    }

    private func report(_ status: ComponentStatus) {
        let watchers = reported.withLock { reported in
            reported.statuses.append(status)
            let watchers = reported.watchers.filter { $0.status == status }
            reported.watchers.removeAll { $0.status == status }
            return watchers
        }
        for watcher in watchers { watcher.continuation.resume() }
    }

    /// The value of a counter or gauge, summed over its series with these labels; `nil` when there is none.
    public func metric(_ name: String, _ labels: KeyValuePairs<String, String> = [:]) -> Double? {
        let samples = metrics.snapshot().first { $0.name == name }?.samples ?? []
        let matching = samples.filter { sample in
            labels.allSatisfy { wanted in sample.labels.contains { $0 == wanted.key && $1 == wanted.value } }
        }
        guard !matching.isEmpty else { return nil }
        return matching.reduce(0) { sum, sample in
            switch sample.value {
            case .number(let number): sum + number
            case .histogram(let histogram): sum + Double(histogram.count)
            }
        }
    }

    /// An outlet whose batches arrive in `sink`, on every lane.
    public func outlet(_ signal: Signal, to sink: RecordingSink) async throws -> Outlet {
        let outlet = Outlet(signal: signal, lanes: lanes)
        for lane in lanes {
            try await lane.eventLoop.submit { outlet.connect(sink, on: lane.index) }.get()
        }
        return outlet
    }
}
