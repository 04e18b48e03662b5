internal import Fleet
internal import FleetModel
internal import FleetStore
internal import HTTPAPI
internal import OpAMP
internal import Settings

/// `/v1/agents`: what there is, what it runs and how it does.
enum AgentRoutes {
    private static let one = "/v1/agents/{uid}"

    static let all: [FleetRoute] = [
        FleetRoute("listAgents", "GET", "/v1/agents", .look, list),
        FleetRoute("getAgent", "GET", one, .look, show),
        FleetRoute("patchAgent", "PATCH", one, .editLabels, body: .mergePatch, label),
        FleetRoute("forgetAgent", "DELETE", one, .operateAgents, forget),
        FleetRoute("getEffectiveConfig", "GET", one + "/effective-config", .look, effective),
        FleetRoute("getAgentHistory", "GET", one + "/history", .look, history),
    ]

    private enum Connection: String, CaseIterable { case connected, disconnected }

    static func list(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let (size, token) = try Page.wanted(call.query)
        var query = AgentQuery()
        query.selectors = try call.selectors()
        query.search = call.query["search"] ?? ""
        query.isConnected = try call.query.choice("state", Connection.self).map { $0 == .connected }
        query.isHealthy = try call.query["healthy"] == nil ? nil : call.query.flag("healthy")
        query.drift = try call.query.choice("drift", DriftState.self)
        query.version = call.query["version"]
        if let text = call.query["revision"] {
            guard let revision = RevisionReference(parsing: text) else {
                throw .badRequest("revision must be a configuration and a number, such as edge@3")
            }
            query.revision = revision
        }
        (query.order, query.isDescending) = try order(call)
        query.pageSize = size
        query.pageToken = token
        do throws(InventoryError) {
            let page = try call.context.agents.list(query)
            return .tree(Page.table("agents", page.agents.map(AgentTrees.tree), last: page.next))
        } catch {
            throw APIProblem(error)
        }
    }

    static func show(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let agent = try call.record()
        return reply(agent, pipelines: call.context.agents.pipelineFlows(agent.uid))
    }

    static func label(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let agent = try call.record()
        let patch = try call.fields("labels")
        let changes = try labels(patch)
        try call.checkPreconditions(version: version(of: agent))
        guard try !call.isDryRun else { return reply(agent) }
        var labels = agent.ownLabels
        for (name, value) in changes { labels[name] = value }
        do throws(InventoryFailure) {
            try await call.context.agents.setLabels(labels, of: agent.uid, expecting: agent.ownLabels)
        } catch {
            throw APIProblem(error)
        }
        let names = changes.keys.sorted().joined(separator: ", ")
        call.note(.agentLabels, "\(agent.uid)", "has changed \(names)", agent: "\(agent.uid)")
        var reply = reply(try call.record())
        reply.detail = "labels \(names) of \(agent.uid)"
        return reply
    }

    static func forget(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let agent = try call.record()
        try call.checkPreconditions(version: version(of: agent))
        guard !agent.overview.isConnected else {
            throw APIProblem(
                409, "connected", "The agent is connected",
                "an agent that is here cannot be forgotten; stop it, or revoke its credentials first")
        }
        if try !call.isDryRun {
            do throws(StoreError) {
                _ = try await call.context.agents.forget(agent.uid)
            } catch {
                throw APIProblem(error)
            }
        }
        var reply = APIReply.tree(AgentTrees.tree(of: agent.overview))
        reply.detail = "agent \(agent.uid)"
        return reply
    }

    static func effective(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let agent = try call.record()
        guard let hash = agent.effective else {
            throw .notFound("agent \(agent.uid) has not said what it runs")
        }
        let files = try await call.effectiveFiles(hash)
        return .tree(
            .table([
                "hash": .text(hash.description), "files": Trees.files(files),
                "pipelines": PipelineTrees.pipelines(of: files),
            ]),
            version: hash.description)
    }

    static func history(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        .tree(.table(["reports": .list(AgentTrees.reports(of: try call.record()))]))
    }

    /// The labels that operators gave are what people change; the rest changes all the time.
    private static func version(of agent: AgentRecord) -> String {
        Hash.short("labels " + Trees.map(agent.ownLabels).json())
    }

    private static func reply(_ agent: AgentRecord, pipelines: [PipelineFlow] = []) -> APIReply {
        var reply = APIReply.tree(
            AgentTrees.tree(of: agent, pipelines: pipelines), version: version(of: agent))
        reply.isVolatile = true
        return reply
    }

    private static func labels(_ patch: Tree) throws(APIProblem) -> [String: String?] {
        let labels = patch["labels"] ?? .empty
        guard let table = labels.table else {
            throw .invalid(
                "the body has errors",
                errors: [
                    Diagnostic(at: labels.position, path: ["labels"], "must be a map, not \(labels.kind)")
                ])
        }
        var changes: [String: String?] = [:]
        for entry in table {
            if entry.value.isNull {
                changes.updateValue(nil, forKey: entry.key)
            } else {
                changes[entry.key] = try labels.string(entry.key, path: ["labels"])
            }
        }
        return changes
    }

    private static func order(
        _ call: FleetCall
    ) throws(APIProblem) -> (order: AgentQuery.Order, isDescending: Bool) {
        guard let text = call.query["order"] else { return (.uid, false) }
        let isDescending = text.hasPrefix("-")
        switch text.dropFirst(isDescending ? 1 : 0) {
        case "uid": return (.uid, isDescending)
        case "name": return (.name, isDescending)
        case "last_seen": return (.lastSeen, isDescending)
        default: throw .badRequest("order must be one of uid, name, last_seen, or one of these after -")
        }
    }
}
