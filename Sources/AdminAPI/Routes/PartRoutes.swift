internal import Control
internal import HTTPAPI
internal import Pipeline
internal import Settings

/// `/v1/config/components/{kind}/{id}` and `/v1/config/pipelines/{id}`: parts of the configuration, each with
/// an ETag of its own, so that writers of different parts do not get in each other's way.
enum PartRoutes {
    private static let component = "/v1/config/components/{kind}/{id}"
    private static let pipeline = "/v1/config/pipelines/{id}"

    static let all: [AdminRoute] = [
        AdminRoute("getConfigComponent", "GET", component, .read, show),
        AdminRoute(
            "putConfigComponent", "PUT", component, .configure, body: .document(isOptional: false), replace),
        AdminRoute("patchConfigComponent", "PATCH", component, .configure, body: .patch, patch),
        AdminRoute("deleteConfigComponent", "DELETE", component, .configure, remove),
        AdminRoute("listConfigPipelines", "GET", "/v1/config/pipelines", .read, pipelines),
        AdminRoute("getConfigPipeline", "GET", pipeline, .read, show),
        AdminRoute(
            "putConfigPipeline", "PUT", pipeline, .configure, body: .document(isOptional: false), replace),
        AdminRoute("patchConfigPipeline", "PATCH", pipeline, .configure, body: .patch, patch),
        AdminRoute("deleteConfigPipeline", "DELETE", pipeline, .configure, remove),
    ]

    /// The part that a path names.
    private struct Part {
        let path: [String]
        let name: String
        /// The change that puts something, or nothing, in its place.
        let change: (Tree?) -> ConfigurationChange

        init(_ call: AdminCall) throws(APIProblem) {
            if call.parameters["kind"] == nil {
                let id = try call.pipeline()
                path = ["service", "pipelines", id.description]
                name = "pipeline '\(id)'"
                change = { .pipeline(id, $0) }
            } else {
                let (kind, id) = (try call.kind(), try call.component())
                path = [kind.section, id.description]
                name = "\(kind.rawValue) '\(id)'"
                change = { .component(kind, id, $0) }
            }
        }

        func value(in tree: Tree) -> Tree? { tree[path] }

        func required(in tree: Tree) throws(APIProblem) -> Tree {
            guard let value = value(in: tree) else {
                throw .notFound("there is no \(name) in the configuration")
            }
            return value
        }
    }

    private static func version(of tree: Tree) -> String { Hash.short(tree.json()) }

    static func show(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let part = try Part(call)
        let view = try call.query.choice("view", ConfigurationView.self) ?? .raw
        let (revision, tree) = try await call.activeConfiguration()
        let raw = try part.required(in: tree)
        guard view == .effective else {
            return APIReply(.configuration(raw), version: version(of: raw))
        }
        let effective = try part.required(in: try await call.document(of: revision, .effective))
        return APIReply(.configuration(effective), version: version(of: raw))
    }

    static func pipelines(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let (_, tree) = try await call.activeConfiguration()
        let entries = tree[["service", "pipelines"]]?.table ?? []
        let items = entries.map { entry in
            (entry.key, Tree.table(["id": .text(entry.key), "config": entry.value]))
        }
        return .tree(try Page.of("pipelines", items, call.query))
    }

    static func replace(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let part = try Part(call)
        let document = try call.requiredDocument()
        // A component may have no settings at all; a pipeline without any is none.
        if call.parameters["kind"] == nil || !document.isNull { _ = try call.requiredMap() }
        let (revision, tree) = try await call.activeConfiguration()
        let present = part.value(in: tree)
        try call.checkChange(version: present.map(version))
        return try await call.apply(
            part.change(document), expecting: revision, created: present == nil)
    }

    static func patch(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let part = try Part(call)
        let change = try call.change()
        let (revision, tree) = try await call.activeConfiguration()
        try call.checkChange(version: version(of: try part.required(in: tree)))
        switch change {
        case .patch(let operations):
            let moved = operations.map { $0.moved(below: part.path) }
            return try await call.apply(.patch(moved), expecting: revision)
        case .merge(let patch):
            let nested = part.path.reversed().reduce(patch) { inner, key in
                Tree(.table([Tree.Entry(key, at: inner.position, inner)]), at: inner.position)
            }
            return try await call.apply(.merge(nested), expecting: revision)
        case let other: return try await call.apply(other, expecting: revision)
        }
    }

    static func remove(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let part = try Part(call)
        let (revision, tree) = try await call.activeConfiguration()
        try call.checkChange(version: version(of: try part.required(in: tree)))
        return try await call.apply(part.change(nil), expecting: revision)
    }
}
