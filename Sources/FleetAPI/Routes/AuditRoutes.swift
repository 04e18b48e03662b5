internal import Fleet
internal import FleetStore
internal import HTTPAPI
internal import Pipeline
internal import Settings
internal import Transport
internal import Wire

/// `/v1/audit`: who did what.
enum AuditRoutes {
    static let all: [FleetRoute] = [
        FleetRoute("listAudit", "GET", "/v1/audit", .readAudit, list),
        FleetRoute("exportAudit", "GET", "/v1/audit/export", .readAudit, streams: true, export),
        FleetRoute("verifyAudit", "GET", "/v1/audit/verification", .readAudit, verify),
    ]

    private static let exportType = "application/jsonl"
    /// Lines that are sent at once.
    private static let exportSize = 200

    static func list(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let (size, before) = try Page.wantedNumbers(call.query)
        do throws(StoreError) {
            let lines = try await call.context.audit.latest(before: before.map { Int64($0) }, limit: size)
            let last = lines.last.flatMap { $0.number > 1 && lines.count == size ? "\($0.number)" : nil }
            return .tree(Page.table("entries", lines.map(tree), last: last))
        } catch {
            throw APIProblem(error)
        }
    }

    /// The whole log as it is kept; what is written meanwhile is not in it.
    ///
    /// Only what was exported to the end ends cleanly: whoever keeps it has to see that something is missing.
    static func export(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        guard call.head.method == "GET" else { return APIReply(.text("", type: exportType)) }
        try call.takeStream()
        let audit = call.context.audit
        return APIReply(
            .stream(type: exportType) { output in
                var last: Int64 = 0
                do throws(StoreError) {
                    while true {
                        let page = try await audit.export(after: last, limit: exportSize)
                        guard let next = page.last else { return }
                        // A slow reader is waited for; one that does not read is let go.
                        let lines = Bytes(utf8: page.text)
                        guard await output.waitForRoom(lines.count, within: APIServer.writeTimeout),
                            output.send(lines)
                        else { return output.abort() }
                        last = next
                    }
                } catch {
                    output.abort()
                }
            })
    }

    static func verify(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        do throws(StoreError) {
            let found = try await call.context.audit.verify()
            return .tree(
                .table([
                    "whole": .bool(found.isIntact), "entries": .number(found.lines),
                    "faults": Trees.texts(found.faults),
                ]))
        } catch {
            throw APIProblem(error)
        }
    }

    private static func tree(of line: StoredAuditRecord) -> Tree {
        var entries: [Tree.Entry] = [
            .init("number", .number(line.number)), .init("time", Trees.time(line.record.time)),
            .init("action", .text(line.record.action)), .init("actor", .text(line.record.actor)),
            .init("outcome", .text(line.record.result)),
        ]
        entries.add("target", line.record.target)
        entries.add("address", line.record.origin)
        entries += [.init("details", line.record.detail), .init("hash", .text(line.hash))]
        return Tree(.table(entries))
    }
}
