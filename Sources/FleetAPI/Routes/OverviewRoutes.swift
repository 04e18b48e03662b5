internal import Fleet
internal import HTTPAPI
internal import Rollouts
internal import Settings
internal import Transport

/// The fleet as a whole, and the manager itself.
enum OverviewRoutes {
    static let all: [FleetRoute] = [
        FleetRoute("getSummary", "GET", "/v1/summary", .look, summary),
        FleetRoute("getBuild", "GET", "/v1/build", .look, build),
        FleetRoute("getMetrics", "GET", "/metrics", .look, metrics),
        FleetRoute("getAuthority", "GET", "/v1/ca", .look, authority),
    ]

    static func build(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        .tree(.table(["name": .text("apus"), "version": .text(call.context.version)]))
    }

    static func metrics(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        APIReply(.text(call.context.metrics(), type: "text/plain; version=0.0.4; charset=utf-8"))
    }

    static func authority(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let certificate = call.context.access.authority.certificate
        let accepts = call.head.fields.all("accept").joined(separator: ",")
        guard accepts.contains("application/x-pem-file") else {
            return .tree(.table(["certificate": .text(certificate)]))
        }
        return APIReply(.text(certificate, type: "application/x-pem-file"))
    }

    static func summary(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let summary = call.context.agents.summary(try call.selectors())
        let drift = DriftState.allCases.compactMap { state -> Tree.Entry? in
            summary.drift[state].map { Tree.Entry(state.rawValue, .number($0)) }
        }
        let versions = summary.versions.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let rollouts = Dictionary(
            grouping: await call.context.rollouts.list().lazy.filter { !$0.state.isTerminal }
        ) { $0.state.rawValue }
        return .tree(
            .table([
                "agents": .number(summary.agents), "connected": .number(summary.connected),
                "healthy": .number(summary.healthy), "unhealthy": .number(summary.unhealthy),
                "waiting": .number(summary.waiting), "drift": Tree(.table(drift)),
                "versions": .list(
                    versions.map { .table(["version": .text($0.key), "agents": .number($0.value)]) }),
                "rollouts": Tree(
                    .table(rollouts.sorted { $0.key < $1.key }.map { .init($0.key, .number($0.value.count)) })
                ),
                "items": .table([
                    "accepted": .number(summary.accepted), "delivered": .number(summary.delivered),
                    "dropped": .number(summary.dropped),
                ]),
            ]))
    }
}
