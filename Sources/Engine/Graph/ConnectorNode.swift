internal import Pipeline
internal import Telemetry

/// A connector as a sink, whatever its type.
protocol ConnectorSink: Sink {
    /// From now on what the connector sends goes to `outlets`.
    func lead(to outlets: ConnectorOutlets)
    /// Items that ended in the connector on purpose, of the batch it has just accepted.
    func takeFiltered() -> Int
}

/// One connector on one lane, as the end of the pipelines that feed it.
final class ConnectorNode<Joint: Connector>: ConnectorSink {
    private var connector: Joint
    private let outlets: ConnectorOutlets

    init(_ connector: Joint, outlets: ConnectorOutlets) {
        self.connector = connector
        self.outlets = outlets
    }

    func lead(to outlets: ConnectorOutlets) { self.outlets.lead(to: outlets) }

    func takeFiltered() -> Int { outlets.takeFiltered() }

    func consume(_ batch: consuming Batch) throws(Rejection) -> Receipt {
        try connector.consume(batch, into: outlets)
    }
}
