internal import Engine
internal import Pipeline
internal import Settings

/// Changes that are documents over what the sources say.
extension ConfigurationService {
    /// Documents over the sources as these are now.
    struct Layered: Sendable {
        let tree: Tree
        /// What the sources say.
        let base: RevisionID
        let isLayered: Bool
        /// Where the documents were written: the local policy is about these only.
        let judged: Set<ConfigurationSource>
        /// The revision that it makes.
        var revision: RevisionID { RevisionID(of: tree) }
    }

    /// Puts documents over the sources; secrets that came hidden are what they hide again.
    func layered(_ documents: RemoteDocuments) async throws(ChangeFailure) -> Layered {
        let raw = await reader.readSources()
        guard !raw.diagnostics.hasErrors else { throw .invalid(raw.diagnostics) }
        let (tree, diagnostics) = active.secrets.restoring(documents.merged(over: raw.tree))
        guard diagnostics.isEmpty else { throw .invalid(diagnostics) }
        return Layered(
            tree: tree, base: RevisionID(of: raw.tree), isLayered: documents.tree != nil,
            judged: documents.sources)
    }

    /// Checks documents without any effect; gives warnings and notes.
    func check(_ layered: Layered, by origin: ChangeOrigin) async throws(ChangeFailure) -> [Diagnostic] {
        try await prepare(layered.tree, origin, judged: layered.judged).warnings
    }

    /// Makes documents over the sources the configuration.
    ///
    /// - Parameters:
    ///   - layered: The documents.
    ///   - options: The options of the change.
    ///   - abandoned: A revision that waits to be confirmed and makes way; what was confirmed before it is
    ///     what is gone back to.
    ///   - origin: Who wants it.
    /// - Returns: What runs now.
    /// - Throws: `.busy` while another revision waits to be confirmed, and like every change.
    func apply(
        _ layered: Layered, _ options: ChangeOptions, instead abandoned: RevisionID? = nil,
        by origin: ChangeOrigin
    ) async throws(ChangeFailure) -> AppliedChange {
        try await takeTurn(origin)
        defer { endTurn() }
        if let left = timeLeft, active.revision.id != abandoned {
            throw .busy(
                "revision \(active.revision.id) waits to be confirmed, for \(left.components.seconds) more "
                    + "seconds")
        }
        let purpose = Purpose(
            action: "config.apply", isLayered: layered.isLayered, base: layered.base, judged: layered.judged)
        let applied = try await carryOut(layered.tree, options, origin, purpose)
        base = layered.base
        return applied
    }

    /// What lies over the sources from now on, whenever they are read.
    func setOverlay(_ overlay: (@Sendable (Tree) -> Tree)?) { self.overlay = overlay }

    /// What runs: its revision, the time left to confirm it, and whether it is more than the sources say.
    var running: (revision: RevisionID, timeLeft: Duration?, isLayered: Bool) {
        (active.revision.id, timeLeft, active.revision.isLayered)
    }

    /// Why a revision does not run any more; `nil` when nothing is said against it.
    func fault(of revision: RevisionID) -> String? {
        guard let stored = store.revision(revision) else { return nil }
        let summary = store.summary(of: stored)
        guard [.failed, .rolledBack].contains(summary.status) else { return nil }
        return summary.reason ?? "it was taken back"
    }

    /// Attributes of the collector's own telemetry.
    func resource(version: String, instance: String) -> [(name: String, value: String)] {
        active.configuration.telemetry.resourceAttributes(version: version, instance: instance)
            .map { ($0.key, $0.value) }
    }
}
