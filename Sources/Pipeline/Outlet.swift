internal import NIOCore
internal import Synchronization
public import Telemetry

/// The only way for a component to hand telemetry on.
///
/// An outlet has a port on every lane. The engine decides what stands behind the ports and may change it
/// while the component runs; the component never knows. Everything that passes is counted here, so the
/// ledger holds whatever the component does.
public final class Outlet: Sendable {
    /// What flows out.
    public let signal: Signal
    /// What passed and what was refused, since the outlet was made.
    public let traffic: Traffic
    private let lanes: [Lane]
    private let ports: [NIOLoopBoundBox<Port?>]
    private let turn = Atomic<Int>(0)

    /// What stands behind the outlet on one lane, and how far telemetry has to get there.
    private struct Port {
        let sink: any Sink
        let acknowledgement: Acknowledgement?
    }

    /// Makes an outlet that leads nowhere yet; it refuses with `.later` until the engine connects it.
    public init(signal: Signal, lanes: [Lane], traffic: Traffic = Traffic()) {
        self.signal = signal
        self.lanes = lanes
        self.traffic = traffic
        ports = lanes.map {
            NIOLoopBoundBox.makeEmptyBox(valueType: Port.self, eventLoop: $0.eventLoop)
        }
    }

    /// Hands `batch` on, synchronously, from code that runs on the event loop of lane `lane`.
    public func send(_ batch: consuming Batch, on lane: Int) throws(Rejection) -> Receipt {
        let items = batch.itemCount
        guard items > 0 else { return .accepted }
        do throws(Rejection) {
            guard let port = ports[lane].value else {
                throw .later(reason: "the pipeline is not running", after: .seconds(1))
            }
            let receipt = try pass(batch, to: port)
            traffic.count(receipt, items: items)
            return receipt
        } catch {
            traffic.refused.add(items)
            throw error
        }
    }

    private func pass(_ batch: consuming Batch, to port: Port) throws(Rejection) -> Receipt {
        guard port.acknowledgement != .queued else { return try port.sink.consume(batch) }
        let claim = RequestClaim(
            items: batch.itemCount, goal: Self.goal(port.acknowledgement))
        batch.claims = [Claim(claim, items: batch.itemCount)]
        let receipt = claim.receipt
        guard case .pending(let admission) = try port.sink.consume(batch) else { return .pending(receipt) }
        return .all([admission, receipt])
    }

    private static func goal(_ acknowledgement: Acknowledgement?) -> ClaimGoal {
        switch acknowledgement {
        case .delivered: .delivered
        case .durable, .queued: .safe
        case nil: .asDestinationAsks
        }
    }

    /// Says that `batch`, which was refused here, ends here, if others take what they were offered.
    func gaveUp(_ batch: borrowing Batch, while others: Receipt, on lane: Int) {
        (ports[lane].value?.sink as? any BranchSink)?.gaveUp(batch, while: others)
    }

    /// Hands `batch` on from anywhere: moves to a lane, takes turns among them, and waits for the answer.
    public func send(_ batch: Batch) async throws(Rejection) {
        let lane = lanes[turn.wrappingAdd(1, ordering: .relaxed).oldValue % lanes.count]
        let answer = PendingReceipt()
        lane.eventLoop.execute {
            do throws(Rejection) {
                switch try self.send(batch, on: lane.index) {
                case .accepted: answer.resolve(nil)
                case .pending(let receipt): receipt.whenResolved { answer.resolve($0) }
                }
            } catch {
                answer.resolve(error)
            }
        }
        try await answer.wait()
    }

    /// Puts `sink` behind the port of `lane`, for the engine; must run on the lane's event loop.
    ///
    /// `acknowledgement` is how far telemetry has to get before `send` answers that it was accepted; `nil` is
    /// as far as each destination asks.
    public func connect(
        _ sink: (any Sink)?, acknowledgement: Acknowledgement? = .queued, on lane: Int
    ) {
        ports[lane].value = sink.map { Port(sink: $0, acknowledgement: acknowledgement) }
    }
}
