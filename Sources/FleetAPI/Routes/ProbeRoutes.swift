internal import HTTPAPI
internal import Transport

/// `/livez` and `/readyz`: for orchestrators, which need no token; they say nothing about the fleet.
enum ProbeRoutes {
    static let all: [FleetRoute] = [
        FleetRoute("getLiveness", "GET", "/livez", nil) { _ in
            APIReply(.text("ok\n", type: type))
        },
        FleetRoute("getReadiness", "GET", "/readyz", nil, ready),
    ]

    private static let type = "text/plain; charset=utf-8"

    static func ready(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        if let reason = await call.context.readiness() {
            throw APIProblem(
                503, "not-ready", "The manager is not ready", reason, fields: ["retry-after": "5"])
        }
        return APIReply(.text("ok\n", type: type))
    }
}
