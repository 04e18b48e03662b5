internal import Logging
internal import Pipeline
internal import Telemetry

extension DeliveryQueue {
    /// Sends one batch, as often as the retry settings allow; `nil` when it is delivered.
    func deliver(_ entry: QueueEntry) async -> Rejection? {
        let clock = surroundings.clock
        let start = clock.now
        var backoff = Backoff(settings.retry)
        while true {
            let failure: ExportFailure
            do throws(ExportFailure) {
                let outcome = try await exporter.export(entry.batch, on: entry.lane)
                delivered(entry, outcome)
                return nil
            } catch {
                failure = error
            }
            switch failure {
            case .permanent(let reason):
                return giveUp(entry, .failed, "refused for good: \(reason)", .never(reason: reason))
            case .retryable(let reason, let requested):
                guard settings.retry.enabled else {
                    return giveUp(
                        entry, .failed, "\(reason); retry_on_failure is off",
                        .later(reason: reason, after: requested))
                }
                let delay = backoff.next(
                    elapsed: clock.now - start, requested: requested, random: clock.random())
                guard let delay else {
                    return giveUp(
                        entry, .expired, "max_elapsed_time is over: \(reason)",
                        .later(reason: reason, after: requested))
                }
                surroundings.status(.recoverableError(reason))
                surroundings.logger.info(
                    "sending failed, will try again",
                    metadata: [
                        "error": "\(reason)", "delay": "\(delay)", "items": "\(entry.batch.itemCount)",
                    ])
                await pause(delay)
                if Task.isCancelled {
                    return giveUp(
                        entry, .lost, "shut down while undelivered: \(reason)", .later(reason: reason))
                }
            }
        }
    }

    private func delivered(_ entry: QueueEntry, _ outcome: ExportOutcome) {
        let items = entry.batch.itemCount
        let rejected = min(max(outcome.rejectedItems, 0), items)
        entry.account.move(items - rejected, from: .inFlight, to: .delivered)
        entry.account.move(rejected, from: .inFlight, to: .rejected)
        surroundings.meters.sent.add(items - rejected)
        if rejected > 0 { surroundings.meters.sendFailed.add(rejected) }
        if rejected > 0 || !outcome.message.isEmpty {
            surroundings.logger.warning(
                "the backend answered with a partial success",
                metadata: ["rejected": "\(rejected)", "items": "\(items)", "message": "\(outcome.message)"])
        }
        surroundings.status(.ok)
    }

    private func giveUp(
        _ entry: QueueEntry, _ place: DeliveryAccount.Place, _ why: String, _ rejection: Rejection
    ) -> Rejection {
        let items = entry.batch.itemCount
        // A sender that waits learns of the failure and still has the data: nothing is gone.
        let place = entry.result == nil ? place : .refused
        entry.account.move(items, from: .inFlight, to: place)
        surroundings.meters.sendFailed.add(items)
        surroundings.status(.recoverableError(rejection.reason))
        surroundings.logger.error(
            entry.result == nil
                ? "dropped data that could not be delivered" : "could not deliver, sender informed",
            metadata: ["error": "\(why)", "items": "\(items)", "reason": "\(place.rawValue)"])
        return rejection
    }
}
