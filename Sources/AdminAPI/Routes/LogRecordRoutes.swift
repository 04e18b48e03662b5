internal import Engine
internal import HTTPAPI
internal import Logging
internal import Pipeline
internal import Settings

/// `/v1/log-records/{kind}/{id}`: what a component wrote to the log last.
enum LogRecordRoutes {
    static let all: [AdminRoute] = [
        AdminRoute("listLogRecords", "GET", "/v1/log-records/{kind}/{id}", .operate, list)
    ]

    static func list(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let (kind, id) = (try call.kind(), try call.component())
        let level = try LogLevelRoutes.wanted(call)
        let after = try call.lastEvent() ?? 0
        let log = call.context.log.log(of: kind, id)
        guard
            !log.records.isEmpty
                || call.context.snapshot().components.contains(where: { $0.kind == kind && $0.id == id })
        else { throw .notFound("no \(kind.rawValue) '\(id)' runs, and none has written to the log") }
        let mask = LogMask(additional: call.context.maskedAttributes)
        let chosen = log.records.filter { $0.id > after && $0.level >= level ?? .trace }
        var page = try Page.of("records", chosen.map { (Page.key($0.id), tree(of: $0, mask)) }, call.query)
        page.content = .table(
            (page.table ?? []) + [
                .init("last", .number(log.records.last?.id ?? 0)), .init("forgotten", .number(log.forgotten)),
            ])
        return .tree(page)
    }

    private static func tree(of record: LogRecord, _ mask: LogMask) -> Tree {
        let fields = record.fields.sorted { $0.key < $1.key }.map { field in
            Tree.Entry(field.key, .text(mask.shown(field.value, of: field.key)))
        }
        return .table([
            "id": .number(record.id), "time": ConfigurationTrees.time(record.time),
            "level": .text(record.level.rawValue), "message": .text(mask.shown(record.message)),
            "fields": Tree(.table(fields)),
        ])
    }
}
