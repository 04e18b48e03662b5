internal import NIOCore
internal import Pipeline
internal import Settings
internal import Telemetry

/// What stands behind the queue in front of a connector: the connector, on the lane that a batch came on.
final class ConnectorEnd: PassingExporter {
    static let name = "connector"
    static let summary = "Hands batches from a queue to a connector."

    let delivery: DeliverySettings
    private let loops: [any EventLoop]
    private let connectors: [NIOLoopBoundBox<(any ConnectorSink)?>]

    init(_ delivery: DeliverySettings, lanes: [Lane]) {
        self.delivery = delivery
        loops = lanes.map { $0.eventLoop }
        connectors = lanes.map {
            NIOLoopBoundBox.makeEmptyBox(valueType: (any ConnectorSink).self, eventLoop: $0.eventLoop)
        }
    }

    convenience init(_ configuration: NoSettings, in context: Context) throws(ComponentError) {
        self.init(DeliverySettings(), lanes: context.lanes)
    }

    /// From now on batches of `lane` go to `connector`; must be called on the event loop of the lane.
    func lead(to connector: any ConnectorSink, on lane: Int) { connectors[lane].value = connector }

    func export(
        _ batch: Batch, isToBeDelivered: Bool, on lane: Int
    ) async throws(ExportFailure) -> ExportOutcome {
        do throws(Rejection) {
            let receipts = try await offerOnLane(batch, isToBeDelivered: isToBeDelivered, lane)
            for receipt in receipts { try await receipt.wait() }
            return .delivered
        } catch {
            switch error {
            case .later(let reason, let delay): throw .retryable(reason: reason, after: delay)
            case .never(let reason, .some(let items)):
                return ExportOutcome(rejectedItems: items, message: reason)
            case .never(let reason, nil): throw .permanent(reason: reason)
            }
        }
    }

    /// Offers the batch on the event loop of its lane; a task of the queue may run on that of another one.
    private func offerOnLane(
        _ batch: Batch, isToBeDelivered: Bool, _ lane: Int
    ) async throws(Rejection) -> [PendingReceipt] {
        let loop = loops[lane]
        guard !loop.inEventLoop else {
            return try offer(batch, isToBeDelivered: isToBeDelivered, on: lane)
        }
        let result = await withCheckedContinuation { continuation in
            loop.execute { [self] in
                do throws(Rejection) {
                    let receipts = try offer(batch, isToBeDelivered: isToBeDelivered, on: lane)
                    continuation.resume(returning: Result<_, Rejection>.success(receipts))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    /// What there is to wait for.
    private func offer(
        _ batch: Batch, isToBeDelivered: Bool, on lane: Int
    ) throws(Rejection) -> [PendingReceipt] {
        guard let connector = connectors[lane].value else {
            throw .later(reason: "the connector is not running", after: .seconds(1))
        }
        var (batch, receipts) = (batch, [PendingReceipt]())
        if isToBeDelivered {
            let claim = Claim.delivery(of: batch.itemCount)
            batch.claims = [claim.claim]
            receipts.append(claim.receipt)
        }
        if case .pending(let receipt) = try connector.consume(batch) { receipts.append(receipt) }
        return receipts
    }
}
