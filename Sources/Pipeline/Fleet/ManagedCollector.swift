/// The collector as somebody far away sees and changes it: what an extension needs that carries a fleet's
/// wishes.
///
/// There is one for the process, and it outlives every change: an extension that is replaced by the very
/// change that it brought finds everything here again. Where the collector was started without it, an
/// extension can only report.
public protocol ManagedCollector: Sendable {
    /// Who the collector is, as its configuration has it now.
    func identity() async -> CollectorIdentity
    /// The components of this build.
    var components: CollectorComponents { get }
    /// What went through since the process began.
    var flow: CollectorFlow { get }

    /// A directory of the extension's own that survives the process; `nil` when nothing can be kept.
    func directory(for id: ComponentID) -> String?
    /// Returns when no other instance of this id has the seat, with the right to speak for it.
    ///
    /// Two instances of an extension live side by side for the moment of a change, and only one may be heard.
    /// Throws `CancellationError`.
    func takeSeat(_ id: ComponentID) async throws -> CollectorSeat

    /// What became of remote configurations last, whoever brought them and in whatever process.
    func remoteState() async -> RemoteConfigurationState
    /// Everything that happens from now on; at most the newest 64 are kept for a slow reader.
    func news() async -> AsyncStream<CollectorNews>
    /// The configuration in force with hidden secrets, as YAML: with all defaults, or as it is written.
    func effectiveConfiguration(_ form: ConfigurationForm) async -> String

    /// Asks for another remote configuration; what comes of it is news.
    ///
    /// One is applied after the other. While one waits to be confirmed or another change is under way, only
    /// the newest of the following is remembered.
    func offer(_ configuration: RemoteConfiguration) async
    /// Confirms the remote configuration that waits for it; `false` when it is another one or none.
    func confirm(_ hash: [UInt8], by server: String) async -> Bool
    /// Tells that a server has answered over a connection that was made at `connectedAt`.
    ///
    /// That confirms a change that may have cut the way to the server, unless the server confirms itself.
    func reached(_ server: String, connectedAt: Instant) async
    /// Checks documents as `offer` would, without any effect.
    func validate(_ files: [RemoteFile], for carrier: ComponentID, from server: String) async
        -> [RemoteDiagnostic]
    /// Takes note that the server was told of this.
    func acknowledge(_ rollback: RemoteRollback) async
    /// Stops the process as it should be stopped, and begins it anew.
    func restart(because reason: String, by server: String) async
}

/// How a configuration is written down for others.
public enum ConfigurationForm: Sendable {
    /// With every default, as it is in force.
    case effective
    /// As it was written: `${env:NAME}` is not expanded.
    case raw
}

/// Something that others may want to be told.
public enum CollectorNews: Sendable, Equatable {
    /// What became of a remote configuration.
    case remote(RemoteConfigurationState)
    /// Another configuration is in force.
    case configurationChanged
}

/// The right to speak for an extension; it ends with `leave`, or with the value.
public final class CollectorSeat: Sendable {
    private let leaving: @Sendable () -> Void

    /// - Parameter leaving: Called when the seat is free again; may be called more than once.
    public init(leaving: @escaping @Sendable () -> Void) { self.leaving = leaving }

    /// Gives the seat to the next one.
    public func leave() { leaving() }

    deinit { leaving() }
}
