internal import Pipeline
internal import Transport

/// Lets only those to an application whose credentials an authenticator accepts.
struct GuardedApplication: ServerApplication {
    private let application: any ServerApplication
    private let authentication: ServerAuthentication

    /// `application` itself when nobody checks credentials.
    static func around(
        _ application: any ServerApplication, _ authentication: ServerAuthentication?
    ) -> any ServerApplication {
        guard let authentication else { return application }
        return GuardedApplication(application: application, authentication: authentication)
    }

    /// Finds the authenticator that `settings` name.
    ///
    /// - Throws: when no extension of that name stands before this one in `service::extensions`.
    static func authentication(
        _ settings: HTTPServerAuthenticationSettings?, in context: Context
    ) throws(ComponentError) -> ServerAuthentication? {
        do throws(ComponentError) {
            return try settings?.server(transport: "http", in: context)
        } catch {
            throw ComponentError(
                "\(error) (an extension that '\(context.id)' needs stands before it in service::extensions)",
                key: error.key)
        }
    }

    func admit(_ head: ServerRequestHead) -> Admission {
        let refusal = authentication.refusal(fields: head.fields, query: head.query, peer: head.peer)
        if let refusal { return .refuse(Self.answer(to: refusal)) }
        return application.admit(head)
    }

    func respond(to request: ServerRequest, with responder: Responder) {
        let head = request.head
        authentication.decide(
            fields: head.fields, query: head.query, peer: head.peer, on: head.lane
        ) { outcome in
            switch outcome {
            case .success: application.respond(to: request, with: responder)
            case .failure(let refusal): responder.send(Self.answer(to: refusal))
            }
        }
    }

    private static func answer(to refusal: AuthenticationRefusal) -> ServerResponse {
        switch refusal {
        case .unauthenticated(let reason, let challenge):
            var answer = ServerResponse.text(401, reason)
            answer.fields.add("www-authenticate", challenge)
            return answer
        case .later(let reason):
            var answer = ServerResponse.text(503, reason)
            answer.fields.add("retry-after", "1")
            return answer
        }
    }
}
