internal import Control
internal import HTTPAPI
internal import Settings

/// `/v1/config:…`: what is done with the configuration as a whole.
enum ChangeRoutes {
    static let all: [AdminRoute] = [
        AdminRoute(
            "validateConfig", "POST", "/v1/config:validate", .read, body: .change, changes: false, validate),
        AdminRoute("planConfig", "POST", "/v1/config:plan", .read, body: .change, changes: false, plan),
        AdminRoute(
            "changeConfig", "POST", "/v1/config:transaction", .configure, body: .document(isOptional: false),
            transaction),
        AdminRoute(
            "confirmConfig", "POST", "/v1/config:confirm", .configure, body: .document(isOptional: false),
            confirm),
        AdminRoute(
            "rollBackConfig", "POST", "/v1/config:rollback", .configure, body: .document(isOptional: true),
            rollBack),
        AdminRoute("reloadConfig", "POST", "/v1/config:reload", .configure, reload),
    ]

    static func validate(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let report = await call.context.control.validate(try call.change())
        return .tree(
            .table([
                "valid": .bool(report.isValid),
                "diagnostics": .list(
                    report.diagnostics.prefix(APIProblem.errorLimit).map(APIProblem.tree)),
            ]))
    }

    static func plan(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        try await call.plan(try call.change())
    }

    static func transaction(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let tree = try call.fields("changes", "confirm_within", "reason", "expect_drop")
        let changes = try TransactionReader.changes(of: tree)
        var options = try call.changeOptions()
        if let text = try tree.string("confirm_within") {
            guard let time = Duration(goSyntax: text), time >= .zero,
                time <= AdminCall.longestConfirmation
            else {
                throw .invalid("confirm_within must be a duration such as 2m, up to 24h")
            }
            options.confirmWithin = time
        }
        if let reason = try tree.string("reason") {
            guard reason.unicodeScalars.count <= AdminCall.longestReason else {
                throw .invalid("reason has at most \(AdminCall.longestReason) characters")
            }
            options.reason = reason
        }
        if let drop = try tree.truth("expect_drop") { options.expectsDrop = drop }
        let revision = await call.context.control.state().active.id
        try call.checkChange(version: revision.description)
        return try await call.apply(.transaction(changes), expecting: revision, options: options)
    }

    static func confirm(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let tree = try call.fields("revision")
        let revision = RevisionID(try tree.requiredString("revision"))
        if try call.isDryRun {
            return .tree(ConfigurationTrees.tree(of: await call.context.control.state()))
        }
        do throws(ChangeFailure) {
            let state = try await call.context.control.confirm(revision, by: call.origin)
            var reply = APIReply.tree(ConfigurationTrees.tree(of: state))
            reply.detail = "revision \(revision)"
            return reply
        } catch {
            throw APIProblem(error, isConditional: false)
        }
    }

    static func rollBack(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let tree = try call.fields("to", "reason")
        let target = try tree.string("to").map { RevisionID($0) }
        let reason = try tree.string("reason").map { String($0.prefix(1000)) } ?? "asked for"
        if try call.isDryRun {
            let state = await call.context.control.state()
            guard let revision = target ?? state.confirmed?.id else {
                throw .notFound("there is no confirmed revision to go back to")
            }
            return try await call.plan(.replace(try await call.document(of: revision, .raw)))
        }
        do throws(ChangeFailure) {
            let applied = try await call.context.control.rollBack(
                to: target, because: reason, by: call.origin)
            return reply(applied)
        } catch {
            throw APIProblem(error, isConditional: false)
        }
    }

    static func reload(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        do throws(ChangeFailure) {
            return reply(try await call.context.control.reload(by: call.origin))
        } catch {
            throw APIProblem(error, isConditional: false)
        }
    }

    private static func reply(_ applied: AppliedChange) -> APIReply {
        var reply = APIReply.tree(
            ConfigurationTrees.tree(of: applied), version: applied.revision.id.description)
        reply.detail = "revision \(applied.revision.id)"
        return reply
    }
}
