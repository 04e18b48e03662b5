internal import FleetModel

/// What went through an agent in a stretch of time.
struct FlowRates: Sendable, Hashable {
    /// What must have come in for a share to mean something.
    static let leastItems = 10.0

    /// The length in seconds.
    let seconds: Double
    /// Items per second.
    let accepted: Double
    /// Of what came in, the share that went out or waits in queues; `nil` when too little came in.
    let deliveredShare: Double?
    /// Of what was offered, the share that was refused.
    let refusedShare: Double?
    /// Of all attempts to export, the share that failed.
    let failedShare: Double?
    /// Items that waited at the end.
    let queued: Double
    /// How much longer the queue became, as a share of what came in, when it grew at each sample; else 0.
    let queueGrowth: Double

    init(
        seconds: Double, accepted: Double, deliveredShare: Double?, refusedShare: Double?,
        failedShare: Double?, queued: Double, queueGrowth: Double
    ) {
        self.seconds = seconds
        self.accepted = accepted
        self.deliveredShare = deliveredShare
        self.refusedShare = refusedShare
        self.failedShare = failedShare
        self.queued = queued
        self.queueGrowth = queueGrowth
    }

    /// Reads counters from `begin` to `end`, both in nanoseconds since 1970; `nil` when they say too little.
    ///
    /// - Parameters:
    ///   - flow: The counters.
    ///   - begin: Samples before are left out.
    ///   - end: Samples after are left out.
    ///   - isHeld: Whether the last sample still holds at `end`, because the agent would have sent another.
    ///   - least: The shortest stretch that means something, in seconds.
    init?(_ flow: FlowHistory, from begin: UInt64, to end: UInt64, isHeld: Bool, least: Double) {
        let samples = flow.samples
        guard let first = samples.firstIndex(where: { $0.time >= begin }),
            let last = samples.lastIndex(where: { $0.time <= end }), first <= last
        else { return nil }
        let (old, new) = (samples[first], samples[last])
        let stop = isHeld ? max(end, new.time) : new.time
        let seconds = Double(stop - min(old.time, stop)) / 1e9
        guard seconds >= least, isHeld || first < last else { return nil }
        let accepted = Self.growth(old.accepted, new.accepted)
        let refused = Self.growth(old.refused, new.refused)
        let delivered = Self.growth(old.delivered, new.delivered)
        let failed = Self.growth(old.exportFailures, new.exportFailures)
        let waiting = Double(new.queued) - Double(old.queued)
        self.seconds = seconds
        self.accepted = accepted / seconds
        deliveredShare = accepted >= Self.leastItems ? max(delivered + waiting, 0) / accepted : nil
        refusedShare = accepted + refused >= Self.leastItems ? refused / (accepted + refused) : nil
        failedShare = delivered + failed >= Self.leastItems ? failed / (delivered + failed) : nil
        queued = Double(new.queued)
        let queues = samples[first...last].map(\.queued)
        let grows = queues.count >= 4 && zip(queues, queues.dropFirst()).allSatisfy { $0 < $1 }
        queueGrowth = grows && waiting >= 100 && accepted > 0 ? waiting / accepted : 0
    }

    private static func growth(_ old: UInt64, _ new: UInt64) -> Double {
        new >= old ? Double(new - old) : Double(new)
    }
}
