internal import Pipeline

/// What is remembered of remote configurations: a value whose every change is one step of their life.
///
/// It is written to the disk with each step, so the next process knows what the last one was doing.
struct RemoteRecord: Sendable, Equatable {
    /// How a configuration gets confirmed.
    enum Confirmation: String, Sendable, CaseIterable {
        /// When the collector has looked at itself for a while.
        case bySelf = "self"
        /// When its server says so.
        case byServer = "server"
        /// When its server says so, or has been reached over a new connection.
        case byContact = "contact"
    }

    /// One remote configuration and the revision that it became.
    struct Layer: Sendable, Equatable {
        let hash: [UInt8]
        let files: [RemoteFile]
        let server: String
        /// The extension that brought it.
        let carrier: ComponentID
        /// Known as soon as the documents could be put over the collector's own sources.
        var revision: RevisionID?
        var confirmation = Confirmation.bySelf
        /// Whether it has begun to run.
        var runs = false

        init(_ configuration: RemoteConfiguration) {
            self.init(
                hash: configuration.hash, files: configuration.files, server: configuration.server,
                carrier: configuration.carrier)
        }

        init(hash: [UInt8], files: [RemoteFile], server: String, carrier: ComponentID) {
            self.hash = hash
            self.files = files
            self.server = server
            self.carrier = carrier
        }
    }

    /// Rollbacks that are remembered until somebody has been told.
    static let rollbackLimit = 4
    /// Confirmed configurations that are remembered, beside the present one.
    static let earlierLimit = 2

    /// What is reported.
    private(set) var state = RemoteConfigurationState()
    /// What is confirmed.
    private(set) var confirmed: Layer?
    /// What is being applied, or waits to be confirmed.
    private(set) var candidate: Layer?
    /// What was confirmed before, the latest last.
    private(set) var earlier: [Layer] = []

    init() {}

    init(state: RemoteConfigurationState, confirmed: Layer?, candidate: Layer?, earlier: [Layer]) {
        self.state = state
        self.confirmed = confirmed
        self.candidate = candidate
        self.earlier = earlier
    }

    /// A configuration is about to be tried.
    mutating func begin(_ layer: Layer) {
        candidate = layer
        report(layer.hash, .applying)
    }

    /// It is tried later, because something else comes first.
    mutating func postpone() { candidate = nil }

    /// The process ended while something waited to be tried: the server will offer it again.
    mutating func forgetPostponed() {
        guard candidate == nil, state.phase == .applying else { return }
        report(confirmed?.hash ?? [], confirmed == nil ? .unset : .applied)
    }

    /// It makes this revision.
    mutating func resolve(_ revision: RevisionID) { candidate?.revision = revision }

    /// It runs, and waits to be confirmed.
    mutating func apply(_ confirmation: Confirmation) {
        candidate?.runs = true
        candidate?.confirmation = confirmation
        if let candidate { report(candidate.hash, .applied) }
    }

    /// What waits is confirmed.
    mutating func confirm() {
        guard let layer = candidate else { return }
        candidate = nil
        confirm(layer)
        report(layer.hash, .applied)
    }

    /// What made way for something newer had been confirmed just before.
    mutating func confirm(_ layer: Layer) {
        if let confirmed, confirmed.hash != layer.hash {
            earlier.removeAll { $0.hash == confirmed.hash || $0.hash == layer.hash }
            earlier.append(confirmed)
            if earlier.count > Self.earlierLimit { earlier.removeFirst() }
        }
        confirmed = layer
    }

    /// The confirmed one is what is wanted again.
    mutating func stay() {
        if let confirmed { report(confirmed.hash, .applied) }
    }

    /// What was tried did not work, or ran and was taken back.
    mutating func fail(_ reason: String) {
        guard let layer = candidate else { return }
        candidate = nil
        report(layer.hash, .failed, reason)
        if layer.runs {
            remember(RemoteRollback(from: layer.hash, to: confirmed?.hash ?? [], reason: reason))
        }
    }

    /// The confirmed one does not run any more; what runs is `revision`.
    mutating func lose(to revision: RevisionID, because reason: String) {
        guard let layer = confirmed else { return }
        confirmed = earlier.last { $0.revision == revision }
        earlier.removeAll { $0.hash == confirmed?.hash }
        report(layer.hash, .failed, reason)
        remember(RemoteRollback(from: layer.hash, to: confirmed?.hash ?? [], reason: reason))
    }

    /// The confirmed one was put over other sources and is another revision now.
    mutating func rebase(to revision: RevisionID) { confirmed?.revision = revision }

    /// Somebody has been told.
    mutating func forget(_ rollback: RemoteRollback) { state.rollbacks.removeAll { $0 == rollback } }

    private mutating func remember(_ rollback: RemoteRollback) {
        state.rollbacks.append(rollback)
        if state.rollbacks.count > Self.rollbackLimit { state.rollbacks.removeFirst() }
    }

    private mutating func report(
        _ hash: [UInt8], _ phase: RemoteConfigurationState.Phase, _ message: String = ""
    ) {
        state.hash = hash
        state.phase = phase
        state.message = message
    }
}
