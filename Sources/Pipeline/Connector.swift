public import Telemetry

/// A component that ends some pipelines and begins others.
///
/// Like a processor it has a value of its own on every lane.
public protocol Connector: Component {
    /// Which signals may come in and what then goes out.
    static var conversions: [(from: Signal, to: Signal)] { get }
    /// Takes `batch` and hands on what follows from it.
    mutating func consume(_ batch: consuming Batch, into outlets: ConnectorOutlets) throws(Rejection)
        -> Receipt
}

/// The pipelines a connector feeds, on the lane it works on.
public struct ConnectorOutlets {
    private let lane: Int
    private let outlets: [PipelineID: Outlet]
    private let bySignal: [Signal: Outlet]

    /// `bySignal` reaches all pipelines of a signal at once, `outlets` one of them.
    public init(lane: Int, outlets: [PipelineID: Outlet], bySignal: [Signal: Outlet]) {
        self.lane = lane
        self.outlets = outlets
        self.bySignal = bySignal
    }

    /// Hands `batch` to every pipeline of its signal that this connector feeds.
    public func send(_ batch: consuming Batch) throws(Rejection) -> Receipt {
        guard let outlet = bySignal[batch.signal] else { return .accepted }
        return try outlet.send(batch, on: lane)
    }

    /// Hands `batch` to one pipeline.
    public func send(_ batch: consuming Batch, to pipeline: PipelineID) throws(Rejection) -> Receipt {
        guard let outlet = outlets[pipeline] else {
            throw .never(reason: "the connector does not feed the pipeline \(pipeline)")
        }
        return try outlet.send(batch, on: lane)
    }
}
