internal import NIOCore
internal import Pipeline
internal import Synchronization
internal import Telemetry

/// A receiver that runs, and its outlets, which the engine leads to whichever graph is the current one.
final class RunningReceiver: Sendable {
    let record: ComponentRecord
    let running: RunningComponent
    let outlets: OutletBook

    /// Starts `receiver`; its outlets lead nowhere before `lead(to:)`.
    init(_ receiver: Built<any Receiver>, _ surroundings: EngineSurroundings) {
        record = receiver.record
        let book = OutletBook(receiver, surroundings)
        outlets = book
        let lifeline = Lifeline()
        let session = ReceiverSession(lifeline: lifeline) { signal, transport in
            book.outlet(for: signal, transport)
        }
        running = RunningComponent(receiver.record, surroundings, lifeline: lifeline) {
            () throws(ComponentError) in try await receiver.component.run(session)
        }
    }

    /// What came in, by signal and transport.
    var traffic: [ReceiverSnapshot] {
        outlets.lines.map { line in
            ReceiverSnapshot(
                id: record.id, signal: line.outlet.signal, transport: line.transport,
                accepted: line.outlet.traffic.accepted.value, refused: line.outlet.traffic.refused.value)
        }
    }
}

/// The outlets of one receiver.
final class OutletBook: Sendable {
    /// One outlet.
    struct Line: Sendable {
        let outlet: Outlet
        let transport: String
    }

    private struct State {
        var lines: [Line] = []
        /// Where new outlets lead; `nil` until the receiver may be fed.
        var graph: Graph?
        /// The last graph that named the receiver: what still comes in belongs to its pipelines.
        var home: Graph?
    }

    private let receiver: Built<any Receiver>
    private let surroundings: EngineSurroundings
    private let state = Mutex(State())

    init(_ receiver: Built<any Receiver>, _ surroundings: EngineSurroundings) {
        self.receiver = receiver
        self.surroundings = surroundings
    }

    var lines: [Line] { state.withLock { $0.lines } }

    /// A way for the receiver into the pipelines of `signal`; `nil` when none names the receiver.
    func outlet(for signal: Signal, _ transport: String) -> Outlet? {
        guard receiver.record.identity.signals.contains(signal) else { return nil }
        let labels: Metrics.Labels = [
            ("receiver", receiver.id.description), ("transport", transport),
        ]
        let items = signal.itemName
        let traffic = Traffic(
            accepted: surroundings.metrics.counter(
                "otelcol_receiver_accepted_\(items)", "Items accepted by the pipelines.", labels: labels),
            refused: surroundings.metrics.counter(
                "otelcol_receiver_refused_\(items)", "Items the pipelines refused.", labels: labels))
        let outlet = Outlet(signal: signal, lanes: surroundings.lanes, traffic: traffic)
        let graph = state.withLock { state in
            state.lines.append(Line(outlet: outlet, transport: transport))
            return state.graph
        }
        // These jobs run on the loops before anything that the receiver schedules there afterwards.
        if let graph {
            for lane in surroundings.lanes {
                lane.eventLoop.execute { self.connect(outlet, to: graph, on: lane.index) }
            }
        }
        return outlet
    }

    /// Leads the outlets that come to `graph`; gives those that exist, for `connect`.
    func lead(to graph: Graph) -> [Line] {
        state.withLock { state in
            state.graph = graph
            if graph.names(receiver.record) || state.home == nil { state.home = graph }
            return state.lines
        }
    }

    /// Leads one outlet into `graph` on one lane; must run on its event loop.
    ///
    /// A receiver that leaves serves the connections that it has to their end, into what its pipelines have
    /// become. Where they are gone too, its outlets stay as they are: what is behind them drains after it.
    func connect(_ outlet: Outlet, to graph: Graph, on lane: Int) {
        var targets = graph.targets(of: receiver.id, outlet.signal)
        if targets.isEmpty, let home = state.withLock({ $0.home }) {
            targets = home.targets(of: receiver.id, outlet.signal).filter { graph.hasPipeline($0) }
        }
        guard !targets.isEmpty else { return }
        let acknowledgement =
            receiver.component.settings.acknowledgement ?? graph.acknowledgement(into: targets)
        graph.connect(outlet, to: targets, acknowledgement, on: lane)
    }
}
