public import Settings
internal import Synchronization
public import Telemetry

/// How far telemetry has to get before its sender is told that it was accepted.
public enum Acknowledgement: String, CaseIterable, SettingChoice {
    /// Every destination's queue has it, in memory.
    case queued
    /// Every destination has it on disk, as far as the destination has a `storage`, or has been delivered to.
    case durable
    /// Every destination has answered that it took it.
    case delivered
}

/// The keys that every receiver has, beside its own; receivers embed it.
public struct ReceiverSettings: SettingGroup, Equatable {
    /// When senders get their answer; `nil` is what each destination asks for.
    ///
    /// That is: delivered to those that have `wait_for_result` or no queue, on disk before those that keep
    /// their queue there, in the queue of others.
    public var acknowledgement: Acknowledgement?

    public init() {}

    public static var fields: [Field<ReceiverSettings>] {
        [
            Field(
                "ack", \.acknowledgement,
                "When senders are answered: queued, durable or delivered. Default: as each destination asks.")
        ]
    }
}

/// The answer to the sender of one request, given when nobody holds any of its telemetry any more.
///
/// Batches hold it as their claimant on their way through the pipelines: merged, cut and shared among
/// destinations. The last one to let go of it thereby answers the sender, so no path can forget to.
final class RequestClaim: Claimant {
    let goal: ClaimGoal
    let receipt = PendingReceipt()
    private let items: Int
    private let missed = Mutex(Missed())

    private struct Missed {
        var later: Rejection?
        var never: (items: Int, reason: String)?
    }

    init(items: Int, goal: ClaimGoal) {
        self.items = items
        self.goal = goal
    }

    deinit { receipt.resolve(answer) }

    func missed(_ items: Int, reason: String, retry: ClaimRetry) {
        missed.withLock { missed in
            switch retry {
            case .useless:
                missed.never = ((missed.never?.items ?? 0) + items, missed.never?.reason ?? reason)
            case .sensible(let delay):
                missed.later = .later(reason: reason, after: longest(missed.later, delay))
            }
        }
    }

    private func longest(_ earlier: Rejection?, _ delay: Duration?) -> Duration? {
        guard case .later(_, .some(let known)) = earlier else { return delay }
        return max(known, delay ?? .zero)
    }

    /// What may get through another time decides: sending again is worth more than what is sent twice.
    private var answer: Rejection? {
        missed.withLock { missed in
            if let later = missed.later { return later }
            guard let never = missed.never else { return nil }
            // Several destinations may have refused the same items.
            return .never(reason: never.reason, items: never.items < items ? never.items : nil)
        }
    }
}

extension [Claim] {
    /// How many items somebody waits for.
    public var items: Int { reduce(0) { $1.isOfNobody ? $0 : $0 + $1.items } }

    /// Tells all claimants that their telemetry was refused.
    public func miss(_ rejection: Rejection) {
        for claim in self {
            switch rejection {
            case .later(let reason, let delay):
                claim.claimant.missed(claim.items, reason: reason, retry: .sensible(after: delay))
            case .never(let reason, _):
                claim.claimant.missed(claim.items, reason: reason, retry: .useless)
            }
        }
    }
}
