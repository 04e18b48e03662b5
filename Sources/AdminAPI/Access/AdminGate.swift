internal import Engine
internal import Pipeline
internal import Transport

/// Decides about a request when its headers are here: whom it is addressed to, what it is for, who makes it
/// and whether that is allowed.
struct AdminGate: Sendable {
    /// What was decided.
    enum Verdict: Sendable {
        case pass(AdminRoute, parameters: [String: String], AdminCaller)
        case refuse(AdminProblem, AdminAuditEntry?)
    }

    private let router: Router
    private let hosts: HostRules
    private let authentication: Authentication
    private let tries: FailedTries

    init(router: Router, context: AdminContext) {
        self.router = router
        hosts = HostRules(names: Set(context.access.hosts.map { $0.lowercased() }))
        authentication = Authentication(
            tokens: context.tokens, rules: context.access, clock: context.clock)
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
                AdminProblem(
                    405, "method-not-allowed", "The method is not possible here", "possible are \(allowed)",
                    fields: ["allow": allowed]), nil)
        case .route(let route, let parameters): return admit(head, route, parameters, requestID)
        }
    }

    private func admit(
        _ head: ServerRequestHead, _ route: AdminRoute, _ parameters: [String: String], _ requestID: String
    ) -> Verdict {
        guard let role = route.role else {
            let nobody = AdminCaller(name: "anonymous", role: .read, address: head.peer)
            return .pass(route, parameters: parameters, nobody)
        }
        do throws(Authentication.Failure) {
            let caller = try authentication.caller(of: head)
            guard caller.role >= role else {
                let problem = AdminProblem(
                    403, "role", "The role does not allow it",
                    "\(caller.name) has the role \(caller.role.rawValue); this needs \(role.rawValue)")
                return .refuse(problem, entry(head, route, caller.name, problem, requestID))
            }
            return .pass(route, parameters: parameters, caller)
        } catch {
            let problem = unauthenticated(error, head)
            return .refuse(problem, entry(head, route, "unknown", problem, requestID))
        }
    }

    private func unauthenticated(_ failure: Authentication.Failure, _ head: ServerRequestHead) -> AdminProblem
    {
        if let wait = tries.note(Self.source(of: head)) {
            let seconds = max(1, Int((wait / .seconds(1)).rounded(.up)))
            return AdminProblem(
                429, "too-many-failures", "There were too many failed tries", "try again in \(seconds) s",
                fields: ["retry-after": "\(seconds)", "www-authenticate": "Bearer realm=\"apus\""])
        }
        let detail =
            failure == .missing
            ? "send a bearer token; apus token create makes one" : "the token is not valid, or not any more"
        let realm = failure == .missing ? "" : ", error=\"invalid_token\""
        return AdminProblem(
            401, "unauthenticated", "Who asks is not known", detail,
            fields: ["www-authenticate": "Bearer realm=\"apus\"\(realm)"])
    }

    /// The address without its port, or the user of a unix socket.
    private static func source(of head: ServerRequestHead) -> String {
        if let user = head.connection.userID { return "uid:\(user)" }
        let address = head.peer
        return address.lastIndex(of: ":").map { String(address[..<$0]) } ?? address
    }

    private func entry(
        _ head: ServerRequestHead, _ route: AdminRoute?, _ actor: String, _ problem: AdminProblem,
        _ requestID: String
    ) -> AdminAuditEntry {
        AdminAuditEntry(
            action: route?.id ?? head.method, target: "\(head.method) \(head.path.prefix(500))", actor: actor,
            address: head.peer, requestID: requestID, outcome: .denied, status: problem.status,
            detail: problem.detail)
    }
}
