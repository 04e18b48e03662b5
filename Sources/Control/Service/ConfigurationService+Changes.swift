internal import Engine
internal import Logging
internal import Pipeline
internal import Settings

extension ConfigurationService {
    /// A configuration that has passed every check.
    struct Prepared: Sendable {
        let raw: Tree
        let expanded: Tree
        let configuration: CollectorConfiguration
        let warnings: [Diagnostic]
        let plan: ReconfigurationPlan
    }

    /// What a change is for, beside its content.
    struct Purpose: Sendable {
        var action: String
        var isLayered: Bool
        var base: RevisionID?
        /// The revision that is run again, under its own number.
        var again: StoredRevision?
        var isPolicyExempt = false
        /// What the local policy is about, by where it was written; `nil` is everything.
        var judged: Set<ConfigurationSource>?
        /// Whether it is what the sources say, with what is kept beside them.
        var hasOverlay = false
        /// What the revision that waited for its confirmation is left for.
        var takesBack: String?
    }

    // MARK: - The protocol

    public func validate(_ change: ConfigurationChange) async -> ValidationReport {
        // Whoever asks may be anybody, so nothing is looked up that the local policy does not allow.
        let origin = ChangeOrigin(.api, actor: "")
        do throws(ChangeFailure) {
            let prepared = try await prepare(try edited(change), origin)
            return ValidationReport(diagnostics: prepared.warnings)
        } catch {
            return ValidationReport(diagnostics: error.diagnostics)
        }
    }

    public func plan(
        _ change: ConfigurationChange, by origin: ChangeOrigin
    ) async throws(ChangeFailure) -> ChangePlan {
        let prepared = try await prepare(try edited(change), origin)
        return changePlan(prepared)
    }

    public func apply(
        _ change: ConfigurationChange, _ options: ChangeOptions, by origin: ChangeOrigin
    ) async throws(ChangeFailure) -> AppliedChange {
        if let within = options.confirmWithin, !Self.confirmationBounds.contains(within) {
            throw .invalid([Diagnostic(.error, "the time to confirm must be between 1 second and 24 hours")])
        }
        try await takeTurn(origin)
        defer { endTurn() }
        if let expected = options.expected, expected != active.revision.id {
            throw .conflict(active: active.revision.id)
        }
        if origin.isRemote, let left = timeLeft {
            throw .busy(
                "revision \(active.revision.id) waits to be confirmed, for \(left.components.seconds) more "
                    + "seconds; confirm it or roll it back first")
        }
        let purpose = Purpose(action: "config.apply", isLayered: origin.channel != .file, base: base)
        return try await carryOut(try edited(change), options, origin, purpose)
    }

    public func reload(by origin: ChangeOrigin) async throws(ChangeFailure) -> AppliedChange {
        guard !reader.commandLine.isEmpty else {
            throw .unknown("the command line names no sources to read again")
        }
        try await takeTurn(origin)
        defer { endTurn() }
        let raw = await reader.readSources()
        let id = RevisionID(of: raw.tree)
        let tree = overlay?(raw.tree) ?? raw.tree
        let purpose = Purpose(
            action: "config.reload", isLayered: overlay != nil, base: id, isPolicyExempt: true,
            hasOverlay: overlay != nil)
        guard !raw.diagnostics.hasErrors else {
            let failure = ChangeFailure.invalid(raw.diagnostics)
            noteRefusal(failure, origin, purpose)
            throw failure
        }
        let applied = try await carryOut(tree, ChangeOptions(), origin, purpose)
        base = id
        return applied
    }

    /// What the sources say now, errors included, as a short text to compare.
    public func fingerprint() async -> String {
        let raw = await reader.readSources()
        let texts = raw.texts.map { "\($0.key.kind) \($0.key.name)\n\($0.value)" }.sorted()
        return Digest.sha256((texts + raw.diagnostics.map { "\($0)" }).joined(separator: "\n"))
    }

