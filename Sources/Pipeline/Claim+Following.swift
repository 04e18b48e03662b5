public import Telemetry

extension Claim {
    /// Claims on all `items` of a batch in place of `others`, and what becomes of the items: as far as the
    /// others want them to get, and destinations ask for.
    ///
    /// Whoever needs a batch again when it is refused sends it with these, and lets go of the others when the
    /// receipt is resolved: that is when nobody holds these any more.
    public static func following(
        _ others: [Claim], items: Int
    ) -> (claims: [Claim], receipt: PendingReceipt) {
        let goals = others.filter { !$0.isOfNobody }.map { $0.claimant.goal }
        if goals.contains(.delivered) { return following([.delivered], items: items) }
        // Where somebody wants it on disk, destinations that ask for delivery are waited for all the same.
        return following(
            goals.contains(.safe) ? [.safe, .asDestinationAsks] : [.asDestinationAsks], items: items)
    }

    /// A claim on `items` that wants them to get as far as `goal` says, and what becomes of them.
    public static func reaching(
        _ goal: ClaimGoal, items: Int
    ) -> (claim: Claim, receipt: PendingReceipt) {
        let claim = RequestClaim(items: items, goal: goal)
        return (Claim(claim, items: items), claim.receipt)
    }

    private static func following(
        _ goals: [ClaimGoal], items: Int
    ) -> (claims: [Claim], receipt: PendingReceipt) {
        let claims = goals.map { RequestClaim(items: items, goal: $0) }
        let receipts = claims.map { $0.receipt }
        guard case .pending(let receipt) = Receipt.all(receipts) else { return ([], PendingReceipt()) }
        return (claims.map { Claim($0, items: items) }, receipt)
    }
}
