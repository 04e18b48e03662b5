public import Wire

/// How a server is reached.
public enum ClientTransport: Sendable, Hashable {
    /// A connection over which both sides speak whenever they like.
    case webSocket
    /// Requests, one at a time; the server speaks in its answers.
    case http
}

/// One of the ways to a server.
public enum ClientRoute: Sendable, Hashable {
    /// One of the configured servers, by its place in `ClientSettings.servers`.
    case server(Int)
    /// The settings that are being verified.
    case candidate
}

/// What a session wants done; in the order in which it was wanted.
public enum ClientAction: Sendable {
    /// Open a WebSocket; then tell `opened`, or `failed`.
    case connect(ClientRoute)
    /// Send a message over the WebSocket, after `Framing.header`.
    case send(Bytes)
    /// Send a request with the message; then tell `received` with the body of an answer of status 200, or
    /// `failed`.
    case post(Bytes, ClientRoute)
    /// Send a ping over the WebSocket; the pong is told with `heard`.
    case ping
    /// Close the WebSocket with this code after what has been sent, or give up the request that is under way.
    /// Nothing is told of it.
    case disconnect(code: UInt16)

    /// The first message over a connection has come: the server is there, and takes what it gets.
    case established(ClientRoute)
    /// Run this configuration; then tell `report { $0.remoteConfigStatus = … }`.
    case remoteConfig(AgentRemoteConfig)
    /// Use these settings; then tell `applied`, `refused` or `verify`.
    case connectionSettings(ConnectionSettingsOffers)
    /// The settings that were to be verified work: keep them, they are `.server(0)` from now on.
    case candidateVerified(hash: [UInt8])
    /// The settings that were to be verified do not work: forget them.
    case candidateFailed(hash: [UInt8], reason: String)
    case packages(PackagesAvailable)
    case custom(CustomMessage)
    /// The server knows these custom messages.
    case customCapabilities([String])
    /// Keep the id; messages have it from now on.
    case newInstanceUID(InstanceUID)
    case restart
    /// Something to log.
    case note(ClientNote)
}

/// What happened to a session and is worth a line in the log.
public enum ClientNote: Sendable, Hashable, CustomStringConvertible {
    /// The connection failed or ended; the next attempt is due after the delay.
    case waiting(ClientFailure, Duration)
    /// The server did not take a message.
    case serverError(ServerErrorResponse)
    /// A message of the server cannot be read.
    case unreadable(OpAMPError)
    /// A message of the server is for another agent.
    case foreign(InstanceUID)
    /// A part of a message is larger than messages may be, and was not sent.
    case discarded(String, bytes: Int)
    /// A custom message was not sent: too many wait, or the server does not know them.
    case customDiscarded(capability: String)

    public var description: String {
        switch self {
        case .waiting(let failure, let delay):
            "\(failure); the next attempt is in \(Int(delay / .milliseconds(1))) ms"
        case .serverError(let error):
            "the server refused a message (\(error.kind)): \(error.errorMessage)"
        case .unreadable(let error): "a message of the server cannot be read: \(error)"
        case .foreign(let uid): "a message of the server is for another agent, \(uid)"
        case .discarded(let part, let bytes):
            "\(part) of \(bytes) bytes is larger than messages may be, and was not sent"
        case .customDiscarded(let capability):
            "a custom message of \(capability) was not sent: the server does not know it, or too many wait"
        }
    }
}

/// Why there is no connection.
public enum ClientFailure: Sendable, Hashable, CustomStringConvertible {
    /// The server answered with another status than it should: 101 for a WebSocket, 200 for a request.
    case status(Int, retryAfter: Duration? = nil)
    /// The server closed the WebSocket.
    case closed(code: UInt16?, reason: String = "")
    /// There is no way to the server, or the connection broke.
    case network(String)
    /// The server has too much to do, and said so in a message.
    case unavailable(retryAfter: Duration?)
    /// Nothing came from the server for too long.
    case silent
    /// A message of the server is larger than messages may be.
    case tooLarge

    public var description: String {
        switch self {
        case .status(let status, _): "the server answered with status \(status)"
        case .closed(let code, let reason):
            "the server closed the connection"
                + (code.map { " with code \($0)" } ?? "") + (reason.isEmpty ? "" : ": \(reason)")
        case .network(let reason): reason
        case .unavailable: "the server is not available"
        case .silent: "the server does not answer"
        case .tooLarge: "a message of the server is too large"
        }
    }

    /// How long the server asked to stay away.
    var retryAfter: Duration? {
        switch self {
        case .status(_, let delay), .unavailable(let delay): delay
        default: nil
        }
    }

    /// Whether the server does not know or like this agent; asking often does not change that.
    var isRefusal: Bool {
        switch self {
        case .status(401, _), .status(403, _), .closed(1008, _): true
        default: false
        }
    }
}
