internal import Pipeline
internal import Transport

/// Decides about a request when its headers are here: whom it is addressed to, what it is for, who makes it
/// and whether that is allowed.
struct APIGate<Context: APIContext>: Sendable {
    /// What was decided.
    enum Verdict: Sendable {
        case pass(APIRoute<Context>, parameters: [String: String], Context.Caller)
        case refuse(APIProblem, APIAuditEntry?)
    }

    private let router: APIRouter<Context>
    private let context: Context
    private let hosts: HostRules
    private let tries: FailedTries

    init(router: APIRouter<Context>, context: Context) {
        self.router = router
        self.context = context
        hosts = HostRules(names: context.hostNames, option: Context.wording.hostOption)
        tries = FailedTries(clock: context.clock)
    }

    func check(_ head: ServerRequestHead, requestID: String) -> Verdict {
        if let problem = hosts.objection(to: head) {
            return .refuse(problem, entry(head, nil, "unknown", problem, requestID))
        }
        switch router.find(head.method, head.path) {
        case .nothing:
            return .refuse(.notFound("there is nothing at \(head.path.prefix(200)); see /openapi.yaml"), nil)
        case .otherMethods(let methods):
            let allowed = methods.joined(separator: ", ")
            return .refuse(
                APIProblem(
                    405, "method-not-allowed", "The method is not possible here", "possible are \(allowed)",
                    fields: ["allow": allowed]), nil)
        case .route(let route, let parameters): return admit(head, route, parameters, requestID)
        }
    }

    private func admit(
        _ head: ServerRequestHead, _ route: APIRoute<Context>, _ parameters: [String: String],
        _ requestID: String
    ) -> Verdict {
        guard let right = route.right else {
            return .pass(route, parameters: parameters, .nobody(at: head.peer))
        }
        do throws(CallerFailure) {
            let caller = try context.caller(of: head)
            if let problem = caller.objection(to: right) {
                return .refuse(problem, entry(head, route, caller.name, problem, requestID))
            }
            return .pass(route, parameters: parameters, caller)
        } catch {
            let problem = unauthenticated(error, head)
            return .refuse(problem, entry(head, route, "unknown", problem, requestID))
        }
    }

    /// Whether whoever has made a request might still make it.
    func stillAdmits(_ head: ServerRequestHead, _ route: APIRoute<Context>) -> Bool {
        guard let right = route.right else { return true }
        guard let caller = try? context.caller(of: head) else { return false }
        return caller.objection(to: right) == nil
    }

    private func unauthenticated(_ failure: CallerFailure, _ head: ServerRequestHead) -> APIProblem {
        if let wait = tries.note(Self.source(of: head)) {
            let seconds = max(1, Int((wait / .seconds(1)).rounded(.up)))
            return APIProblem(
                429, "too-many-failures", "There were too many failed tries", "try again in \(seconds) s",
                fields: ["retry-after": "\(seconds)", "www-authenticate": "Bearer realm=\"apus\""])
        }
        let detail =
            failure == .missing
            ? "send a bearer token; \(Context.wording.tokenHint)"
            : "the token is not valid, or not any more"
        let realm = failure == .missing ? "" : ", error=\"invalid_token\""
        return APIProblem(
            401, "unauthenticated", "Who asks is not known", detail,
            fields: ["www-authenticate": "Bearer realm=\"apus\"\(realm)"])
    }

    /// The address, or the user of a unix socket.
    private static func source(of head: ServerRequestHead) -> String {
        head.connection.userID.map { "user \($0)" } ?? head.peer
    }

    private func entry(
        _ head: ServerRequestHead, _ route: APIRoute<Context>?, _ actor: String, _ problem: APIProblem,
        _ requestID: String
    ) -> APIAuditEntry {
        APIAuditEntry(
            action: route?.id ?? head.method, target: "\(head.method) \(head.path.prefix(500))", actor: actor,
            address: head.peer, requestID: requestID, outcome: .denied, status: problem.status,
            detail: problem.detail)
    }
}
