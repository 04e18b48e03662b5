internal import FleetModel
internal import FleetStore
internal import Logging
internal import OpAMP
internal import Pipeline
internal import Rollouts

/// Doing what was said to other managers.
extension RolloutService {
    /// Requests that are taken in one second.
    private static let requestsPerStep = 50
    /// How often answers that nobody has fetched are cleared away.
    private static let clearInterval = Duration.seconds(60)
    /// Answers that are cleared away at once.
    private static let answersPerWrite = 1000

    /// Takes what waits, in the order in which it was written.
    func takeRequests() async {
        do throws(StoreError) {
            let waiting = try await parts.store.documents(
                .rolloutRequest, prefix: RolloutRequest.waitingPrefix, limit: Self.requestsPerStep)
            if !waiting.isEmpty {
                let time = try await parts.store.time()
                for document in waiting {
                    guard await holdsLease() else { return }
                    await take(document, time)
                }
            }
            try await clearAnswers()
        } catch {
            parts.logger.warning("what other managers were told cannot be read: \(error)")
        }
    }

    private func take(_ document: StoredDocument, _ time: UInt64) async {
        let wanted: Wanted
        do throws(RolloutServiceError) { wanted = try await self.wanted(document, time) } catch {
            return await give(.refused(error), to: document, with: Wanted())
        }
        let rollout = wanted.standing?.rollout ?? wanted.entries.last?.id ?? ""
        await give(.done(rollout: rollout), to: document, with: wanted)
    }

    /// Answers a request in one piece with what was done because of it.
    private func give(_ answer: RolloutAnswer, to document: StoredDocument, with wanted: Wanted) async {
        do throws(StoreError) {
            let promise = wanted.standing.map { [Self.write($0)] } ?? []
            try await commit(wanted.entries, with: RolloutRequest.answering(document, answer) + promise)
            if let one = wanted.standing, let event = wanted.event { await took(one, event) }
            if case .done = answer { numbers.granted.add() } else { numbers.refused.add() }
        } catch .conflict {
            // Whoever asked has taken it back, so it must not be done.
        } catch {
            if case .tooLarge = error, !wanted.entries.isEmpty {
                // It would not fit later either.
                return await give(.refused(RolloutServiceError(error)), to: document, with: Wanted())
            }
            parts.logger.warning("a command of another manager waits, since it cannot be kept: \(error)")
        }
    }

    /// What is to be written when a request is granted.
    private struct Wanted {
        var entries: [(id: String, entry: Active)] = []
        /// What a rollout that is over promises from now on, and what is told about it.
        var standing: StandingAssignment?
        var event: RolloutEvent?
    }

    /// The rollouts as they are when the request is granted; nothing is kept yet.
    private func wanted(
        _ document: StoredDocument, _ time: UInt64
    ) async throws(RolloutServiceError) -> Wanted {
        let id = String(document.id.dropFirst(RolloutRequest.waitingPrefix.count))
        guard let request = RolloutRequest(id: id, document.body) else {
            throw .unavailable("the manager that moves the rollouts is of another version; nothing was done")
        }
        let age = Duration.nanoseconds(Int64(clamping: time - min(document.updated, time)))
        guard age <= request.patience else {
            throw .unavailable("it was taken \(age.components.seconds) s after it was said; nothing was done")
        }
        switch request.wish {
        case .start(let spec, let asDraft):
            return Wanted(entries: try await begun(spec, request.actor, asDraft: asDraft))
        case .command(let rollout, let command, let version):
            if active[rollout] == nil, let head = heads[rollout] {
                let (one, event) = try toldStanding(head, command, request.actor, version)
                return Wanted(standing: one, event: event)
            }
            return Wanted(entries: [(rollout, try await told(rollout, command, request.actor, version))])
        }
    }

    /// Clears away answers whose manager has not come back for them.
    private func clearAnswers() async throws(StoreError) {
        let now = parts.clock.now
        guard now - clearedAt >= Self.clearInterval else { return }
        clearedAt = now
        let answers = try await parts.store.documents(
            .rolloutRequest, prefix: RolloutRequest.answerPrefix, limit: Self.answersPerWrite)
        guard !answers.isEmpty else { return }
        let time = try await parts.store.time()
        let age = UInt64(RolloutRequest.keepsAnswers.components.seconds) * 1_000_000_000
        try await parts.store.write(
            answers.filter { $0.updated + age < time }
                .map { .delete(.rolloutRequest, $0.id, expecting: .any) })
    }
}
