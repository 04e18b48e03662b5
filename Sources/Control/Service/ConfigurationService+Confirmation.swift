internal import Engine
internal import Logging
internal import Pipeline
internal import Settings

/// Confirming, going back, and what is looked at until then.
extension ConfigurationService {
    public func confirm(
        _ revision: RevisionID, by origin: ChangeOrigin
    ) async throws(ChangeFailure) -> ConfigurationState {
        try await takeTurn(origin)
        defer { endTurn() }
        guard revision == active.revision.id else { throw .conflict(active: active.revision.id) }
        guard watched?.within != nil else { return await state() }
        try record("config.confirm", origin, after: revision, .begun)
        let number = active.revision.number
        do throws(StateFailure) {
            try store.update { $0.confirm(number) }
        } catch {
            throw .storage("the confirmation cannot be kept: \(error)")
        }
        fallback = active
        watched = nil
        watchFromNow()
        announce(.confirmed(revision))
        parts.engine.events.note(
            .configurationConfirmed, "\(revision)", "revision \(revision) is the one to go back to",
            details: Self.details(origin))
        parts.logger.info(
            "the configuration is confirmed",
            metadata: Self.metadata(origin).merging(["revision": "\(revision)"]) { first, _ in first })
        try? record("config.confirm", origin, after: revision, .done)
        return await state()
    }

    public func rollBack(
        to revision: RevisionID?, because reason: String, by origin: ChangeOrigin
    ) async throws(ChangeFailure) -> AppliedChange {
        try await takeTurn(origin)
        defer { endTurn() }
        let target = try target(revision)
        // What has run before was allowed then; what never ran is judged like anything new.
        let hasRun = [.confirmed, .superseded, .active].contains(store.history.statuses[target.number])
        let isPending = watched?.within != nil
        let keepsNumber = target.isLayered || target.id == base || isPending
        let purpose = Purpose(
            action: "config.rollback", isLayered: target.isLayered || target.id != base,
            base: target.base ?? base, again: keepsNumber ? target : nil, isPolicyExempt: hasRun,
            takesBack: reason)
        var options = ChangeOptions(reason: reason)
        options.expectsDrop = true
        return try await carryOut(target.document, options, origin, purpose)
    }

    private func target(_ revision: RevisionID?) throws(ChangeFailure) -> StoredRevision {
        if let revision {
            guard let stored = store.revision(revision) else {
                throw .unknown("there is no revision \(revision)")
            }
            return stored
        }
        let history = store.history
        let isPending = watched?.within != nil
        let number = isPending ? history.confirmed : history.confirmedBefore.last
        if let stored = number.flatMap({ store.revisions[$0] }) { return stored }
        if isPending {
            throw .unknown(
                "there was no configuration before; without a confirmation this one goes by itself")
        }
        throw .unknown("there is no earlier revision to go back to")
    }

    // MARK: - Watching

    /// Begins to look at what a change does.
    func look(
        after number: Int, _ before: GateSample, within: Duration?, expectsDrop: Bool,
        elapsed: Duration = .zero
    ) {
        var gate = HealthGate(baseline: baseline, before: before, expectsDrop: expectsDrop)
        if let watched, watched.within != nil {
            gate = watched.gate.successor(after: before, expectsDrop: expectsDrop)
        }
        watched = Watched(
            number: number, since: parts.clock.now, elapsedBefore: elapsed, within: within, gate: gate)
        baseline.reset()
        watchFromNow()
    }

    /// Looks every second while there is a change to look at, and every ten seconds otherwise.
    func watchFromNow() {
        watch?.cancel()
        let interval = watched == nil ? HealthBaseline.interval : Duration.seconds(1)
        watch = Task { [weak self, clock = parts.clock] in
            while (try? await clock.sleep(for: interval)) != nil, !Task.isCancelled {
                guard await self?.tick() == true else { return }
            }
        }
    }

    /// One look; `false` when another task takes over.
    private func tick() async -> Bool {
        let sample = GateSample(parts.engine.snapshot())
        noteStability()
        guard var current = watched else {
            baseline.note(sample)
            return true
        }
        let decision = current.gate.observe(sample)
        let passed = elapsed(current)
        if let within = current.within {
            if case .trip(let reason) = decision {
                watched = current
                await goBack(from: current.number, because: reason)
            } else if passed >= within {
                watched = current
                await goBack(from: current.number, because: "it was not confirmed within \(within)")
            } else {
                watched = current
            }
        } else {
            if case .trip(let reason) = decision, !current.isReported {
                current.isReported = true
                report(reason)
            }
            watched = passed >= Self.selfCheck ? nil : current
            if watched == nil { watchFromNow() }
        }
        return !Task.isCancelled
    }

    private func report(_ reason: String) {
        parts.logger.warning(
            "the last change of the configuration may have done harm",
            metadata: ["revision": "\(active.revision.id)", "reason": "\(reason)"])
        parts.engine.events.note(
            .configurationFailed, "\(active.revision.id)",
            "revision \(active.revision.id) may have done harm: \(reason); it was confirmed and stays")
    }

    /// A revision that has run long enough is not what ends the process later.
    private func noteStability() {
        guard let run = store.history.run, !run.isStable, run.number == active.revision.number,
            parts.clock.now - runningSince >= RevisionHistory.settlingTime
        else { return }
        keep { $0.run?.isStable = true }
    }

    /// The revision before runs again, without anybody asking.
    private func goBack(from number: Int, because reason: String) async {
        let origin = ChangeOrigin(.rollback, actor: "apus")
        do throws(ChangeFailure) { try await takeTurn(origin) } catch { return }
        defer { endTurn() }
        guard let current = watched, current.number == number, current.within != nil else { return }
        let failed = active.revision.id
        let target = await fallbackConfiguration()
        do throws(StartFailure) {
            _ = try await parts.engine.replace(with: target.configuration)
        } catch {
            guard !current.goBackFailed else { return }
            watched?.goBackFailed = true
            return parts.logger.critical(
                "the configuration before does not run again; trying every second",
                metadata: ["error": "\(error)"])
        }
        keep { history in
            history.takeBack(number, because: reason)
            if target.revision.number > 0 { history.activate(target.revision.number, within: nil) }
        }
        try? record("config.rollback", origin, after: target.revision.id, .done, reason)
        active = target
        runningSince = parts.clock.now
        fallback = target
        watched = nil
        parts.changed(target.configuration)
        announce(.takenBack(failed, because: reason))
        announce(.began(target.revision.id, hasOverlay: false))
        watchFromNow()
        parts.engine.events.note(
            .configurationRolledBack, "\(target.revision.id)",
            "revision \(failed) was taken back: \(reason)", details: ["previous": "\(failed)"])
        parts.logger.warning(
            "the configuration was taken back and the one before runs again",
            metadata: [
                "from": "\(failed)", "to": "\(target.revision.id)", "reason": "\(reason)",
            ])
    }

    /// What runs when the active revision is given up.
    private func fallbackConfiguration() async -> RunningConfiguration {
        if let fallback { return fallback }
        if let stored = store.history.confirmed.flatMap({ store.revisions[$0] }) {
            let reading = await reader.read(stored.document)
            if let expanded = reading.expanded, let configuration = reading.configuration {
                return RunningConfiguration(stored, raw: stored.document, expanded: expanded, configuration)
            }
        }
        return idle
    }
}
