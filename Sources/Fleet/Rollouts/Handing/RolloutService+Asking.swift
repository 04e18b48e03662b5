internal import FleetStore
internal import Pipeline
internal import Rollouts
internal import Settings

/// What is said to a manager that does not move the rollouts is handed on through the store.
extension RolloutService {
    /// How often it is looked for an answer.
    static let answerInterval = Duration.milliseconds(200)

    /// Asks the manager that moves the rollouts, and waits for what it says.
    ///
    /// - Parameters:
    ///   - wish: What it is to do.
    ///   - actor: Who says so.
    /// - Returns: The rollout afterwards, without its agents.
    /// - Throws: What that manager answers; `.unavailable` when `RolloutRequest.waitingLimit` requests wait
    ///   already, or when no manager has taken it in time: then it is taken back, and nothing was done.
    func ask(
        _ wish: RolloutRequest.Wish, by actor: RolloutActor
    ) async throws(RolloutServiceError) -> Rollout {
        let request = RolloutRequest(
            id: RolloutRequest.newID(parts.clock.unixNanoseconds), wish: wish, actor: actor,
            asker: parts.store.replica)
        let version = try await put(request)
        numbers.asked.add()
        let end = parts.clock.now + request.patience
        while parts.clock.now < end {
            if let answer = await answer(to: request) { return try await outcome(answer) }
            do { try await parts.clock.sleep(for: Self.answerInterval) } catch { break }
        }
        return try await outcome(try await takeBack(request, version))
    }

    private func put(_ request: RolloutRequest) async throws(RolloutServiceError) -> Int64 {
        let limit = RolloutRequest.waitingLimit
        do throws(StoreError) {
            let waiting = try await parts.store.documents(
                .rolloutRequest, prefix: RolloutRequest.waitingPrefix, limit: limit)
            if waiting.count < limit {
                let id = RolloutRequest.waitingID(request.id)
                let stored = try await parts.store.write([
                    .put(.rolloutRequest, id, request.tree, expecting: .absent)
                ])
                return stored.first?.version ?? 0
            }
        } catch {
            throw RolloutServiceError(error)
        }
        throw .unavailable("\(limit) commands wait for the manager that moves the rollouts; try again later")
    }

    /// The answer, once it is there; one that cannot be read now is looked for again.
    private func answer(to request: RolloutRequest) async -> RolloutAnswer? {
        let id = RolloutRequest.answerID(request.id)
        guard let document = try? await parts.store.document(.rolloutRequest, id) else { return nil }
        // Whoever moves the rollouts clears away what stays behind here.
        _ = try? await parts.store.write([.delete(.rolloutRequest, id, expecting: .any)])
        return RolloutAnswer(document.body)
    }

    /// Nobody wants to wait any longer: it must not be done from now on, unless it has been.
    private func takeBack(
        _ request: RolloutRequest, _ version: Int64
    ) async throws(RolloutServiceError) -> RolloutAnswer {
        do throws(StoreError) {
            try await parts.store.write([
                .delete(
                    .rolloutRequest, RolloutRequest.waitingID(request.id), expecting: .version(version))
            ])
        } catch {
            if let answer = await answer(to: request) { return answer }
            throw .unavailable(
                "the store could not be asked what has become of it (\(error)); look at the rollout "
                    + "before you say it again")
        }
        numbers.unanswered.add()
        throw .unavailable(
            "no manager has moved the rollouts for \(request.patience.components.seconds) s, so nothing was "
                + "done; see to it that one of them can reach the store, and say it again")
    }

    private func outcome(_ answer: RolloutAnswer) async throws(RolloutServiceError) -> Rollout {
        switch answer {
        case .refused(let error): throw error
        case .done(let id):
            await refresh(id)
            guard let rollout = heads[id] else {
                throw .unavailable("it is done, and rollout \(id) cannot be read now; look at it again")
            }
            return rollout
        }
    }
}
