internal import Logging
internal import NIOCore
internal import Pipeline
internal import Telemetry

/// A connector as a sink, whatever its type.
protocol ConnectorSink: DrainableSink {
    /// Its graph has taken over: from now on what the connector sends goes to `outlets`.
    func lead(to outlets: ConnectorOutlets)
    /// Another graph has taken over that does not have it: from now on it makes nothing until it is drained.
    ///
    /// What it has made and waits for room goes on with `successor`, if there is one.
    func retire(for successor: (any ConnectorSink)?)
    /// Takes over what has waited for room in a predecessor.
    func inherit(_ batches: [Batch])
    /// Sees to it that what is due goes on: a predecessor may have put something into what they share.
    func wake()
    /// Items that ended in the connector on purpose, of the batch it has just accepted.
    func takeFiltered() -> Int
}

/// One connector on one lane, as the end of the pipelines that feed it.
///
/// What comes in goes to the connector and its answer back to the sender. What the connector makes by itself
/// takes the way of what a step lets go: it waits here while the pipelines behind refuse it.
final class ConnectorNode<Joint: Connector>: ConnectorSink {
    private let node: StepNode<ConnectorStep<Joint>>
    private let outlets: ConnectorOutlets
    /// A graph that fails before it takes over must not touch what its connectors share with those that run.
    private var hasBegun = false

    init(_ connector: Joint, _ context: Context, at place: ConfiguredConnector.Place) {
        outlets = place.outlets
        node = StepNode(
            ConnectorStep(connector), next: OutletSink(place.outlets), lane: place.lane,
            clock: context.clock, ledger: StepLedger(), logger: context.logger, isPatient: true,
            dropped: { [drops = place.drops, id = context.id] in drops.note($0, .connector, id) })
    }

    func lead(to outlets: ConnectorOutlets) {
        self.outlets.lead(to: outlets)
        if hasBegun { return node.scheduleWakeUp() }
        hasBegun = true
        // It may find what its predecessor has collected.
        node.begin()
    }

    func retire(for successor: (any ConnectorSink)?) {
        node.step.stop()
        if let successor { successor.inherit(node.takeBacklog()) }
        node.scheduleWakeUp()
    }

    func inherit(_ batches: [Batch]) { node.inherit(batches) }

    func wake() { if hasBegun { node.scheduleWakeUp() } }

    func takeFiltered() -> Int { outlets.takeFiltered() }

    func consume(_ batch: consuming Batch) throws(Rejection) -> Receipt {
        let receipt = try node.step.connector.consume(batch, into: outlets)
        node.letGoDue()
        return receipt
    }

    func drain() -> Bool { hasBegun ? node.drain() : true }
    func abandon() -> Int { hasBegun ? node.abandon() : 0 }
}

/// What a connector makes by itself, as a step; nothing is put into it.
struct ConnectorStep<Joint: Connector>: HoldingStep {
    var connector: Joint
    /// Whether it only waits for being drained: what it shares with others is theirs by now.
    private var isStopping = false

    init(_ connector: Joint) { self.connector = connector }

    mutating func begin() { connector.begin() }
    mutating func stop() { isStopping = true }

    var deadline: Instant? { isStopping ? nil : connector.deadline }
    mutating func take(_ batch: consuming Batch, into output: inout Output) throws(Rejection) {}
    mutating func release(into output: inout Output) { connector.release(into: &output) }
    mutating func drain(into output: inout Output) {
        isStopping = true
        connector.drain(into: &output)
    }
}

/// The pipelines behind a connector as one sink.
private final class OutletSink: Sink {
    private let outlets: ConnectorOutlets

    init(_ outlets: ConnectorOutlets) { self.outlets = outlets }

    func consume(_ batch: consuming Batch) throws(Rejection) -> Receipt { try outlets.send(batch) }
}
