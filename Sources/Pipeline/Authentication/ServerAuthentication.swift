internal import Logging
internal import NIOCore
public import Transport

/// The authenticator of one server, found and ready to be asked.
public struct ServerAuthentication: Sendable {
    private let authenticator: any ServerAuthenticator
    private let parameters: [String]
    private let refusals: Counter
    private let context: Context

    /// Finds the authenticator called `id`.
    ///
    /// - Parameters:
    ///   - id: the extension, as the configuration names it.
    ///   - parameters: parameters of the query that count as header fields and come before these.
    ///   - transport: what the server speaks, for the metric of refused requests.
    ///   - context: what the component of the server was built with.
    /// - Throws: when there is no such extension, or it is none that decides about requests.
    init(_ id: String, parameters: [String], transport: String, in context: Context) throws(ComponentError) {
        let found = try AuthenticatorLookup.find(id, in: context)
        guard let authenticator = found as? any ServerAuthenticator, authenticator.checksRequests else {
            throw ComponentError(
                "the extension '\(id)' does not check requests; name one that does, such as basicauth with "
                    + "htpasswd or bearertokenauth", key: AuthenticatorLookup.key)
        }
        self.authenticator = authenticator
        self.parameters = parameters
        self.context = context
        refusals = context.metrics.counter(
            "apus_receiver_unauthenticated_requests", "Requests that were refused for their credentials.",
            labels: [(context.kind.rawValue, context.id.description), ("transport", transport)])
    }

    /// Why a request goes no further, if that is known at the end of its headers.
    public func refusal(fields: HTTPFields, query: String? = nil, peer: String) -> AuthenticationRefusal? {
        guard case .refused(let refusal) = verdict(fields, query, peer) else { return nil }
        note(refusal, peer)
        return refusal
    }

    /// Calls `body` with the verdict about a request: in this call when it is known, otherwise later, on the
    /// event loop of `lane`, where this has to be called.
    public func decide(
        fields: HTTPFields, query: String? = nil, peer: String, on lane: Int,
        _ body: @escaping @Sendable (Result<Principal, AuthenticationRefusal>) -> Void
    ) {
        switch verdict(fields, query, peer) {
        case .granted(let principal): body(.success(principal))
        case .refused(let refusal):
            note(refusal, peer)
            body(.failure(refusal))
        case .pending(let pending):
            let loop = context.lanes[lane].eventLoop
            pending.whenDecided { answer in
                if case .failure(let refusal) = answer { note(refusal, peer) }
                loop.execute { body(answer) }
            }
        }
    }

    private func verdict(_ fields: HTTPFields, _ query: String?, _ peer: String) -> AuthenticationVerdict {
        var fields = fields
        if !parameters.isEmpty, let query {
            let values = QueryParameters(query)
            for name in parameters { if let value = values[name] { fields[name] = value } }
        }
        return authenticator.authenticate(AuthenticationRequest(fields: fields, peer: peer))
    }

    private func note(_ refusal: AuthenticationRefusal, _ peer: String) {
        refusals.add(1)
        context.logger.debug("refused a request", metadata: ["reason": "\(refusal)", "peer": "\(peer)"])
    }
}
