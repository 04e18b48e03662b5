internal import Control
internal import HTTPAPI
internal import Settings

/// `/v1/config`: the whole configuration.
enum ConfigurationRoutes {
    static let all: [AdminRoute] = [
        AdminRoute("getConfig", "GET", "/v1/config", .read, show),
        AdminRoute("putConfig", "PUT", "/v1/config", .configure, body: .document(isOptional: false), replace),
        AdminRoute("patchConfig", "PATCH", "/v1/config", .configure, body: .patch, patch),
        AdminRoute("getConfigState", "GET", "/v1/config/state", .read, state),
    ]

    /// How `GET /v1/config` shows the configuration.
    private enum View: String, CaseIterable {
        case raw, effective, origin
    }

    static func show(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        try Page.check(call.query)
        switch try call.query.choice("view", View.self) ?? .raw {
        case .raw:
            let (revision, tree) = try await call.activeConfiguration()
            return APIReply(.configuration(tree), version: revision.description)
        case .effective:
            let revision = await call.context.control.state().active.id
            return APIReply(
                .configuration(try await call.document(of: revision, .effective)),
                version: revision.description)
        case .origin:
            let values = await call.context.control.explanation()
            let items = values.map { value in
                let pointer = JSONPointer.text(of: value.path)
                return (
                    pointer,
                    Tree.table([
                        "pointer": .text(pointer), "value": .text(value.value), "origin": .text(value.origin),
                    ])
                )
            }
            return .tree(try Page.of("values", items, call.query))
        }
    }

    static func replace(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let document = try call.requiredMap()
        let revision = await call.context.control.state().active.id
        try call.checkChange(version: revision.description)
        return try await call.apply(.replace(document), expecting: revision)
    }

    static func patch(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let change = try call.change()
        let revision = await call.context.control.state().active.id
        try call.checkChange(version: revision.description)
        return try await call.apply(change, expecting: revision)
    }

    static func state(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        .tree(ConfigurationTrees.tree(of: await call.context.control.state()))
    }
}
