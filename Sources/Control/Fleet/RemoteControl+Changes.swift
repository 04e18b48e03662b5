internal import Engine
internal import Logging
public import Pipeline
internal import Settings

/// Applying, confirming and taking back.
extension RemoteControl {
    public func offer(_ configuration: RemoteConfiguration) async {
        if record.candidate?.hash == configuration.hash {
            // It is known already; whoever asks wants to hear how far it is, and nothing else any more.
            queued = nil
            return tell(.remote(record.state))
        }
        if record.candidate == nil, !isWorking, let confirmed = record.confirmed,
            confirmed.hash == configuration.hash
        {
            let running = await service.running
            if confirmed.revision == running.revision, running.timeLeft == nil {
                queued = nil
                keep { $0.stay() }
                return tell(.remote(record.state))
            }
        }
        queued = configuration
        if record.candidate?.runs == true, record.confirmed?.hash == configuration.hash {
            // The server wants what ran before, so there is nothing to wait for.
            guard !isWorking else { return }
            isWorking = true
            await goBack(because: "the server asked for the one before", configuration.server)
            isWorking = false
        }
        pump()
    }

    private func goBack(because reason: String, _ server: String) async {
        do throws(ChangeFailure) {
            _ = try await service.rollBack(to: nil, because: reason, by: origin(server))
        } catch {
            parts.logger.warning(
                "a remote configuration cannot be taken back before its time", metadata: ["error": "\(error)"]
            )
        }
    }

    /// Applies what is queued when nothing stands in the way: what only waits to be confirmed does not.
    func pump() {
        guard !isWorking, record.candidate?.runs != false, let next = queued else { return }
        queued = nil
        isWorking = true
        Task { await work(next) }
    }

    private func work(_ configuration: RemoteConfiguration) async {
        let running = await service.running
        if let candidate = record.candidate {
            guard candidate.revision == running.revision, running.timeLeft != nil else {
                // What has become of it is about to be told; then it is the turn of this one.
                queued = queued ?? configuration
                isWorking = false
                return
            }
            parts.logger.info("what waits to be confirmed makes way for a newer remote configuration")
            selfCheck?.cancel()
            abandoned = candidate
        } else if running.timeLeft != nil {
            return postpone(configuration)
        }
        defer { abandoned = nil }
        do throws(ChangeFailure) {
            try await apply(configuration)
        } catch {
            if case .busy = error { return postpone(configuration) }
            let message = FailureText(error).text
            keep { $0.fail(message) }
            await leaveAbandoned(configuration.server)
        }
        isWorking = false
        pump()
    }

    /// What made way is not wanted any more, even when what came instead of it does not run.
    private func leaveAbandoned(_ server: String) async {
        let running = await service.running
        guard let abandoned, abandoned.revision == running.revision, running.timeLeft != nil else { return }
        await goBack(because: "a newer remote configuration was to take its place", server)
    }

    /// Another change waits to be confirmed; its end wakes this one.
    private func postpone(_ configuration: RemoteConfiguration) {
        parts.logger.info("a remote configuration has to wait until another change is confirmed")
        keep { $0.postpone() }
        queued = queued ?? configuration
        isWorking = false
    }

    private func apply(_ configuration: RemoteConfiguration) async throws(ChangeFailure) {
        keep { $0.begin(RemoteRecord.Layer(configuration)) }
        let layered = try await layered(configuration.files, for: configuration.carrier)
        let origin = origin(configuration.server)
        do throws(StateFailure) {
            try write { $0.resolve(layered.revision) }
        } catch {
            throw .storage("the remote configuration cannot be kept: \(error)")
        }
        let bounds = ConfigurationService.confirmationBounds
        let within = configuration.confirmWithin ?? Self.usualConfirmation
        var options = ChangeOptions(
            confirmWithin: min(max(within, bounds.lowerBound), bounds.upperBound),
            reason: configuration.occasion)
        options.expectsDrop = configuration.expectsDrop
        let applied = try await service.apply(
            layered, options, instead: abandoned?.revision, by: origin)
        // It may have been taken back already.
        guard record.candidate?.hash == configuration.hash else { return }
        guard let left = applied.confirmWithin else {
            keep { $0.confirm() }
            return await refreshOverlay()
        }
        appliedAt = parts.clock.now
        keep { $0.apply(confirmation(of: configuration, applied.plan.plan)) }
        watchCandidate(within: left)
    }

