import Extensions
import Logging
import Pipeline
import PipelineTesting
import Telemetry
import Testing
import Transport
import Wire

/// Asks the health extension that runs in a harness.
struct HealthProbe {
    let surroundings: Harness

    /// The addresses in the lines that say where something is answered, in the order of the servers.
    private func address(_ index: Int) throws -> ListenAddress {
        let urls = surroundings.log.lines.compactMap { $0.metadata["address"] }
        let url = try #require(urls.count > index ? urls[index] : nil)
        let start = try #require(url.firstRange(of: "://"))
        return try ListenAddress(parsing: String(url[start.upperBound...].prefix { $0 != "/" }))
    }

    func get(
        _ path: String, method: String = "GET", server: Int = 0,
        versions: ClientConfiguration.Versions = .http1
    ) async throws -> ClientResponse {
        try await send(ClientRequest(method: method, path: path), server, versions)
    }

    /// Calls the health service of gRPC and gives the status of the response and the code of the call.
    func check(
        _ service: String, method: String = "Check", server: Int = 0
    ) async throws -> HealthOutcome {
        var request = ClientRequest(method: "POST", path: "/grpc.health.v1.Health/\(method)")
        request.fields = ["content-type": "application/grpc", "te": "trailers"]
        let message = service.isEmpty ? [] : [0x0A, UInt8(service.utf8.count)] + Array(service.utf8)
        request.body = [Bytes([0, 0, 0, 0, UInt8(message.count)] + message)]
        let response = try await send(request, server, .http2)
        let code = response.trailers?["grpc-status"] ?? response.fields["grpc-status"]
        let body = response.body.array
        return HealthOutcome(code: code, serving: body.count == 7 ? body[6] : nil)
    }

    private func send(
        _ request: ClientRequest, _ server: Int, _ versions: ClientConfiguration.Versions
    ) async throws -> ClientResponse {
        var configuration = ClientConfiguration(target: try address(server))
        configuration.versions = versions
        let client = try Client(
            configuration, loops: surroundings.lanes.map { $0.eventLoop }, logger: Logger(label: "test"))
        let response = try await client.send(request, lane: 0, timeout: .seconds(20))
        await client.close()
        return response
    }
}

/// What the health service of gRPC answers: the code of the call and the status in the message.
struct HealthOutcome: Equatable {
    let code: String?
    let serving: UInt8?
}

/// States of a collector with two pipelines.
struct HealthScene {
    static let start: UInt64 = 1_700_000_000_000_000_000

    var traces = ComponentStatus.ok
    var metrics = ComponentStatus.ok
    /// The exporter of the metrics, when it differs from the rest of its pipeline.
    var metricsExporter: ComponentStatus?
    var exporterSince = start
    var hasExtensions = false

    var health: CollectorHealth {
        CollectorHealth(
            isReady: true, startedAt: Self.start, uptime: .seconds(5),
            components: hasExtensions
                ? [
                    ComponentHealth(
                        kind: .extension, id: ComponentID(type: "healthcheckv2"), status: .ok,
                        since: Self.start)
                ] : [],
            pipelines: [
                PipelineHealth(
                    id: PipelineID(signal: .metrics, name: "grpc"),
                    components: [
                        part(.receiver, "in", metrics), part(.processor, "batch", metrics),
                        ComponentHealth(
                            kind: .exporter, id: ComponentID(type: "otlp", name: "staging"),
                            status: metricsExporter ?? metrics, since: exporterSince),
                    ]),
                PipelineHealth(
                    id: PipelineID(signal: .traces),
                    components: [part(.receiver, "in", traces), part(.exporter, "out", traces)]),
            ])
    }

    private func part(_ kind: ComponentKind, _ type: String, _ status: ComponentStatus) -> ComponentHealth {
        ComponentHealth(kind: kind, id: ComponentID(type: type), status: status, since: Self.start)
    }
}
