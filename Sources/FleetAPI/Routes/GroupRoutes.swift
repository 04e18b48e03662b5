internal import Fleet
internal import FleetModel
internal import HTTPAPI
internal import Settings

/// `/v1/groups`: named selectors.
enum GroupRoutes {
    private static let one = "/v1/groups/{name}"

    static let all: [FleetRoute] = [
        FleetRoute("listGroups", "GET", "/v1/groups", .look, list),
        FleetRoute("getGroup", "GET", one, .look, show),
        FleetRoute("putGroup", "PUT", one, .editGroups, body: .document(isOptional: false), put),
        FleetRoute("deleteGroup", "DELETE", one, .editGroups, delete),
    ]

    static func list(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        // Without the numbers of agents: each would take a walk over the whole fleet.
        let items = call.context.groups.list().map { ($0.group.name, tree(of: $0.group)) }
        return .tree(try Page.of("groups", items, call.query))
    }

    static func show(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        reply(try group(call), call)
    }

    static func put(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let name = call.parameter("name")
        let input = try call.settings(GroupInput.self)
        let present = call.context.groups.group(name)
        try call.checkPreconditions(version: present.map { "\($0.version)" })
        let group = input.group(name, source: present?.group.source ?? "")
        if try call.isDryRun { return reply((group, present?.version ?? 0), call) }
        do throws(LibraryError) {
            let version = try await call.context.groups.put(group, over: present?.version ?? 0)
            var reply = reply((group, version), call)
            if present == nil { reply.status = 201 }
            call.note(.groupChanged, name, present == nil ? "has made the group" : "has changed the group")
            return reply
        } catch {
            throw APIProblem(error)
        }
    }

    static func delete(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let group = try group(call)
        try call.checkPreconditions(version: "\(group.version)")
        if try !call.isDryRun {
            do throws(LibraryError) {
                try await call.context.groups.delete(group.group.name, version: group.version)
            } catch {
                throw APIProblem(error)
            }
            call.note(.groupChanged, group.group.name, "has deleted the group")
        }
        return reply(group, call)
    }

    private static func group(_ call: FleetCall) throws(APIProblem) -> FleetGroups.Versioned {
        let name = call.parameter("name")
        guard let group = call.context.groups.group(name) else {
            throw .notFound("there is no group '\(name)'")
        }
        return group
    }

    private static func reply(_ group: FleetGroups.Versioned, _ call: FleetCall) -> APIReply {
        var reply = APIReply.tree(
            tree(of: group.group, agents: call.context.agents.summary([group.group.selector]).agents),
            version: "\(group.version)")
        reply.isVolatile = true
        reply.detail = "group \(group.group.name)"
        return reply
    }

    private static func tree(of group: FleetGroup, agents: Int? = nil) -> Tree {
        var entries: [Tree.Entry] = [
            .init("name", .text(group.name)), .init("selector", .text(group.selector.description)),
            .init("description", .text(group.description)), .init("priority", .number(group.priority)),
            .init(
                "values",
                Tree(.table(group.values.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) }))),
        ]
        if let agents { entries.append(.init("agents", .number(agents))) }
        if !group.source.isEmpty { entries.append(.init("source", .text(group.source))) }
        return Tree(.table(entries))
    }
}

/// A group as it is written.
struct GroupInput: SettingGroup {
    var selector = Selector.everything
    var description = ""
    var priority = 0
    var values: [String: Tree] = [:]

    init() {}

    static var fields: [Field<GroupInput>] {
        [
            Field("selector", \.selector, "Which agents belong to it.", required: true),
            Field("description", \.description, "What it is for."),
            Field("priority", \.priority, "Where an agent is in two groups, the higher one wins."),
            Field("values", \.values, "What variables are for its agents."),
        ]
    }

    func group(_ name: String, source: String) -> FleetGroup {
        FleetGroup(
            name: name, description: description, selector: selector, priority: priority, values: values,
            source: source)
    }
}
