public import Engine
internal import Logging
internal import Pipeline
internal import Settings

/// The beginning and the end of the process.
extension ConfigurationService {
    /// Starts what was chosen, or what comes next in the order when that does not run.
    public func start(_ first: Boot.Candidate) async throws(StartFailure) {
        for note in boot.notes { parts.logger.warning("\(note)") }
        var noted = boot.notes.count
        var candidate = first
        while true {
            do throws(StartFailure) {
                try await start(one: candidate)
                return
            } catch {
                let failure = error
                var rest = boot
                let next = await rest.next()
                boot = rest
                guard let next else { throw failure }
                parts.logger.error(
                    "\(candidate.description) could not be started", metadata: ["error": "\(failure)"])
                for note in boot.notes.dropFirst(noted) { parts.logger.warning("\(note)") }
                noted = boot.notes.count
                candidate = next
            }
        }
    }

    private func start(one candidate: Boot.Candidate) async throws(StartFailure) {
        for diagnostic in boot.diagnostics where diagnostic.severity == .error {
            parts.logger.error("error in the configuration", metadata: ["error": "\(diagnostic)"])
        }
        let revision = revision(for: candidate)
        if candidate.choice.kind != .sources {
            parts.logger.notice("starting with \(candidate.description)")
        }
        let number = revision.number
        if number > 0 {
            let last = store.history.run
            let exits = last?.number == number ? last?.uncleanExits ?? 0 : 0
            keep { $0.run = RevisionHistory.Run(number: number, uncleanExits: exits) }
        }
        do throws(StartFailure) {
            try await parts.engine.start(candidate.configuration)
        } catch {
            if number > 0, store.history.statuses[number] == .candidate {
                keep { $0.fail(number, because: "\(error)") }
            }
            keep { $0.run = nil }
            throw error
        }
        let running = RunningConfiguration(
            revision, raw: candidate.reading.raw, expanded: candidate.reading.expanded ?? .empty,
            candidate.configuration)
        active = running
        base = candidate.base
        runningSince = parts.clock.now
        let pending = store.history.pending
        if let pending, pending.number == number {
            look(
                after: number, GateSample(parts.engine.snapshot()), within: pending.within, expectsDrop: true,
                elapsed: pending.elapsed)
        } else {
            fallback = running
            keep { history in
                if let pending { history.takeBack(pending.number, because: "other sources were started") }
                if number > 0 { history.begin(number) }
            }
            watchFromNow()
        }
        announce(.began(active.revision.id, hasOverlay: false))
    }

    /// The revision that a candidate is: one that is kept already, or a new one.
    private func revision(for candidate: Boot.Candidate) -> StoredRevision {
        switch candidate.choice.kind {
        case .idle: return idle.revision
        case .revision(let number):
            if let stored = store.revisions[number] { return stored }
            return idle.revision
        case .sources:
            let id = RevisionID(of: candidate.reading.raw)
            if let stored = store.history.confirmed.flatMap({ store.revisions[$0] }), stored.id == id,
                stored.sources == reader.commandLine, !stored.isLayered
            {
                return stored
            }
            let revision = StoredRevision(
                number: store.nextNumber, time: parts.clock.unixNanoseconds,
                origin: ChangeOrigin(.commandLine, actor: "apus run"), sources: reader.commandLine, base: id,
                isLayered: false, document: candidate.reading.raw)
            do throws(StateFailure) {
                try store.propose(revision, reason: nil)
            } catch {
                parts.logger.warning("the revision cannot be kept on disk", metadata: ["error": "\(error)"])
                store.remember(revision, reason: nil)
            }
            return revision
        }
    }

    /// An empty configuration, which is no revision.
    var idle: RunningConfiguration {
        let revision = StoredRevision(
            number: 0, time: parts.clock.unixNanoseconds,
            origin: ChangeOrigin(.commandLine, actor: "built-in"), sources: reader.commandLine, base: nil,
            isLayered: false, document: .empty)
        return RunningConfiguration(revision, raw: .empty, expanded: .empty, .idle)
    }

    /// The process stops as it should: nothing that happens later is the fault of the configuration.
    ///
    /// A revision that waits to be confirmed goes on waiting in the next process.
    public func stop() async {
        // A change that is under way is finished first.
        do throws(ChangeFailure) {
            try await takeTurn(ChangeOrigin(.signal, actor: "apus"))
        } catch {
            return
        }
        defer { endTurn() }
        isStopped = true
        watch?.cancel()
        let passed = watched.flatMap { $0.within == nil ? nil : elapsed($0) }
        keep { history in
            history.run?.isClean = true
            if let passed { history.pending?.elapsed = passed }
        }
        watched = nil
    }
}
