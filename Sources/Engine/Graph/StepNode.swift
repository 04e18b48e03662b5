internal import Delivery
internal import Logging
internal import NIOCore
internal import Pipeline
internal import Telemetry

/// A sink whose content has to be let go when the pipeline stops.
protocol DrainableSink: Sink {
    /// Lets go of everything; `true` when nothing is left behind.
    func drain() -> Bool
    /// Gives up what could not be let go and returns how many items that were.
    func abandon() -> Int
}

/// A sink that can be led to another next one while it keeps what it has.
protocol StepSink: DrainableSink, Tappable {
    /// From now on what goes on goes to `next`.
    func lead(to next: any Sink)
    /// Its graph has taken over: the step may have something to let go of that it has from another.
    func begin()
}

/// One processor of one pipeline on one lane, and what the engine does for it: moving on, counting, waking.
///
/// For a step that keeps telemetry the node also keeps what the next step refused: it was accepted once, so
/// it is tried again, and new input is refused meanwhile.
final class StepNode<Step: HoldingStep>: StepSink {
    /// Changed by a connector's node, which then calls `letGoDue`.
    var step: Step
    private var next: any Sink
    private let lane: Lane
    private let clock: any PipelineClock
    private let ledger: StepLedger
    private let logger: Logger
    private let pipeline: PipelineID?
    private let dropped: @Sendable (DroppedItems) -> Void
    private var backlog: [Batch] = []
    private var refusal: Rejection?
    private var blocked: PendingReceipt?
    private var wakeUp: (at: Instant, task: Scheduled<Void>)?
    private var isAbandoned = false
    /// Whether nothing more is let go while an answer is open: for a step that no waiting sender slows down.
    private let isPatient: Bool
    var taps: [TapFeed] = []

    init(
        _ step: Step, next: any Sink, lane: Lane, clock: any PipelineClock, ledger: StepLedger,
        logger: Logger, pipeline: PipelineID? = nil, isPatient: Bool = false,
        dropped: @escaping @Sendable (DroppedItems) -> Void = { _ in }
    ) {
        self.step = step
        self.next = next
        self.lane = lane
        self.clock = clock
        self.ledger = ledger
        self.logger = logger
        self.pipeline = pipeline
        self.isPatient = isPatient
        self.dropped = dropped
    }

    func lead(to next: any Sink) { self.next = next }

    func begin() {
        step.begin()
        scheduleWakeUp()
    }

    func consume(_ batch: consuming Batch) throws(Rejection) -> Receipt {
        guard Step.holds else { return try pass(batch) }
        if !retryBacklog(), let refusal { throw refusal }
        let items = batch.itemCount
        var output = Output()
        try step.take(batch, into: &output)
        ledger.incoming.add(items)
        _ = letGo(output)
        scheduleWakeUp()
        // Something let go, now or earlier, waits for room: whoever comes now waits with it, or a slow
        // backend would be answered by memory that grows here.
        if let blocked, !blocked.isResolved { return .pending(Self.admission(after: blocked)) }
        blocked = nil
        return .accepted
    }

    /// Resolved with success when `receipt` is resolved.
    ///
    /// What a step has taken it keeps, together with the data of others, of which a refusal may speak too;
    /// what becomes of it the claims tell.
    private static func admission(after receipt: PendingReceipt) -> PendingReceipt {
        let admission = PendingReceipt()
        receipt.whenResolved { _ in admission.resolve(nil) }
        return admission
    }

    /// A step that keeps nothing: what the next step says is the answer, and nothing counts before that.
    private func pass(_ batch: consuming Batch) throws(Rejection) -> Receipt {
        let items = batch.itemCount
        var output = Output()
        try step.take(batch, into: &output)
        var pending: [PendingReceipt] = []
        for batch in output.batches {
            for tap in taps { tap.observe(batch) }
            if case .pending(let receipt) = try next.consume(batch) { pending.append(receipt) }
        }
        let receipt = Receipt.all(pending)
        let tally = StepLedger.Tally(output)
        guard case .pending(let answer) = receipt else {
            ledger.incoming.add(items)
            ledger.count(tally)
            return receipt
        }
        answer.whenResolved { [ledger] refusal in
            guard refusal == nil else { return }
            ledger.incoming.add(items)
            ledger.count(tally)
        }
        return receipt
    }

    private func letGo(_ output: borrowing Output) -> Receipt {
        ledger.count(output)
        var pending: [PendingReceipt] = []
        for batch in output.batches {
            for tap in taps { tap.observe(batch) }
            offer(batch, &pending)
        }
        guard !pending.isEmpty else { return .accepted }
        let receipt = Receipt.all(pending)
        if case .pending(let all) = receipt { blocked = all }
        return receipt
    }

