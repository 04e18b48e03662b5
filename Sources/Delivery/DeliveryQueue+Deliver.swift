internal import Logging
internal import Pipeline
internal import Telemetry

extension DeliveryQueue {
    /// Why a batch is given up, for the ledger, the log and its senders.
    struct Ending {
        let place: DeliveryAccount.Place
        let why: String
        let rejection: Rejection
    }

    /// Sends one batch, as often as the retry settings allow, and tells whoever waits for the result.
    ///
    /// Returns how long the other side took for its answer, if it gave one in the end.
    func deliver(_ entry: QueueEntry) async -> Duration? {
        guard let batch = await load(entry) else { return nil }
        let clock = surroundings.clock
        let start = clock.now
        var backoff = Backoff(settings.retry, isOnDisk: entry.stored != nil)
        var attempts = 0
        while true {
            let attempt = clock.now
            attempts += 1
            let failure: ExportFailure
            do throws(ExportFailure) {
                delivered(entry, try await export(batch, of: entry))
                return clock.now - attempt
            } catch {
                failure = error
            }
            switch failure {
            case .permanent(let reason):
                let latency = clock.now - attempt
                await refused(entry, batch, reason: reason, attempts: attempts)
                return latency
            case .retryable(let reason, let requested):
                noteFailure(startedAt: attempt)
                let delay = backoff.next(
                    elapsed: clock.now - start, requested: requested, random: clock.random())
                guard settings.retry.enabled, let delay else {
                    endRetries(entry, reason: reason, after: requested)
                    return nil
                }
                surroundings.status(.recoverableError(reason))
                guard await waits(entry, delay, after: failure) else { return nil }
            }
        }
    }

    private func export(_ batch: Batch, of entry: QueueEntry) async throws(ExportFailure) -> ExportOutcome {
        guard let passing else { return try await exporter.export(batch, on: entry.lane) }
        return try await passing.export(batch, toReach: goal(of: entry), on: entry.lane)
    }

    /// How far a batch has to get that is handed on inside of the process before the queue may forget it.
    private func goal(of entry: QueueEntry) -> ClaimGoal? {
        // What the disk has would be gone with the process if it were forgotten before it is delivered.
        if waitsForResult || entry.stored != nil || entry.claims?.wantsDelivery == true { return .delivered }
        return entry.claims?.wantsDisk == true ? .safe : nil
    }

    private func endRetries(_ entry: QueueEntry, reason: String, after delay: Duration?) {
        let isOff = !settings.retry.enabled
        let why = isOff ? "\(reason); retry_on_failure is off" : "max_elapsed_time is over: \(reason)"
        giveUp(
            entry,
            Ending(
                place: isOff ? .failed : .expired, why: why, rejection: .later(reason: reason, after: delay)))
    }

    /// The other side will never take the batch: it is kept as a dead letter, or dropped.
    private func refused(_ entry: QueueEntry, _ batch: Batch, reason: String, attempts: Int) async {
        let rejection = Rejection.never(reason: reason)
        guard let deadLetters else {
            let why = "refused for good: \(reason)"
            return giveUp(entry, Ending(place: .failed, why: why, rejection: rejection))
        }
        let failure = await withCheckedContinuation { continuation in
            deadLetters.add(
                batch, reason: reason, attempts: attempts, exporter: surroundings.id,
                pipeline: entry.account.pipeline
            ) { continuation.resume(returning: $0) }
        }
        if let failure {
            let why = "refused for good: \(reason); not kept as a dead letter: \(failure)"
            return giveUp(entry, Ending(place: .failed, why: why, rejection: rejection))
        }
        // A sender that waits for the result of the call has the data and counts it.
        let place = entry.result == nil ? DeliveryAccount.Place.deadLettered : .refused
        entry.account.move(entry.items, from: .inFlight, to: place)
        surroundings.meters.sendFailed.add(entry.items)
        surroundings.status(.recoverableError(reason))
        note(entry, .deadLettered, reason)
        surroundings.logger.warning(
            "kept data as a dead letter that was refused for good",
            metadata: ["error": "\(reason)", "items": "\(entry.items)", "attempts": "\(attempts)"])
        // A letter is on disk, and that is all that some of the senders wait for.
        entry.claims?.safe()
        entry.refuse(rejection)
    }

