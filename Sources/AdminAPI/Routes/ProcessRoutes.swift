internal import Control
internal import Engine
internal import Glibc
internal import HTTPAPI
internal import Pipeline
internal import Settings
internal import Transport

/// The process: what it is, how it does, and its end.
enum ProcessRoutes {
    static let all: [AdminRoute] = [
        AdminRoute("getCaller", "GET", "/v1/whoami", .read, whoAmI),
        AdminRoute("getBuild", "GET", "/v1/build", .read, build),
        AdminRoute("getRuntime", "GET", "/v1/runtime", .read, runtime),
        AdminRoute("getMetrics", "GET", "/v1/metrics", .read, metrics),
        AdminRoute("getDiagnostics", "GET", "/v1/diagnostics", .operate, diagnostics),
        AdminRoute("drain", "POST", "/v1/drain", .operate, drain),
    ]

    static func whoAmI(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        .tree(.table(["name": .text(call.caller.name), "role": .text(call.caller.role.rawValue)]))
    }

    static func build(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        .tree(buildFacts(call.context))
    }

    static func runtime(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        .tree(runtimeFacts(call.context.snapshot()))
    }

    static func metrics(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        APIReply(.text(call.context.metrics(), type: "text/plain; version=0.0.4; charset=utf-8"))
    }

    static func drain(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        guard let drain = call.context.drain else {
            throw APIProblem(
                409, "not-possible", "The collector cannot be drained here", "stop the process instead")
        }
        guard try !call.isDryRun else { return .tree(runtimeFacts(call.context.snapshot())) }
        call.context.events.note(
            .drainBegan, "collector", "\(call.caller.name) has asked the collector to drain")
        await drain()
        var reply = APIReply.tree(.table(["draining": .bool(true)]))
        reply.status = 202
        return reply
    }

    /// Everything that is worth knowing about a collector that does not do what it should, in one document;
    /// secrets are hidden as everywhere.
    static func diagnostics(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let context = call.context
        let trees = CollectorTrees(context)
        let snapshot = trees.snapshot
        let state = await context.control.state()
        let document = Tree.table([
            "time": ConfigurationTrees.time(context.clock.unixNanoseconds),
            "build": buildFacts(context), "runtime": runtimeFacts(snapshot),
            "config_state": ConfigurationTrees.tree(of: state),
            "config": try await call.document(of: state.active.id, .effective),
            "components": .list(snapshot.components.map { trees.tree(of: $0, withHistory: true) }),
            "pipelines": .list(snapshot.pipelines.map { trees.tree(of: $0) }),
            "queues": .list(snapshot.queues.map(trees.tree)),
            "events": .list(context.events.events.map(EventTrees.tree)),
            "metrics": .text(context.metrics()),
            "log": .list(context.log.lastLines.map { .text($0) }),
        ])
        var reply = APIReply.tree(document)
        reply.fields = ["content-disposition": "attachment; filename=\"apus-diagnostics.json\""]
        return reply
    }

    private static func buildFacts(_ context: AdminContext) -> Tree {
        .table([
            "name": .text("apus"), "version": .text(context.version), "swift": .text(BuildFacts.swift),
            "architecture": .text(BuildFacts.architecture),
        ])
    }

    private static func runtimeFacts(_ snapshot: CollectorSnapshot) -> Tree {
        .table([
            "time": ConfigurationTrees.time(snapshot.time),
            "uptime": ConfigurationTrees.duration(snapshot.uptime), "ready": .bool(snapshot.isReady),
            "pid": .number(getpid()), "uid": .number(getuid()),
            "components": .number(snapshot.components.count),
            "pipelines": .number(snapshot.pipelines.count),
        ])
    }
}
