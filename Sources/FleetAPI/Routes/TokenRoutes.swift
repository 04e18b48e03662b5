internal import Fleet
internal import HTTPAPI
internal import Settings

/// `/v1/tokens`: the tokens of people and programs; and who is asking.
enum TokenRoutes {
    static let all: [FleetRoute] = [
        FleetRoute("getCaller", "GET", "/v1/whoami", .look, caller),
        FleetRoute("listTokens", "GET", "/v1/tokens", .manageTokens, list),
        FleetRoute(
            "createToken", "POST", "/v1/tokens", .manageTokens, body: .document(isOptional: false),
            hasSecretAnswer: true, create),
        FleetRoute("revokeToken", "DELETE", "/v1/tokens/{id}", .manageTokens, revoke),
    ]

    static func caller(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let user = call.caller.user
        let permissions = FleetPermissions.names.filter { user.permissions.contains($0.permission) }
        return .tree(
            .table([
                "name": .text(user.name), "owner": .text(user.owner),
                "roles": Trees.texts(user.roles.sorted().map { $0.rawValue }),
                "permissions": Trees.texts(permissions.map { $0.name }),
            ]))
    }

    static func list(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let items = call.context.access.users.list().map { listed in
            (Page.key(listed.token.created) + listed.token.id, tree(of: listed.token, listed.lastUsed))
        }
        return .tree(try Page.of("tokens", items, call.query))
    }

    static func create(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let input = try call.settings(TokenInput.self)
        if try call.isDryRun { return .tree(input.tree) }
        let request = UserTokenRequest(
            name: input.name, owner: input.owner,
            roles: Set(input.roles.compactMap { FleetRole(rawValue: $0) }),
            life: input.life)
        do throws(AccessError) {
            let made = try await call.context.access.users.create(request, by: call.caller.name)
            var reply = APIReply.tree(tree(of: made.token, nil, text: made.text))
            reply.status = 201
            call.note(.accessChanged, made.token.name, "has made a token")
            reply.detail = "token \(made.token.id) (\(made.token.name))"
            return reply
        } catch {
            throw APIProblem(error)
        }
    }

    static func revoke(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let id = call.parameter("id")
        let users = call.context.access.users
        if try call.isDryRun {
            guard let known = users.list().first(where: { $0.token.id == id || $0.token.name == id }) else {
                throw .notFound("there is no token '\(id)'")
            }
            return .tree(tree(of: known.token, known.lastUsed))
        }
        do throws(AccessError) {
            let token = try await users.revoke(id)
            call.note(.accessRevoked, token.name, "has revoked the token")
            var reply = APIReply.tree(tree(of: token, nil))
            reply.detail = "token \(token.id) (\(token.name))"
            return reply
        } catch {
            throw APIProblem(error)
        }
    }

    private static func tree(of token: UserToken, _ lastUsed: UInt64?, text: String? = nil) -> Tree {
        var entries: [Tree.Entry] = [
            .init("id", .text(token.id)), .init("name", .text(token.name)),
            .init("owner", .text(token.owner)),
            .init("roles", Trees.texts(token.roles.sorted().map { $0.rawValue })),
            .init("author", .text(token.author)), .init("created", Trees.time(token.created)),
        ]
        entries.add("expires", time: token.expires)
        entries.add("last_used", time: lastUsed)
        entries.add("token", text)
        return Tree(.table(entries))
    }
}

/// A token as it is asked for.
struct TokenInput: SettingGroup {
    var name = ""
    var owner = ""
    var roles: [String] = []
    var life: Duration?

    init() {}

    static var fields: [Field<TokenInput>] {
        [
            Field("name", \.name, "What lists and the audit log call it.", required: true),
            Field("owner", \.owner, "The person or program that it is for; the name without it."),
            Field("roles", \.roles, "What it may do.", required: true) {
                guard $0.allSatisfy({ FleetRole(rawValue: $0) != nil }), !$0.isEmpty else {
                    let roles = FleetRole.allCases.map { $0.rawValue }.joined(separator: ", ")
                    return "must be one or more of \(roles)"
                }
                return nil
            },
            Field("expires_in", \.life, "How long it is valid; for ever without it.") {
                $0.map { $0 <= .zero } == true ? "must be longer than nothing" : nil
            },
        ]
    }

    /// The token that it would become, as far as that can be said.
    var tree: Tree {
        .table([
            "id": .text(""), "name": .text(name), "owner": .text(owner.isEmpty ? name : owner),
            "roles": Trees.texts(roles),
        ])
    }
}
