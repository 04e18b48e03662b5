internal import Engine
internal import HTTPAPI
internal import Pipeline
internal import Settings
internal import Telemetry

/// What can be configured, and what runs.
enum InspectionRoutes {
    static let all: [AdminRoute] = [
        AdminRoute("listAvailableComponents", "GET", "/v1/components/available", .read, available),
        AdminRoute(
            "getComponentSchema", "GET", "/v1/components/available/{kind}/{type}", .read, componentSchema),
        AdminRoute("getSchema", "GET", "/v1/schema", .read, schema),
        AdminRoute("listComponents", "GET", "/v1/components", .read, components),
        AdminRoute("getComponent", "GET", "/v1/components/{kind}/{id}", .read, component),
        AdminRoute("listPipelines", "GET", "/v1/pipelines", .read, pipelines),
        AdminRoute("getPipeline", "GET", "/v1/pipelines/{id}", .read, pipeline),
        AdminRoute("listQueues", "GET", "/v1/queues", .read, queues),
    ]

    static func available(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        var items: [(key: String, value: Tree)] = []
        for kind in ComponentKind.allCases {
            for type in call.context.catalog.types(of: kind) {
                items.append(("\(kind.rawValue)/\(type.name)", describe(kind, type)))
            }
        }
        return .tree(try Page.of("components", items, call.query))
    }

    static func componentSchema(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let kind = try call.kind()
        let name = call.parameter("type")
        guard let type = call.context.catalog.type(of: kind, named: name) else {
            throw .notFound("this build has no \(kind.rawValue) '\(name)'")
        }
        return .tree(ComponentDocumentation(kind, type).schema)
    }

    static func schema(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        .tree(ConfigurationDocumentation(catalog: call.context.catalog).schema)
    }

    static func components(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let kind = try call.query.choice("kind", ComponentKind.self)
        let trees = CollectorTrees(call.context)
        let items = trees.snapshot.components.filter { kind == nil || $0.kind == kind }.map { component in
            (key(of: component), trees.tree(of: component))
        }
        return .tree(try Page.of("components", items, call.query))
    }

    static func component(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let (kind, id) = (try call.kind(), try call.component())
        let trees = CollectorTrees(call.context)
        let found = trees.snapshot.components.filter { $0.kind == kind && $0.id == id }
        guard let first = found.first else { throw .notFound("no \(kind.rawValue) '\(id)' runs") }
        guard found.count > 1 else { return .tree(trees.tree(of: first, withHistory: true)) }
        // A processor exists once in each of its pipelines.
        var tree = trees.tree(of: first, withHistory: true)
        let parts = found.map { trees.tree(of: $0, withHistory: true) }
        tree.content = .table((tree.table ?? []) + [.init("instances", .list(parts))])
        return .tree(tree)
    }

    static func pipelines(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let trees = CollectorTrees(call.context)
        let items = trees.snapshot.pipelines.map { pipeline in
            (pipeline.id.description, trees.tree(of: pipeline))
        }
        return .tree(try Page.of("pipelines", items, call.query))
    }

    static func pipeline(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let id = try call.pipeline()
        let trees = CollectorTrees(call.context)
        guard let pipeline = trees.snapshot.pipelines.first(where: { $0.id == id }) else {
            throw .notFound("no pipeline '\(id)' runs")
        }
        return .tree(trees.tree(of: pipeline))
    }

    static func queues(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let trees = CollectorTrees(call.context)
        let items = trees.snapshot.queues.map { ("\($0.exporter) \($0.signal.rawValue)", trees.tree(of: $0)) }
        return .tree(try Page.of("queues", items, call.query))
    }

    private static func key(of component: ComponentSnapshot) -> String {
        let pipelines = component.pipelines.map { $0.description }.joined(separator: " ")
        return "\(component.kind.rawValue) \(component.id) \(pipelines)"
    }

    private static func describe(_ kind: ComponentKind, _ type: any Component.Type) -> Tree {
        .table([
            "kind": .text(kind.rawValue), "type": .text(type.name),
            "aliases": .list(type.aliases.map { .text($0) }), "summary": .text(type.summary),
            "signals": .list(kind == .extension ? [] : type.signals.map { .text($0.rawValue) }),
        ])
    }
}
