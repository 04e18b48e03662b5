/// Somebody who wants to know what becomes of telemetry: in most cases the request it came with.
///
/// Batches carry references to their claimants, so a claimant that nobody refers to any more has nothing left
/// to wait for: what was not reported as missed has got as far as it wanted, or ended on purpose on the way.
public protocol Claimant: AnyObject, Sendable {
    /// How far the telemetry has to get at each destination.
    var goal: ClaimGoal { get }
    /// Tells it that `items` of its telemetry do not get there.
    ///
    /// `retry` says whether the same telemetry may get there another time.
    func missed(_ items: Int, reason: String, retry: ClaimRetry)
}

/// How far telemetry has to get at a destination before its claimant is content.
public enum ClaimGoal: Sendable, Equatable {
    /// Into the queue before the destination, and onto its disk where it has one.
    case safe
    /// To the destination.
    case delivered
    /// As far as that destination asks for: what is delivered at once to one that has no queue does not make
    /// a sender wait for another that has.
    case asDestinationAsks

    /// Whether a destination has to have the telemetry; `asked` is whether it asks for that.
    public func isDelivery(asked: Bool) -> Bool {
        switch self {
        case .safe: false
        case .delivered: true
        case .asDestinationAsks: asked
        }
    }
}

/// Whether telemetry that did not get where it was meant to go may be sent again.
public enum ClaimRetry: Sendable, Equatable {
    /// It will never get there.
    case useless
    /// It may get there, after `after` when somebody named a time.
    case sensible(after: Duration?)
}

/// The interest of one claimant in the items of a batch, which stand in the order of the claims.
public struct Claim: Sendable {
    /// Who wants to know.
    public let claimant: any Claimant
    /// How many items of the batch are its own.
    public internal(set) var items: Int

    public init(_ claimant: any Claimant, items: Int) {
        self.claimant = claimant
        self.items = items
    }
}

extension Batch {
    /// Takes the claims on the first `items` items out.
    ///
    /// A processor may have removed items without saying whose they were. So the claims may be on more items
    /// than there are; what is left over goes with the last items.
    mutating func removeFirstClaims(items: Int) -> [Claim] {
        guard !claims.isEmpty else { return [] }
        var taken: [Claim] = []
        var left = items
        while left > 0, var first = claims.first {
            let part = min(first.items, left)
            taken.append(Claim(first.claimant, items: part))
            left -= part
            first.items -= part
            if first.items == 0 { claims.removeFirst() } else { claims[0] = first }
        }
        return taken
    }

    /// Takes note that there are `items` more, of which nobody says whose they are.
    ///
    /// Each claim is on so many more, so that none of its items is without it.
    mutating func widenClaims(by items: Int) {
        for index in claims.indices { claims[index].items += items }
    }
}
