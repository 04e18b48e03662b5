internal import Pipeline
internal import Telemetry

/// One connector on one lane, as the end of the pipelines that feed it.
final class ConnectorNode<Joint: Connector>: Sink {
    private var connector: Joint
    private let outlets: ConnectorOutlets

    init(_ connector: Joint, outlets: ConnectorOutlets) {
        self.connector = connector
        self.outlets = outlets
    }

    func consume(_ batch: consuming Batch) throws(Rejection) -> Receipt {
        try connector.consume(batch, into: outlets)
    }
}
