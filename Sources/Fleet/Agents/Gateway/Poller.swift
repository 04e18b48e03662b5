internal import Wire

/// Stands for an agent that polls: there is a request now and then, and no connection.
final class Poller: AgentConnection {
    let id: UInt64
    let peer: String
    let principal: AgentPrincipal
    var isWebSocket: Bool { false }

    init(_ request: any AgentConnection) {
        id = request.id
        peer = request.peer
        principal = request.principal
    }

    func send(_ chunks: [Bytes]) -> Bool { false }
    func ping() {}
    func close(code: UInt16, reason: String) {}
}
