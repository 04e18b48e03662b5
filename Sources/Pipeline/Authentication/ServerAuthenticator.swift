public import Transport

/// An extension that decides who may send to a receiver.
public protocol ServerAuthenticator: Extension {
    /// Whether it is configured to check requests; some extensions do that or set credentials.
    var checksRequests: Bool { get }

    /// Decides about one request when its header fields are known.
    ///
    /// Called on an event loop, which it must not block: what takes time answers `.pending`. It is called
    /// again when the whole request is there, so an answer that took time has to be remembered.
    func authenticate(_ request: AuthenticationRequest) -> AuthenticationVerdict
}

extension ServerAuthenticator {
    public var checksRequests: Bool { true }
}

/// What an authenticator gets to see of a request.
public struct AuthenticationRequest: Sendable {
    /// The header fields, those that `request_params` takes from the query included.
    public let fields: HTTPFields
    /// Who is at the other end, as `ip:port` (`unix` for unix sockets).
    public let peer: String

    public init(fields: HTTPFields, peer: String) {
        self.fields = fields
        self.peer = peer
    }
}

/// What an authenticator makes of a request.
public enum AuthenticationVerdict: Sendable {
    case granted(Principal)
    case refused(AuthenticationRefusal)
    /// The answer comes later; the request may arrive meanwhile but goes no further.
    case pending(PendingAuthentication)
}

/// Who sent a request, as far as an authenticator knows.
public struct Principal: Sendable, Equatable {
    /// What is known about the sender, such as `username`; goes into `Origin.attributes`, so never a secret.
    public let attributes: [String: String]

    public init(attributes: [String: String] = [:]) { self.attributes = attributes }

    /// Somebody who may send and has no name.
    public static let anonymous = Principal()
}

/// Why a request goes no further.
public enum AuthenticationRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// Its credentials are missing or wrong: 401 with `challenge` in `WWW-Authenticate`, or
    /// `UNAUTHENTICATED`. The reason is shown to the client, so it must not repeat what the client sent.
    case unauthenticated(reason: String, challenge: String)
    /// Whether they are right cannot be found out now: 503, or `UNAVAILABLE`.
    case later(reason: String)

    public var description: String {
        switch self {
        case .unauthenticated(let reason, _), .later(let reason): reason
        }
    }
}
