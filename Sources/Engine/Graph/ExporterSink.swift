internal import Delivery
internal import Pipeline
internal import Telemetry

/// How the data of one signal reaches an exporter, on whichever lane.
enum ExporterEnd: Sendable {
    /// `connector` is what the queue feeds, when it stands in front of one.
    case queued(DeliveryQueue, connector: ConnectorEnd?)
    case direct(any DirectExporter, DeliveryMeters)

    /// The end of one pipeline on one lane.
    func sink(account: DeliveryAccount, lane: Int) -> any Sink {
        switch self {
        case .queued(let queue, _): QueuedExporterSink(queue: queue, account: account, lane: lane)
        case .direct(let exporter, let meters): DirectExporterSink(exporter, account: account, meters: meters)
        }
    }

    /// The queue, when there is one.
    var queue: DeliveryQueue? {
        if case .queued(let queue, _) = self { queue } else { nil }
    }

    /// The connector behind the queue, when that is what it feeds.
    var connector: ConnectorEnd? {
        if case .queued(_, let connector) = self { connector } else { nil }
    }
}

/// The end of a pipeline, which accounts for what it is handed.
protocol DestinationSink: BranchSink {
    var account: DeliveryAccount { get }
}

extension DestinationSink {
    func gaveUp(_ batch: borrowing Batch, while others: Receipt) {
        let (items, returned) = (batch.itemCount, batch.surelyClaimedItems)
        others.whenKnown { [account] refusal in
            if refusal == nil { account.gaveUp(items, returned: returned, from: .refused) }
        }
    }
}

/// The end of a pipeline on one lane: the queue in front of an exporter.
final class QueuedExporterSink: DestinationSink {
    private let queue: DeliveryQueue
    let account: DeliveryAccount
    private let lane: Int

    init(queue: DeliveryQueue, account: DeliveryAccount, lane: Int) {
        self.queue = queue
        self.account = account
        self.lane = lane
    }

    func consume(_ batch: consuming Batch) throws(Rejection) -> Receipt {
        try queue.offer(batch, account: account, on: lane)
    }
}

/// The end of a pipeline on one lane: an exporter that needs no queue.
final class DirectExporterSink: DestinationSink {
    private let exporter: any DirectExporter
    let account: DeliveryAccount
    private let meters: DeliveryMeters

    init(_ exporter: any DirectExporter, account: DeliveryAccount, meters: DeliveryMeters) {
        self.exporter = exporter
        self.account = account
        self.meters = meters
    }

    func consume(_ batch: consuming Batch) throws(Rejection) -> Receipt {
        let items = batch.itemCount
        do throws(Rejection) {
            try exporter.write(batch)
        } catch {
            account.enter(.refused, items)
            meters.sendFailed.add(items)
            throw error
        }
        account.enter(.delivered, items)
        meters.sent.add(items)
        return .accepted
    }
}

/// The end of a pipeline that leads into a connector, counted like any other destination.
final class AccountedSink: DestinationSink {
    private let next: any ConnectorSink
    let account: DeliveryAccount

    init(_ next: any ConnectorSink, _ account: DeliveryAccount) {
        self.next = next
        self.account = account
    }

    func consume(_ batch: consuming Batch) throws(Rejection) -> Receipt {
        var items = batch.itemCount
        do throws(Rejection) {
            let receipt = try next.consume(batch)
            let filtered = min(next.takeFiltered(), items)
            items -= filtered
            account.enter(.filtered, filtered)
            guard case .pending(let pending) = receipt else {
                account.enter(.delivered, items)
                return receipt
            }
            account.enter(.waiting, items)
            pending.whenResolved { [account, items] refusal in
                account.move(items, from: .waiting, to: refusal == nil ? .delivered : .refused)
                // The sender still has all of it.
                if refusal != nil { account.move(filtered, from: .filtered, to: .refused) }
            }
            return receipt
        } catch {
            _ = next.takeFiltered()
            account.enter(.refused, items)
            throw error
        }
    }
}

extension DeliveryAccount {
    /// What was refused here while others took it: `returned` of the items belong to senders that are told,
    /// the others had their answer from other branches.
    func gaveUp(_ items: Int, returned: Int, from place: Place) {
        move(returned, from: place, to: .returned)
        move(items - returned, from: place, to: .overflowed)
    }
}
