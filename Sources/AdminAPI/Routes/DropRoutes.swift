internal import Delivery
internal import Engine
internal import HTTPAPI
internal import Pipeline
internal import Settings
internal import Telemetry

/// `/v1/drops`: why telemetry did not get where it was meant to go.
enum DropRoutes {
    static let all: [AdminRoute] = [AdminRoute("listDrops", "GET", "/v1/drops", .operate, list)]

    static func list(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let mask = TelemetryMask(additional: call.context.maskedAttributes)
        let place = try call.query.choice("place", DeliveryAccount.Place.self)
        let groups = call.context.drops().filter { place == nil || $0.place == place }
        let items = groups.map { group in
            let name = [
                group.kind.rawValue, group.component.description, group.pipeline?.description ?? "",
                group.place.rawValue,
            ]
            return (name.joined(separator: " "), tree(of: group, mask))
        }
        return .tree(try Page.of("drops", items, call.query))
    }

    private static func tree(of group: DropGroup, _ mask: TelemetryMask) -> Tree {
        var entries = [
            Tree.Entry("kind", .text(group.kind.rawValue)),
            Tree.Entry("component", .text(group.component.description)),
        ]
        if let pipeline = group.pipeline { entries.append(.init("pipeline", .text(pipeline.description))) }
        entries += [
            Tree.Entry("place", .text(group.place.rawValue)),
            Tree.Entry("items", .number(group.items)),
            Tree.Entry("examples", .list(group.examples.map { tree(of: $0, mask) })),
        ]
        return Tree(.table(entries))
    }

    private static func tree(of example: DropGroup.Example, _ mask: TelemetryMask) -> Tree {
        var entries = [
            Tree.Entry("time", .text(CalendarTime(unixNanoseconds: example.time).rfc3339)),
            Tree.Entry("message", .text(example.message)),
            Tree.Entry("items", .number(example.items)),
        ]
        if let item = example.item, let chunk = item.chunks.first,
            let view = TelemetryView(chunk, as: item.signal, nil, mask),
            let tree = try? Tree(json: view.json, source: ConfigurationSource(.inline, "telemetry"))
        {
            entries.append(.init("item", tree))
        }
        return Tree(.table(entries))
    }
}
