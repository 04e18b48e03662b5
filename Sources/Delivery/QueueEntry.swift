internal import Pipeline
internal import Synchronization
internal import Telemetry

/// One batch on its way through a queue.
struct QueueEntry: Sendable {
    /// The batch without its claims; `nil` when only the disk has it.
    var batch: Batch?
    let account: DeliveryAccount
    let lane: Int
    /// Resolved with the result when the sender of the call waits for it.
    let result: PendingReceipt?
    /// The requests that want to know what becomes of it, if any.
    let claims: EntryClaims?
    let items: Int
    let bytes: Int
    /// When it was taken in, in nanoseconds since 1970-01-01T00:00:00Z.
    let time: UInt64
    /// Its place on disk, when it has one.
    var stored: StoredEntry?
    /// Room it takes in the queue; 0 for what only the disk has room for.
    var room = 0
    /// The position in the queue, in the order of arrival.
    var number = 0

    init(
        _ batch: consuming Batch, account: DeliveryAccount, lane: Int, time: UInt64, result: PendingReceipt?,
        waitsForResult: Bool
    ) {
        claims = EntryClaims(batch, asked: waitsForResult)
        batch.claims = []
        items = batch.itemCount
        bytes = batch.byteCount
        self.batch = batch
        self.account = account
        self.lane = lane
        self.time = time
        self.result = result
    }

    /// What a queue finds on disk when it opens.
    init(_ record: SpoolRecord, in spool: Spool, account: DeliveryAccount, lane: Int) {
        items = record.itemCount
        bytes = record.byteCount
        time = record.time
        stored = StoredEntry(record, in: spool)
        self.account = account
        self.lane = lane
        claims = nil
        result = nil
    }

    /// Moves the items to the place of what is given up: those of senders that are told and still have the
    /// data are not gone.
    func giveUp(from: DeliveryAccount.Place, to place: DeliveryAccount.Place) {
        guard result == nil else { return account.move(items, from: from, to: .refused) }
        let returned = claims?.surelyClaimedItems ?? 0
        account.move(returned, from: from, to: .returned)
        account.move(items - returned, from: from, to: place)
    }

    /// Leaves the items to the disk for the next start.
    func spill(from place: DeliveryAccount.Place) {
        account.move(items, from: place, to: .spilled)
        stored?.leave { [account, items] in account.move(items, from: .spilled, to: .lost) }
    }

    /// The batch has got where it was meant to go, except for `rejected` of its items.
    func delivered(rejected: Int, reason: String) {
        stored?.done()
        result?.resolve(nil)
        claims?.delivered(rejected: rejected, reason: reason)
    }

    /// The batch is given up: it does not come back, and every sender that still waits is told.
    func refuse(_ rejection: Rejection) {
        stored?.done()
        result?.resolve(rejection)
        claims?.miss(rejection)
    }
}

/// The claims on the batch of one entry, which the queue and the thread of the spool settle.
final class EntryClaims: Sendable {
    /// Whether somebody waits for less than delivery.
    let wantsSafety: Bool
    /// Whether somebody wants it on the disk, whatever the destination asks for.
    let wantsDisk: Bool
    /// Whether somebody wants it delivered, whatever the destination asks for.
    let wantsDelivery: Bool
    /// Whether the destination asks that senders wait for it.
    private let asked: Bool
    private let itemCount: Int
    private let state: Mutex<State>

    private struct State {
        var claims: [Claim]
        /// Items of the batch that nobody waits for, or not any more.
        var ofNobody: Int
    }

    /// `nil` when nobody waits for what becomes of `batch`.
    init?(_ batch: borrowing Batch, asked: Bool) {
        let claims = batch.claims.filter { !$0.isOfNobody }
        guard !claims.isEmpty else { return nil }
        self.asked = asked
        itemCount = batch.itemCount
        wantsSafety = claims.contains { !$0.claimant.goal.isDelivery(asked: asked) }
        wantsDisk = claims.contains { $0.claimant.goal == .safe }
        wantsDelivery = claims.contains { $0.claimant.goal == .delivered }
        state = Mutex(
            State(claims: claims, ofNobody: batch.claims.reduce(0) { $1.isOfNobody ? $0 + $1.items : $0 }))
    }

    /// Items that somebody still waits for, whichever they are; see `Batch.surelyClaimedItems`.
    var surelyClaimedItems: Int {
        state.withLock { min($0.claims.items, max(itemCount - $0.ofNobody, 0)) }
    }

    /// The telemetry is safe: lets those go that wait for no more than that.
    func safe() { release { [asked] in !$0.isDelivery(asked: asked) } }

    /// The queue has the telemetry: lets those go that wait for no more than the queue asks for.
    func queued() { release { [asked] in $0 == .asDestinationAsks && !asked } }

    private func release(_ isContent: (ClaimGoal) -> Bool) {
        guard wantsSafety else { return }
        // Letting go of a claim may answer a sender, which must not happen under the lock.
        let released = state.withLock { state -> [Claim] in
            let released = state.claims.filter { isContent($0.claimant.goal) }
            state.claims.removeAll { isContent($0.claimant.goal) }
            state.ofNobody += released.items
            return released
        }
        withExtendedLifetime(released) {}
    }

    /// The telemetry is delivered, except for `rejected` items.
    ///
    /// Nobody knows which these are. So every request is told that they may be its own: better to report a
    /// loss twice than to let one pass for delivered.
    func delivered(rejected: Int, reason: String) {
        for claim in takeAll() where rejected > 0 {
            claim.claimant.missed(min(rejected, claim.items), reason: reason, retry: .useless)
        }
    }

    /// The telemetry will not be delivered.
    func miss(_ rejection: Rejection) { takeAll().miss(rejection) }

    private func takeAll() -> [Claim] {
        state.withLock { state in
            let all = state.claims
            state.claims = []
            return all
        }
    }
}

/// Opens once; whoever waits goes on then.
final class Gate: Sendable {
    private let receipt = PendingReceipt()

    func open() { receipt.resolve(nil) }

    func wait() async {
        await withCheckedContinuation { continuation in
            receipt.whenResolved { _ in continuation.resume() }
        }
    }
}