    private func offer(_ batch: Batch, _ pending: inout [PendingReceipt]) {
        do throws(Rejection) {
            guard case .pending(let receipt) = try next.consume(batch) else { return }
            pending.append(receipt)
            let node = NIOLoopBound(self, eventLoop: lane.eventLoop)
            receipt.whenResolved { answer in
                guard let answer else { return }
                node.eventLoop.execute { node.value.tookBack(batch, answer) }
            }
        } catch {
            tookBack(batch, error)
        }
    }

    /// The next step refused what this step had already accepted from its sender.
    private func tookBack(_ batch: Batch, _ answer: Rejection) {
        switch answer {
        case .never(let reason, _):
            ledger.rejected.add(batch.itemCount)
            dropped(
                DroppedItems(
                    items: batch.itemCount, place: .failed, reason: reason, pipeline: pipeline, batch: batch))
            batch.claims.miss(answer)
            logger.error(
                "dropped data that the next step refused for good",
                metadata: ["reason": "\(reason)", "items": "\(batch.itemCount)"])
        case .later where isAbandoned: lose(batch, answer)
        case .later:
            backlog.append(batch)
            refusal = answer
            scheduleWakeUp()
        }
    }

    /// Offers again what was refused; `true` when nothing is left.
    private func retryBacklog() -> Bool {
        guard !backlog.isEmpty else { return true }
        let again = backlog
        backlog = []
        refusal = nil
        var pending: [PendingReceipt] = []
        for (index, batch) in again.enumerated() {
            guard backlog.isEmpty else {
                backlog.append(contentsOf: again[index...])
                break
            }
            offer(batch, &pending)
        }
        if case .pending(let all) = Receipt.all(pending) { blocked = all }
        return backlog.isEmpty
    }

    /// Takes out what the next step refused, for a successor.
    func takeBacklog() -> [Batch] {
        defer { backlog = [] }
        return backlog
    }

    /// Keeps what the next step refused from a predecessor, and offers it again.
    func inherit(_ batches: [Batch]) {
        backlog = batches + backlog
        scheduleWakeUp()
    }

    // MARK: - Deadlines

    /// Lets go what is due already, unless something waits for room, and sees to it that the rest follows.
    func letGoDue() {
        if backlog.isEmpty { releaseDue() }
        scheduleWakeUp()
    }

    func scheduleWakeUp() {
        var due = step.deadline
        if isWaiting, let own = due { due = max(own, clock.now + .milliseconds(50)) }
        if !backlog.isEmpty {
            let retry = clock.now + .milliseconds(50)
            due = due.map { min($0, retry) } ?? retry
        }
        guard let due else {
            wakeUp?.task.cancel()
            wakeUp = nil
            return
        }
        if let wakeUp, wakeUp.at <= due { return }
        wakeUp?.task.cancel()
        let node = NIOLoopBound(self, eventLoop: lane.eventLoop)
        let delay = max(due - clock.now, .zero)
        let task = lane.eventLoop.scheduleTask(in: TimeAmount(delay)) { node.value.wake() }
        wakeUp = (due, task)
    }

    private func wake() {
        wakeUp = nil
        if retryBacklog() { releaseDue() }
        scheduleWakeUp()
    }

    private var isWaiting: Bool { isPatient && blocked.map { !$0.isResolved } ?? false }

    private func releaseDue() {
        guard !isWaiting, let due = step.deadline, due <= clock.now else { return }
        var output = Output()
        step.release(into: &output)
        _ = letGo(output)
    }

    func drain() -> Bool {
        guard retryBacklog() else { return false }
        var output = Output()
        step.drain(into: &output)
        _ = letGo(output)
        return backlog.isEmpty && step.isDrained
    }

    func abandon() -> Int {
        isAbandoned = true
        wakeUp?.task.cancel()
        var items = 0
        repeat {
            var output = Output()
            step.drain(into: &output)
            ledger.count(output)
            for batch in backlog + output.batches {
                items += batch.itemCount
                lose(batch, refusal)
            }
            backlog = []
        } while !step.isDrained
        return items
    }

    /// Gives up what nobody had room for before the step had to end.
    private func lose(_ batch: Batch, _ refusal: Rejection?) {
        let why = refusal.map { ": \($0.reason)" } ?? ""
        let reason = "the time to stop was over before the next step took it\(why)"
        ledger.lost.add(batch.itemCount)
        dropped(
            DroppedItems(
                items: batch.itemCount, place: .lost, reason: reason, pipeline: pipeline, batch: batch))
        batch.claims.miss(.later(reason: reason))
    }
}
