internal import Control
internal import HTTPAPI
internal import Settings

/// `/v1/config/revisions`: what was tried before.
enum RevisionRoutes {
    static let all: [AdminRoute] = [
        AdminRoute("listRevisions", "GET", "/v1/config/revisions", .read, list),
        AdminRoute("getRevision", "GET", "/v1/config/revisions/{id}", .read, show),
        AdminRoute("diffRevisions", "GET", "/v1/config/revisions/{id}/diff", .read, diff),
    ]

    static func list(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let items = await call.context.control.revisions().map { revision in
            (
                Page.key(UInt64(max(revision.number, 0)), descending: true),
                ConfigurationTrees.tree(of: revision)
            )
        }
        return .tree(try Page.of("revisions", items, call.query))
    }

    static func show(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let revision = try await revision(call.parameter("id"), call)
        let view = try call.query.choice("view", ConfigurationView.self) ?? .raw
        let document = try await call.document(of: revision.id, view)
        return .tree(.table(["revision": ConfigurationTrees.tree(of: revision), "config": document]))
    }

    static func diff(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let from = try await revision(call.parameter("id"), call)
        let view = try call.query.choice("view", ConfigurationView.self) ?? .raw
        var to = await call.context.control.state().active
        if let id = call.query["to"] { to = try await revision(id, call) }
        let differences = ConfigurationDifference.between(
            try await call.document(of: from.id, view), try await call.document(of: to.id, view))
        return .tree(
            .table([
                "from": .text(from.id.description), "to": .text(to.id.description),
                "differences": ConfigurationTrees.tree(of: differences),
            ]))
    }

    /// The newest revision with this id.
    private static func revision(_ id: String, _ call: AdminCall) async throws(APIProblem) -> Revision {
        guard let revision = await call.context.control.revisions().first(where: { $0.id.description == id })
        else {
            throw .notFound("revision '\(id)' is not kept; GET /v1/config/revisions lists those that are")
        }
        return revision
    }
}