    /// Whoever has to say that the change is good.
    private func confirmation(
        of configuration: RemoteConfiguration, _ plan: ReconfigurationPlan
    ) -> RemoteRecord.Confirmation {
        if configuration.confirmWithin != nil { return .byServer }
        let isTouched = plan.steps.contains {
            $0.kind == .extension && $0.id == configuration.carrier && $0.action != .keep
        }
        return isTouched ? .byContact : .bySelf
    }

    private func layered(
        _ files: [RemoteFile], for carrier: ComponentID
    ) async throws(ChangeFailure) -> ConfigurationService.Layered {
        let documents = try await RemoteDocuments(files)
        let trespasses = documents.trespasses(on: carrier)
        guard trespasses.isEmpty else { throw .forbidden(trespasses) }
        return try await service.layered(documents)
    }

    func origin(_ server: String) -> ChangeOrigin { ChangeOrigin(.fleet, actor: server) }

    // MARK: - Confirming

    /// Confirms the candidate when the collector has looked at itself long enough, unless that is for others.
    func watchCandidate(within timeLeft: Duration) {
        selfCheck?.cancel()
        guard let candidate = record.candidate, candidate.confirmation == .bySelf else { return }
        // A little before the time is over, when there is not enough of it.
        let wait = min(ConfigurationService.selfCheck, timeLeft / 2)
        selfCheck = Task { [weak self, clock = parts.clock] in
            guard (try? await clock.sleep(for: wait)) != nil else { return }
            _ = await self?.confirm(candidate.hash, by: "self-check")
        }
    }

    public func confirm(_ hash: [UInt8], by server: String) async -> Bool {
        guard let candidate = record.candidate, candidate.hash == hash, candidate.runs,
            let revision = candidate.revision
        else { return record.candidate == nil && record.confirmed?.hash == hash }
        do throws(ChangeFailure) {
            _ = try await service.confirm(revision, by: origin(server))
            return true
        } catch {
            parts.logger.warning(
                "a remote configuration cannot be confirmed",
                metadata: ["error": "\(FailureText(error).text)"])
            return false
        }
    }

    public func reached(_ server: String, connectedAt: Instant) async {
        guard let candidate = record.candidate, candidate.runs, candidate.confirmation == .byContact,
            let appliedAt, connectedAt >= appliedAt
        else { return }
        _ = await confirm(candidate.hash, by: server)
    }

    // MARK: - What the service does

    /// Takes note of what has become of the configuration, whoever did it.
    func take(_ step: ConfigurationStep) async {
        switch step {
        case .began(let revision, let hasOverlay):
            if hasOverlay { keep { $0.rebase(to: revision) } }
            tell(.configurationChanged)
        case .confirmed(let revision):
            if let candidate = record.candidate, candidate.runs, candidate.revision == revision {
                selfCheck?.cancel()
                keep { $0.confirm() }
                await refreshOverlay()
            } else if let abandoned, abandoned.revision == revision {
                // The confirmation was faster than what comes after it.
                keep { $0.confirm(abandoned) }
            }
        case .takenBack(let revision, let reason):
            if let candidate = record.candidate, candidate.runs, candidate.revision == revision {
                selfCheck?.cancel()
                keep { $0.fail(reason) }
            } else if record.candidate == nil, record.confirmed?.revision == revision {
                let running = await service.running
                keep { $0.lose(to: running.revision, because: reason) }
                await refreshOverlay()
            }
        }
        pump()
    }

    // MARK: - Checking, restarting

    public func validate(
        _ files: [RemoteFile], for carrier: ComponentID, from server: String
    ) async -> [RemoteDiagnostic] {
        do throws(ChangeFailure) {
            let layered = try await layered(files, for: carrier)
            return try await service.check(layered, by: origin(server)).map { RemoteDiagnostic($0) }
        } catch {
            return error.diagnostics.prefix(FailureText.most).map { RemoteDiagnostic($0) }
        }
    }

    public func restart(because reason: String, by server: String) async {
        parts.logger.notice(
            "the process begins anew", metadata: ["reason": "\(reason)", "by": "\(server)"])
        do throws(ChangeFailure) {
            try await service.record("process.restart", origin(server), .done, reason)
        } catch {
            // The log has said so already; a command that leaves no trace is not carried out.
            return
        }
        parts.restart()
    }
}
