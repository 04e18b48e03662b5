internal import Fleet
internal import HTTPAPI
internal import Settings

/// `/v1/configs`: configurations by name.
enum ConfigRoutes {
    private static let one = "/v1/configs/{name}"

    static let all: [FleetRoute] = [
        FleetRoute("listConfigs", "GET", "/v1/configs", .look, list),
        FleetRoute("getConfig", "GET", one, .look, show),
        FleetRoute("patchConfig", "PATCH", one, .editConfigurations, body: .mergePatch, describe),
        FleetRoute("deleteConfig", "DELETE", one, .editConfigurations, delete),
    ]

    static func list(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let (size, after) = try Page.wanted(call.query)
        do throws(LibraryError) {
            let found = try await call.context.library.configurations(after: after, limit: size + 1)
            let page = found.prefix(size)
            return .tree(
                Page.table("configs", page.map(tree), last: found.count > size ? page.last?.name : nil))
        } catch {
            throw APIProblem(error)
        }
    }

    static func show(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        reply(try await summary(call))
    }

    static func describe(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let summary = try await summary(call)
        let patch = try call.fields("description")
        try call.checkPreconditions(version: "\(summary.version)")
        guard try !call.isDryRun, patch["description"] != nil else { return reply(summary) }
        do throws(LibraryError) {
            // Null takes the description away, as a merge patch has it.
            try await call.context.library.setDescription(
                patch["description"]?.text ?? "", of: summary.name, version: summary.version)
        } catch {
            throw APIProblem(error)
        }
        return reply(try await self.summary(call))
    }

    static func delete(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let summary = try await summary(call)
        try call.checkPreconditions(version: "\(summary.version)")
        guard try !call.isDryRun else { return reply(summary) }
        do throws(LibraryError) {
            try await call.context.library.delete(summary.name, version: summary.version)
        } catch {
            throw APIProblem(error)
        }
        call.note(.configurationDeleted, summary.name, "has deleted the configuration")
        return reply(summary)
    }

    private static func summary(_ call: FleetCall) async throws(APIProblem) -> ConfigurationSummary {
        do throws(LibraryError) {
            return try await call.context.library.configuration(call.parameter("name"))
        } catch {
            throw APIProblem(error)
        }
    }

    private static func reply(_ summary: ConfigurationSummary) -> APIReply {
        var reply = APIReply.tree(tree(of: summary), version: "\(summary.version)")
        reply.detail = "configuration \(summary.name)"
        return reply
    }

    private static func tree(of summary: ConfigurationSummary) -> Tree {
        var entries: [Tree.Entry] = [
            .init("name", .text(summary.name)), .init("latest", .number(summary.latest)),
            .init("created", Trees.time(summary.created)), .init("updated", Trees.time(summary.updated)),
            .init("author", .text(summary.author)),
        ]
        entries.add("description", summary.description)
        entries.add("source", summary.source)
        return Tree(.table(entries))
    }
}
