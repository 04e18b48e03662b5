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

extension Claim {
    /// Nobody: a claimant for items that no other waits for.
    private final class Nobody: Claimant {
        static let only = Nobody()
        let goal = ClaimGoal.asDestinationAsks
        func missed(_ items: Int, reason: String, retry: ClaimRetry) {}
    }

    /// Holds the place of `items` that nobody waits for among others that somebody waits for.
    public static func ofNobody(items: Int) -> Claim { Claim(Nobody.only, items: items) }

    /// Whether it only holds a place.
    public var isOfNobody: Bool { claimant === Nobody.only }
}

extension Batch {
    /// Takes over the claims on `other`, whose items are about to follow those that are there.
    mutating func appendClaims(of other: borrowing Batch) {
        guard !(claimList.isEmpty && other.claimList.isEmpty) else { return }
        if let aligned = alignedClaims { claims = aligned }
        let added = other.alignedClaims ?? other.claimList
        claimList.append(contentsOf: added)
        claimedItems += added.reduce(0) { $0 + $1.items }
    }

    /// Claims over all items, as far as it is known whose they are; `nil` when they are that already.
    private var alignedClaims: [Claim]? {
        if claimedItems < itemCount { return claimList + [.ofNobody(items: itemCount - claimedItems)] }
        guard claimList.count == 1, claimedItems > itemCount else { return nil }
        // Items were taken out; whatever is left is the only claimant's.
        return itemCount > 0 ? [Claim(claimList[0].claimant, items: itemCount)] : []
    }

    /// Items that somebody waits for, whichever they are.
    ///
    /// Where a processor took items out without saying whose they were, these may have been the ones that
    /// somebody waits for: as many as nobody waits for may still be there.
    public var surelyClaimedItems: Int {
        let ofNobody = claimList.reduce(0) { $1.isOfNobody ? $0 + $1.items : $0 }
        return min(claimedItems - ofNobody, itemCount - min(ofNobody, itemCount))
    }

    /// Whether it is known of each item whose it is: not when a processor has taken items out.
    public var isClaimedExactly: Bool { claimedItems == itemCount }

    /// Takes the claims on the first `items` items out, which are there no more.
    ///
    /// A processor may have removed items without saying whose they were. Then the claims are on more items
    /// than there are, and an item stands up to so many places before where the claims have it. Claims on
    /// items that may be on either side are on both, so that a claimant may hear of a loss that is not its
    /// own, but never misses one that is.
    mutating func removeFirstClaims(items: Int) -> [Claim] {
        guard !claimList.isEmpty else { return [] }
        let total = items + itemCount
        if claimedItems < total {
            claimList.append(.ofNobody(items: total - claimedItems))
            claimedItems = total
        }
        let taken = claimedItems > total ? divideClaims(items: items) : cutClaims(items: items)
        if claimList.allSatisfy({ $0.isOfNobody }) { claims = [] }
        return taken.allSatisfy { $0.isOfNobody } ? [] : taken
    }

    /// Divides claims that are on more items than there are.
    private mutating func divideClaims(items: Int) -> [Claim] {
        let left = itemCount
        let gone = claimedItems - items - left
        var (head, rest, start) = ([Claim](), [Claim](), 0)
        for claim in claimList {
            let end = start + claim.items
            let (before, after) = (min(items + gone - start, items), min(end - items, left))
            if before > 0 { head.append(Claim(claim.claimant, items: min(claim.items, before))) }
            if after > 0 { rest.append(Claim(claim.claimant, items: min(claim.items, after))) }
            start = end
        }
        claims = rest
        return head
    }

    private mutating func cutClaims(items: Int) -> [Claim] {
        var taken: [Claim] = []
        var (left, whole) = (items, 0)
        while left > 0, whole < claimList.count {
            let part = min(claimList[whole].items, left)
            taken.append(Claim(claimList[whole].claimant, items: part))
            left -= part
            claimList[whole].items -= part
            if claimList[whole].items == 0 { whole += 1 }
        }
        claimList.removeFirst(whole)
        claimedItems -= items - left
        return taken
    }

    /// Says that nobody knows any more which items are whose: several claims are on all items, each.
    mutating func shareClaims() {
        guard claimList.count > 1 else { return }
        claims = claimList.map { Claim($0.claimant, items: itemCount) }
    }

    /// Takes note that there are `items` more, of which nobody says whose they are.
    ///
    /// Each claim is on so many more, so that none of its items is without it.
    mutating func widenClaims(by items: Int) {
        claims = claimList.map { Claim($0.claimant, items: $0.items + items) }
    }
}
