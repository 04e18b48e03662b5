internal import Fleet
internal import HTTPAPI
internal import OpAMP
internal import Settings

/// `/v1/enrollment-tokens` and `/v1/enrollments`: how agents come in.
enum EnrollmentRoutes {
    private static let tokens = "/v1/enrollment-tokens"
    private static let many = "/v1/enrollments"

    static let all: [FleetRoute] = [
        FleetRoute("listEnrollmentTokens", "GET", tokens, .manageEnrollmentTokens, listTokens),
        FleetRoute(
            "createEnrollmentToken", "POST", tokens, .manageEnrollmentTokens,
            body: .document(isOptional: false), hasSecretAnswer: true, createToken),
        FleetRoute(
            "revokeEnrollmentToken", "DELETE", tokens + "/{id}", .manageEnrollmentTokens, revokeToken),
        FleetRoute("listEnrollments", "GET", many, .look, list),
        FleetRoute("approveEnrollment", "POST", many + "/{uid}:approve", .approveEnrollments, approve),
        FleetRoute(
            "rejectEnrollment", "POST", many + "/{uid}:reject", .approveEnrollments,
            body: .document(isOptional: true), reject),
    ]

    static func listTokens(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let items = call.context.access.enrollmentTokens.list().map { token in
            (Page.key(token.created) + token.id, tree(of: token))
        }
        return .tree(try Page.of("enrollment_tokens", items, call.query))
    }

    static func createToken(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let request = try call.settings(EnrollmentTokenInput.self).request()
        if try call.isDryRun {
            return .tree(.table(["id": .text(""), "name": .text(request.name)]))
        }
        do throws(AccessError) {
            let made = try await call.context.access.enrollmentTokens.create(request, by: call.caller.name)
            var reply = APIReply.tree(tree(of: made.token, text: made.text))
            reply.status = 201
            call.note(.accessChanged, made.token.name, "has made an enrollment token")
            reply.detail = "enrollment token \(made.token.id) (\(made.token.name))"
            return reply
        } catch {
            throw APIProblem(error)
        }
    }

    static func revokeToken(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let id = call.parameter("id")
        let tokens = call.context.access.enrollmentTokens
        if try call.isDryRun {
            guard let known = tokens.list().first(where: { $0.id == id || $0.name == id }) else {
                throw .notFound("there is no enrollment token '\(id)'")
            }
            return .tree(tree(of: known))
        }
        do throws(AccessError) {
            let token = try await tokens.revoke(id)
            call.note(.accessRevoked, token.name, "has revoked the enrollment token")
            var reply = APIReply.tree(tree(of: token))
            reply.detail = "enrollment token \(token.id) (\(token.name))"
            return reply
        } catch {
            throw APIProblem(error)
        }
    }

    static func list(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let state = try call.query.choice("state", Enrollment.State.self)
        let all = call.context.access.enrollments.list(state, limit: Enrollments.limit)
        return .tree(
            try Page.of(
                "enrollments", all.map { (Page.key($0.requested) + $0.uid.description, tree(of: $0)) },
                call.query))
    }

    static func approve(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let enrollment = try enrollment(call)
        guard try !call.isDryRun else { return .tree(tree(of: enrollment)) }
        do throws(AccessError) {
            return reply(try await call.context.access.approve(enrollment.uid, by: call.caller.user))
        } catch {
            throw APIProblem(error)
        }
    }

    static func reject(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let reason = try call.settings(ReasonInput.self).reason
        let enrollment = try enrollment(call)
        guard try !call.isDryRun else { return .tree(tree(of: enrollment)) }
        do throws(AccessError) {
            return reply(
                try await call.context.access.reject(enrollment.uid, reason: reason, by: call.caller.user))
        } catch {
            throw APIProblem(error)
        }
    }

    private static func enrollment(_ call: FleetCall) throws(APIProblem) -> Enrollment {
        let uid = try call.agent()
        guard let enrollment = call.context.access.enrollments.enrollment(of: uid) else {
            throw .notFound("no agent \(uid) has come with an enrollment token")
        }
        return enrollment
    }

    private static func reply(_ enrollment: Enrollment) -> APIReply {
        var reply = APIReply.tree(tree(of: enrollment))
        reply.detail = "agent \(enrollment.uid) is \(enrollment.state.rawValue)"
        return reply
    }

    private static func tree(of enrollment: Enrollment) -> Tree {
        var entries: [Tree.Entry] = [
            .init("uid", .text("\(enrollment.uid)")), .init("state", .text(enrollment.state.rawValue)),
            .init("token", .text(enrollment.token)), .init("requested", Trees.time(enrollment.requested)),
        ]
        entries.add("name", enrollment.name)
        entries.add("address", enrollment.address)
        entries.add("decided", time: enrollment.decided)
        entries.add("decided_by", enrollment.decider)
        entries.add("reason", enrollment.reason)
        return Tree(.table(entries))
    }

    private static func tree(of token: EnrollmentToken, text: String? = nil) -> Tree {
        var entries: [Tree.Entry] = [
            .init("id", .text(token.id)), .init("name", .text(token.name)),
            .init("labels", Trees.map(token.labels)),
            .init("networks", Trees.texts(token.networks.map { $0.description })),
            .init("auto_approve", .bool(token.isAutomatic)), .init("keep", .bool(token.keep)),
            .init("uses", .number(token.uses)), .init("author", .text(token.author)),
            .init("created", Trees.time(token.created)),
        ]
        if let most = token.mostUses { entries.append(.init("most_uses", .number(most))) }
        entries.add("expires", time: token.expires)
        entries.add("token", text)
        return Tree(.table(entries))
    }
}

/// An enrollment token as it is asked for.
struct EnrollmentTokenInput: SettingGroup {
    var name = ""
    var labels: [String: String] = [:]
    var networks: [String] = []
    var isApproved = false
    var keep = false
    var uses: Int?
    var life: Duration? = .seconds(24 * 3600)

    init() {}

    static var fields: [Field<EnrollmentTokenInput>] {
        [
            Field("name", \.name, "What lists and the audit log call it.", required: true),
            Field("labels", \.labels, "What its agents are labelled with."),
            Field("networks", \.networks, "From where agents may come with it, such as 10.0.0.0/8.") {
                $0.allSatisfy { AddressRange($0) != nil }
                    ? nil : "must be addresses or networks such as 10.0.0.0/8"
            },
            Field("auto_approve", \.isApproved, "Whether its agents need nobody to let them in."),
            Field("keep", \.keep, "Whether agents that cannot take another credential may stay with it."),
            Field("uses", \.uses, "How many agents may come with it.") {
                $0.map { $0 < 1 } == true ? "must be at least 1" : nil
            },
            Field("expires_in", \.life, "How long agents can come with it; 0s is for ever.") {
                $0.map { $0 < .zero } == true ? "must not be negative" : nil
            },
        ]
    }

    func request() -> EnrollmentTokenRequest {
        var request = EnrollmentTokenRequest(name: name)
        request.labels = labels
        request.networks = networks.compactMap { AddressRange($0) }
        request.isAutomatic = isApproved
        request.keep = keep
        request.mostUses = uses
        request.life = life == .zero ? nil : life
        return request
    }
}

/// Why something is done.
struct ReasonInput: SettingGroup {
    var reason = ""

    init() {}

    static var fields: [Field<ReasonInput>] {
        [
            Field("reason", \.reason, "Why, for people and the audit log.") {
                $0.unicodeScalars.count <= 1000 ? nil : "has more than 1000 characters"
            }
        ]
    }
}