    /// Pauses between two attempts; `false` when there will not be another one.
    private func waits(_ entry: QueueEntry, _ delay: Duration, after failure: ExportFailure) async -> Bool {
        guard !passOn(entry) else { return false }
        // At the end the disk keeps what the other side does not take now; without one the last seconds are
        // worth another attempt.
        if isClosing, hasStore {
            giveUpRest()
            shutDown(entry, failure.description)
            return false
        }
        surroundings.logger.info(
            "sending failed, will try again",
            metadata: ["error": "\(failure)", "delay": "\(delay)", "items": "\(entry.items)"])
        await pause(delay)
        guard !passOn(entry) else { return false }
        guard !Task.isCancelled else {
            shutDown(entry, failure.description)
            return false
        }
        return !hasExpired(entry)
    }

    /// The batch of the entry, read back from disk when it is not in memory; `nil` when the entry has ended.
    private func load(_ entry: QueueEntry) async -> Batch? {
        guard !hasExpired(entry) else { return nil }
        if let batch = entry.batch { return batch }
        while let stored = entry.stored {
            do throws(SpoolError) {
                return try await stored.read()
            } catch {
                if case .io = error.kind {
                    surroundings.logger.error(
                        "cannot read the queue from disk, will try again", metadata: ["error": "\(error)"])
                    surroundings.status(.recoverableError(error.description))
                    await pause(.seconds(1))
                    guard Task.isCancelled else { continue }
                    shutDown(entry, error.description)
                    return nil
                }
                let rejection = Rejection.later(reason: error.description)
                giveUp(entry, Ending(place: .lost, why: "\(error)", rejection: rejection))
                return nil
            }
        }
        return nil
    }

    /// Gives up what has become too old; `true` when that was the end of the entry.
    private func hasExpired(_ entry: QueueEntry) -> Bool {
        guard let maxAge = surroundings.storage?.maxAge else { return false }
        let now = surroundings.clock.unixNanoseconds
        guard now > entry.time, Duration.nanoseconds(now - entry.time) > maxAge else { return false }
        let rejection = Rejection.later(reason: "older than max_age")
        giveUp(entry, Ending(place: .expired, why: "older than max_age (\(maxAge))", rejection: rejection))
        return true
    }

    private func delivered(_ entry: QueueEntry, _ outcome: ExportOutcome) {
        let rejected = min(max(outcome.rejectedItems, 0), entry.items)
        let filtered = min(max(outcome.filteredItems, 0), entry.items - rejected)
        let delivered = entry.items - rejected - filtered
        entry.account.move(delivered, from: .inFlight, to: .delivered)
        entry.account.move(rejected, from: .inFlight, to: .rejected)
        entry.account.move(filtered, from: .inFlight, to: .filtered)
        surroundings.meters.sent.add(delivered)
        if rejected > 0 { surroundings.meters.sendFailed.add(rejected) }
        if rejected > 0 {
            surroundings.dropped(
                DroppedItems(
                    items: rejected, place: .rejected, reason: outcome.message,
                    pipeline: entry.account.pipeline,
                    batch: nil))
        }
        if rejected > 0 || !outcome.message.isEmpty {
            surroundings.logger.warning(
                "the backend answered with a partial success",
                metadata: [
                    "rejected": "\(rejected)", "items": "\(entry.items)", "message": "\(outcome.message)",
                ])
        }
        surroundings.status(.ok)
        entry.delivered(rejected: rejected, reason: outcome.message)
    }

    private func giveUp(_ entry: QueueEntry, _ ending: Ending) {
        note(entry, ending.place, ending.why)
        entry.giveUp(from: .inFlight, to: ending.place)
        surroundings.meters.sendFailed.add(entry.items)
        surroundings.status(.recoverableError(ending.rejection.reason))
        let isKnown = entry.result != nil || (entry.claims?.surelyClaimedItems ?? 0) >= entry.items
        surroundings.logger.error(
            isKnown ? "could not deliver, sender informed" : "dropped data that could not be delivered",
            metadata: [
                "error": "\(ending.why)", "items": "\(entry.items)",
                "reason": "\(isKnown ? DeliveryAccount.Place.returned.rawValue : ending.place.rawValue)",
            ])
        entry.refuse(ending.rejection)
    }

    /// The time to shut down is over: the disk keeps the entry, or it is lost.
    private func shutDown(_ entry: QueueEntry, _ reason: String) {
        guard !passOn(entry) else { return }
        let rejection = Rejection.later(reason: "the collector shut down: \(reason)")
        if let kept = keep(entry) {
            kept.spill(from: .inFlight)
            kept.claims?.miss(rejection)
        } else {
            let why = "shut down while undelivered: \(reason)"
            giveUp(entry, Ending(place: .lost, why: why, rejection: rejection))
        }
    }
}
