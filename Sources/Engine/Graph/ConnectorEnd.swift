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
        _ batch: Batch, toReach goal: ClaimGoal?, on lane: Int
    ) async throws(ExportFailure) -> ExportOutcome {
        var filtered = 0
        do throws(Rejection) {
            let handed = try await offerOnLane(batch, goal, lane)
            filtered = handed.filtered
            // Whoever cancels this at the end of the time to stop does not wait for what is behind.
            for answer in handed.answers { try await answer.wait() }
            return ExportOutcome(filteredItems: filtered)
        } catch {
            switch error {
            case .later(let reason, let delay): throw .retryable(reason: reason, after: delay)
            case .never(let reason, .some(let items)):
                return ExportOutcome(rejectedItems: items, filteredItems: filtered, message: reason)
            case .never(let reason, nil): throw .permanent(reason: reason)
            }
        }
    }

    /// What became of a batch when the call to the connector returned.
    private struct Handed {
        /// What there is to wait for.
        var answers: [PendingReceipt] = []
        /// Items that ended in the connector on purpose.
        var filtered = 0
    }

    /// Offers the batch on the event loop of its lane; a task of the queue may run on that of another one.
    private func offerOnLane(
        _ batch: Batch, _ goal: ClaimGoal?, _ lane: Int
    ) async throws(Rejection) -> Handed {
        let loop = loops[lane]
        guard !loop.inEventLoop else { return try offer(batch, goal, on: lane) }
        let result = await withCheckedContinuation { continuation in
            loop.execute { [self] in
                do throws(Rejection) {
                    let handed = try offer(batch, goal, on: lane)
                    continuation.resume(returning: Result<_, Rejection>.success(handed))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    private func offer(_ batch: Batch, _ goal: ClaimGoal?, on lane: Int) throws(Rejection) -> Handed {
        guard let connector = connectors[lane].value else {
            throw .later(reason: "the connector is not running", after: .seconds(1))
        }
        var (batch, handed) = (batch, Handed())
        if let goal {
            let claim = Claim.reaching(goal, items: batch.itemCount)
            batch.claims = [claim.claim]
            handed.answers.append(claim.receipt)
        }
        let items = batch.itemCount
        do throws(Rejection) {
            if case .pending(let receipt) = try connector.consume(batch) { handed.answers.append(receipt) }
        } catch {
            // Of a batch that is refused nothing has ended there.
            _ = connector.takeFiltered()
            throw error
        }
        handed.filtered = min(connector.takeFiltered(), items)
        return handed
    }
}
