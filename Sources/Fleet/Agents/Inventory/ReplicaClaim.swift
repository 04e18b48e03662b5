internal import FleetStore
internal import OpAMP
internal import Wire

/// Another manager says that an agent is connected to it, later than it was connected here.
///
/// It contends with the connection here as another connection here would.
final class ReplicaClaim: AgentConnection {
    /// What the store has of the agent.
    let row: StoredAgent
    /// Since when the agent is connected there; nanoseconds since 1970-01-01T00:00:00Z.
    let since: UInt64
    /// Whether the connection there has been asked and is alive, so that the one here is another agent's.
    let isProven: Bool

    let id = UInt64.max
    let peer = ""
    let principal = AgentPrincipal.anyone
    let isWebSocket = false

    init(_ row: StoredAgent, since: UInt64, isProven: Bool) {
        self.row = row
        self.since = since
        self.isProven = isProven
    }

    func send(_ chunks: [Bytes]) -> Bool { false }
    func ping() {}
    func close(code: UInt16, reason: String) {}
}
