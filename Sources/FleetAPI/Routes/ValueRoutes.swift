internal import Fleet
internal import HTTPAPI
internal import Settings

/// `/v1/values`: what variables of templates are filled in with.
enum ValueRoutes {
    private static let one = "/v1/values/{name}"

    static let all: [FleetRoute] = [
        FleetRoute("listValues", "GET", "/v1/values", .look, list),
        FleetRoute("getValue", "GET", one, .look, show),
        FleetRoute("putValue", "PUT", one, .editValues, body: .document(isOptional: false), put),
        FleetRoute("deleteValue", "DELETE", one, .editValues, delete),
    ]

    static func list(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let items = call.context.values.list().map { ($0.value.name, tree(of: $0.value)) }
        return .tree(try Page.of("values", items, call.query))
    }

    static func show(_ call: FleetCall) async throws(APIProblem) -> APIReply { reply(try value(call)) }

    static func put(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let name = call.parameter("name")
        let input = try call.settings(ValueInput.self)
        let present = call.context.values.value(name)
        try call.checkPreconditions(version: present.map { "\($0.version)" })
        let value = FleetValue(
            name: name, value: input.value, description: input.description,
            source: present?.value.source ?? "")
        if try call.isDryRun { return .tree(tree(of: value)) }
        do throws(LibraryError) {
            let version = try await call.context.values.put(value, over: present?.version ?? 0)
            var reply = reply((value, version))
            if present == nil { reply.status = 201 }
            call.note(.valueChanged, name, "has set the value")
            return reply
        } catch {
            throw APIProblem(error)
        }
    }

    static func delete(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let value = try value(call)
        try call.checkPreconditions(version: "\(value.version)")
        if try !call.isDryRun {
            do throws(LibraryError) {
                try await call.context.values.delete(value.value.name, version: value.version)
            } catch {
                throw APIProblem(error)
            }
            call.note(.valueChanged, value.value.name, "has deleted the value")
        }
        return reply(value)
    }

    private static func value(_ call: FleetCall) throws(APIProblem) -> FleetValues.Versioned {
        let name = call.parameter("name")
        guard let value = call.context.values.value(name) else {
            throw .notFound("there is no value '\(name)'")
        }
        return value
    }

    private static func reply(_ value: FleetValues.Versioned) -> APIReply {
        var reply = APIReply.tree(tree(of: value.value), version: "\(value.version)")
        reply.detail = "value \(value.value.name)"
        return reply
    }

    private static func tree(of value: FleetValue) -> Tree {
        var entries: [Tree.Entry] = [
            .init("name", .text(value.name)), .init("value", value.value),
            .init("description", .text(value.description)),
        ]
        if !value.source.isEmpty { entries.append(.init("source", .text(value.source))) }
        return Tree(.table(entries))
    }
}

/// A value as it is written.
struct ValueInput: SettingGroup {
    var value = Tree.null
    var description = ""

    init() {}

    static var fields: [Field<ValueInput>] {
        [
            Field("value", \.value, "Text, a number, true or false, or a list of texts.", required: true),
            Field("description", \.description, "What it is for."),
        ]
    }
}
