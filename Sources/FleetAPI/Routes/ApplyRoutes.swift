internal import Fleet
internal import HTTPAPI
internal import Settings

/// `/v1/apply`: everything that a directory describes.
enum ApplyRoutes {
    static let all: [FleetRoute] = [
        FleetRoute(
            "apply", "POST", "/v1/apply", .editConfigurations, body: .document(isOptional: false), apply)
    ]

    static func apply(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let prune = try call.query.flag("prune")
        let isDryRun = try call.isDryRun
        let document = try call.requiredMap()
        let manifest: FleetManifest
        do throws(InvalidSettings) {
            manifest = try FleetManifest(tree: document)
        } catch {
            throw .invalid("the manifest has errors; nothing has changed", errors: error.diagnostics)
        }
        try check(manifest, prune: prune, call)
        do throws(LibraryError) {
            let changes = try await call.context.imports.apply(
                manifest, prune: prune, dryRun: isDryRun, by: call.caller.user)
            var reply = APIReply.tree(
                .table([
                    "source": .text(manifest.source), "changes": .list(changes.map(tree)),
                    "findings": Trees.findings(changes.flatMap(\.findings)),
                ]))
            let real = changes.count { $0.action != .unchanged }
            if !isDryRun { for change in changes { note(change, call) } }
            reply.detail = "\(manifest.source): \(real) changes"
            return reply
        } catch {
            throw APIProblem(error)
        }
    }

    /// What is in a manifest needs the permissions that it would need one by one.
    private static func check(
        _ manifest: FleetManifest, prune: Bool, _ call: FleetCall
    ) throws(APIProblem) {
        var needed: FleetPermissions = .editConfigurations
        if prune || !manifest.groups.isEmpty { needed.formUnion(.editGroups) }
        if prune || !manifest.values.isEmpty { needed.formUnion(.editValues) }
        if prune || !manifest.plans.isEmpty { needed.formUnion(.editPlans) }
        if let problem = call.caller.objection(to: needed) { throw problem }
    }

    private static func note(_ change: ImportChange, _ call: FleetCall) {
        guard change.action != .unchanged, change.action != .kept else { return }
        let kind: FleetEvent.Kind =
            switch change.kind {
            case .configuration: change.action == .deleted ? .configurationDeleted : .configurationChanged
            case .group: .groupChanged
            case .value: .valueChanged
            case .plan: .planChanged
            }
        call.note(kind, change.name, "has brought in files: \(change.action.rawValue)")
    }

    private static func tree(of change: ImportChange) -> Tree {
        var entries: [Tree.Entry] = [
            .init("kind", .text(change.kind.rawValue)), .init("name", .text(change.name)),
            .init("action", .text(change.action.rawValue)),
        ]
        if change.revision > 0 { entries.append(.init("revision", .number(change.revision))) }
        entries.add("message", change.message)
        return Tree(.table(entries))
    }
}
