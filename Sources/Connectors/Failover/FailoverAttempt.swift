internal import NIOCore
internal import Pipeline
internal import Telemetry

/// One batch on its way from level to level, on one lane.
///
/// It keeps the batch until a level has taken it for good: until then another level may need it.
final class FailoverAttempt {
    /// What became of an offer.
    private enum Outcome {
        case taken
        case refused(Rejection)
        case open(PendingReceipt)
    }

    private let batch: Batch
    private let levels: FailoverLevels
    private let outlets: ConnectorOutlets
    private let loop: any EventLoop
    private var order: ArraySlice<Int>
    private var offeredAt: Instant
    private var refusals: [(level: Int, why: Rejection, offeredAt: Instant)] = []
    private let answer = PendingReceipt()

    init(
        _ batch: consuming Batch, _ levels: FailoverLevels, _ outlets: ConnectorOutlets,
        on loop: any EventLoop
    ) {
        self.batch = batch
        self.levels = levels
        self.outlets = outlets
        self.loop = loop
        order = levels.order()[...]
        offeredAt = levels.now
    }

    /// Offers the batch to one level after the other until one takes it, or leaves its answer open.
    func begin() throws(Rejection) -> Receipt {
        switch advance() {
        case .taken: return .accepted
        case .refused(let refusal): throw refusal
        case .open(let receipt):
            follow(receipt)
            return .pending(answer)
        }
    }

    private func advance() -> Outcome {
        while let level = order.first {
            switch offer(to: level) {
            case .taken:
                taken(by: level)
                return .taken
            case .refused(let refusal):
                if let last = refused(by: level, refusal) { return .refused(last) }
            case .open(let receipt): return .open(receipt)
            }
        }
        return .refused(joined)
    }

    private func offer(to level: Int) -> Outcome {
        offeredAt = levels.now
        let receipts: [PendingReceipt]
        do throws(Rejection) {
            receipts = try send(to: levels.pipelines[level])
        } catch {
            return .refused(error)
        }
        guard case .pending(let receipt) = Receipt.all(receipts) else { return .taken }
        guard let known = receipt.answer else { return .open(receipt) }
        return settled(known, at: level)
    }

    /// Hands the batch to all pipelines of a level, with claims of its own in place of those of its senders.
    private func send(to pipelines: [PipelineID]) throws(Rejection) -> [PendingReceipt] {
        var receipts: [PendingReceipt] = []
        var copy = batch
        if !batch.claims.isEmpty {
            let follower = Claim.following(batch.claims, items: batch.itemCount)
            copy.claims = follower.claims
            receipts.append(follower.receipt)
        }
        for (index, pipeline) in pipelines.enumerated() {
            do throws(Rejection) {
                if case .pending(let receipt) = try outlets.send(copy, to: pipeline) {
                    receipts.append(receipt)
                }
            } catch {
                if index > 0 { levels.repeated.add(batch.itemCount) }
                throw error
            }
        }
        return receipts
    }

    private func settled(_ answer: PendingReceipt.Answer, at level: Int) -> Outcome {
        switch answer {
        case nil: return .taken
        case .never(let reason, .some(let items)):
            // The level has taken the others.
            for claim in batch.claims {
                claim.claimant.missed(min(items, claim.items), reason: reason, retry: .useless)
            }
            return .taken
        case .some(let refusal):
            if levels.pipelines[level].count > 1 { levels.repeated.add(batch.itemCount) }
            return .refused(refusal)
        }
    }

    /// Goes on when the answer of a level is there.
    private func follow(_ receipt: PendingReceipt) {
        let attempt = NIOLoopBound(self, eventLoop: loop)
        receipt.whenResolved { answer in
            attempt.eventLoop.execute { attempt.value.goOn(after: answer) }
        }
    }

    private func goOn(after answer: PendingReceipt.Answer) {
        guard let level = order.first else { return }
        var outcome = settled(answer, at: level)
        switch outcome {
        case .taken: taken(by: level)
        case .refused(let refusal):
            outcome = refused(by: level, refusal).map { .refused($0) } ?? advance()
        case .open: break
        }
        switch outcome {
        case .taken: self.answer.resolve(nil)
        case .refused(let refusal): self.answer.resolve(refusal)
        case .open(let receipt): follow(receipt)
        }
    }

    private func taken(by level: Int) {
        // Those that refused it for good have failed, since another level finds nothing wrong with it.
        for refusal in refusals {
            guard case .never = refusal.why else { continue }
            levels.failed(refusal.level, refusal.why, offeredAt: refusal.offeredAt)
        }
        levels.succeeded(level, offeredAt: offeredAt)
    }

    /// Notes a refusal; returns the answer when the sender gets it instead of another level.
    private func refused(by level: Int, _ refusal: Rejection) -> Rejection? {
        guard levels.isFailure(refusal) else {
            levels.succeeded(level, offeredAt: offeredAt)
            return refusal
        }
        if case .later = refusal { levels.failed(level, refusal, offeredAt: offeredAt) }
        refusals.append((level, refusal, offeredAt))
        order.removeFirst()
        return nil
    }

    /// What all levels say together: what may be taken another time is worth sending again.
    private var joined: Rejection {
        let reason = refusals.map { "level \($0.level + 1): \($0.why.reason)" }.joined(separator: "; ")
        var (isForNow, delay) = (false, Duration?.none)
        for refusal in refusals {
            guard case .later(_, let after) = refusal.why else { continue }
            isForNow = true
            if let after { delay = min(after, delay ?? after) }
        }
        return isForNow
            ? .later(reason: "every level refused: \(reason)", after: delay)
            : .never(reason: "every level refused: \(reason)")
    }
}