    // MARK: - Checks

    /// The raw configuration that a change asks for, with readable secrets.
    func edited(_ change: ConfigurationChange) throws(ChangeFailure) -> Tree {
        let secrets = active.secrets
        let tree = try ChangeEditor(shown: { secrets.hiding($0) }).apply(change, to: active.raw)
        let (restored, diagnostics) = secrets.restoring(tree)
        guard diagnostics.isEmpty else { throw .invalid(diagnostics) }
        return restored
    }

    /// Everything that can be found out about a raw configuration without touching what runs.
    func prepare(
        _ raw: Tree, _ origin: ChangeOrigin, isExempt: Bool = false, judged: Set<ConfigurationSource>? = nil
    ) async throws(ChangeFailure) -> Prepared {
        let policy = PolicyCheck(policy: parts.policy, ownAddresses: parts.ownAddresses, judged: judged)
        let isJudged = origin.isRemote && !isExempt
        if isJudged {
            let forbidden = policy.references(in: raw, active: active.raw)
            guard forbidden.isEmpty else { throw .forbidden(forbidden) }
        }
        let reading = await reader.read(raw)
        guard let configuration = reading.configuration, let expanded = reading.expanded,
            !reading.diagnostics.hasErrors
        else { throw .invalid(reading.diagnostics) }
        if isJudged {
            let forbidden = policy.values(
                in: configuration.tree(.hidden), active: active.effective, written: expanded)
            guard forbidden.isEmpty else { throw .forbidden(forbidden) }
        }
        do throws(StartFailure) {
            let plan = try await parts.engine.plan(configuration)
            return Prepared(
                raw: raw, expanded: expanded, configuration: configuration, warnings: reading.diagnostics,
                plan: plan)
        } catch {
            throw ChangeFailure(error)
        }
    }

    func changePlan(_ prepared: Prepared) -> ChangePlan {
        ChangePlan(
            base: active.revision.id, target: RevisionID(of: prepared.raw), plan: prepared.plan,
            differences: ConfigurationDifference.between(
                active.effective, prepared.configuration.tree(.hidden)),
            warnings: prepared.warnings)
    }

    // MARK: - Carrying out

    /// Makes a change that has got its turn.
    func carryOut(
        _ raw: Tree, _ options: ChangeOptions, _ origin: ChangeOrigin, _ purpose: Purpose
    ) async throws(ChangeFailure) -> AppliedChange {
        let prepared: Prepared
        do throws(ChangeFailure) {
            prepared = try await prepare(
                raw, origin, isExempt: purpose.isPolicyExempt, judged: purpose.judged)
        } catch {
            noteRefusal(error, origin, purpose)
            throw error
        }
        let plan = changePlan(prepared)
        if active.isSame(prepared.raw, prepared.expanded),
            purpose.isLayered || !active.revision.isLayered, active.revision.number > 0
        {
            return AppliedChange(
                revision: activeSummary, plan: plan, swapped: .zero, confirmWithin: timeLeft)
        }
        guard !origin.isRemote || store.isDurable else {
            throw .storage("there is no state directory to keep revisions in; start with --state-directory")
        }
        try record(purpose.action, origin, after: plan.target, .begun, options.reason)
        let revision = try propose(prepared, options, origin, purpose)
        let before = GateSample(parts.engine.snapshot())
        let change: Reconfiguration
        do throws(StartFailure) {
            change = try await parts.engine.replace(with: prepared.configuration)
        } catch {
            let failure = ChangeFailure(error)
            if purpose.again == nil { keep { $0.fail(revision.number, because: "\(error)") } }
            noteRefusal(failure, origin, purpose)
            throw failure
        }
        try await settle(revision, prepared, options, origin, purpose)
        begin(revision, prepared, options, before, purpose)
        noteSuccess(plan, origin, purpose, options, change)
        return AppliedChange(
            revision: activeSummary, plan: plan, swapped: change.swapped, confirmWithin: timeLeft)
    }

    /// Writes the revision to disk before it runs.
    private func propose(
        _ prepared: Prepared, _ options: ChangeOptions, _ origin: ChangeOrigin, _ purpose: Purpose
    ) throws(ChangeFailure) -> StoredRevision {
        if let again = purpose.again { return again }
        let revision = StoredRevision(
            number: store.nextNumber, time: parts.clock.unixNanoseconds, origin: origin,
            sources: reader.commandLine, base: purpose.base, isLayered: purpose.isLayered,
            document: prepared.raw)
        do throws(StateFailure) {
            try store.propose(revision, reason: options.reason)
        } catch {
            guard !origin.isRemote else { throw .storage("the revision cannot be kept: \(error)") }
            parts.logger.warning("the revision cannot be kept on disk", metadata: ["error": "\(error)"])
            store.remember(revision, reason: options.reason)
        }
        return revision
    }

    /// Writes that the revision runs; when that fails for a remote change, the former one runs again.
    private func settle(
        _ revision: StoredRevision, _ prepared: Prepared, _ options: ChangeOptions, _ origin: ChangeOrigin,
        _ purpose: Purpose
    ) async throws(ChangeFailure) {
        let step: (inout RevisionHistory) -> Void = { history in
            if let reason = purpose.takesBack, let pending = history.pending {
                history.takeBack(pending.number, because: reason)
            }
            history.activate(revision.number, within: options.confirmWithin)
        }
        guard origin.isRemote else { return keep(step) }
        do throws(StateFailure) {
            try store.update(step)
        } catch {
            do throws(StartFailure) {
                _ = try await parts.engine.replace(with: active.configuration)
            } catch {
                parts.logger.critical(
                    "the former configuration does not run again", metadata: ["error": "\(error)"])
            }
            throw .storage("the revision cannot be kept: \(error)")
        }
        keep { _ in }
    }

    /// The revision is the active one from now on.
    private func begin(
        _ revision: StoredRevision, _ prepared: Prepared, _ options: ChangeOptions, _ before: GateSample,
        _ purpose: Purpose
    ) {
        let running = RunningConfiguration(
            revision, raw: prepared.raw, expanded: prepared.expanded, prepared.configuration)
        if options.confirmWithin == nil {
            fallback = running
        } else if watched?.within == nil {
            fallback = active
        }
        if let reason = purpose.takesBack {
            announce(.takenBack(active.revision.id, because: reason))
        } else if watched?.within != nil {
            let reason = "another configuration took its place before it was confirmed"
            announce(.takenBack(active.revision.id, because: reason))
        }
        active = running
        runningSince = parts.clock.now
        parts.changed(prepared.configuration)
        announce(.began(revision.id, hasOverlay: purpose.hasOverlay))
        if options.confirmWithin == nil { announce(.confirmed(revision.id)) }
        look(
            after: revision.number, before, within: options.confirmWithin, expectsDrop: options.expectsDrop)
    }
}

extension ChangeFailure {
    init(_ failure: StartFailure) {
        self = .notStarted(
            kind: failure.kind, id: failure.id, message: failure.error.description, key: failure.error.key)
    }

    /// What went wrong, as messages about the configuration.
    var diagnostics: [Diagnostic] {
        switch self {
        case .invalid(let diagnostics), .forbidden(let diagnostics): diagnostics
        case .notStarted(let kind, let id, let message, let key):
            [
                Diagnostic(
                    path: [kind.section, "\(id)"]
                        + (key ?? "").replacing("::", with: ".").split(separator: ".").map(String.init),
                    message)
            ]
        case .conflict(let active): [Diagnostic(.error, "the active revision is \(active)")]
        case .unknown(let message), .busy(let message), .storage(let message): [Diagnostic(.error, message)]
        }
    }
}
