import Extensions
import Logging
import Pipeline
import PipelineTesting
import Settings
import Testing
import Transport
import Wire

@Suite struct HealthCheckTests {
    /// The address in the line that says where probes are answered.
    private func address(_ surroundings: Harness) throws -> ListenAddress {
        let url = try #require(surroundings.log.lines.compactMap { $0.metadata["address"] }.first)
        let authority = url.dropFirst("http://".count).prefix { $0 != "/" }
        return try ListenAddress(parsing: String(authority))
    }

    private func get(
        _ path: String, from surroundings: Harness, _ versions: ClientConfiguration.Versions = .http1
    ) async throws -> ClientResponse {
        var configuration = ClientConfiguration(target: try address(surroundings))
        configuration.versions = versions
        let client = try Client(
            configuration, loops: surroundings.lanes.map { $0.eventLoop }, logger: Logger(label: "test"))
        let response = try await client.send(
            ClientRequest(method: "GET", path: path), lane: 0, timeout: .seconds(5))
        await client.close()
        return response
    }

    private func health(ready: Bool) -> CollectorHealth {
        CollectorHealth(
            isReady: ready, startedAt: 1_581_452_772_500_000_000, uptime: .milliseconds(3_723_400),
            components: [])
    }

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(HealthCheck.self, yaml: "endpoint: 127.0.0.1:0")
    }

    @Test(arguments: [ClientConfiguration.Versions.http1, .http2])
    func `a collector that is ready answers 200 with since when`(versions: ClientConfiguration.Versions)
        async throws
    {
        let harness = try await ExtensionHarness(HealthCheck.self, yaml: "endpoint: 127.0.0.1:0")
        harness.setHealth(health(ready: true))
        let response = try await get("/any/path", from: harness.surroundings, versions)
        #expect(response.status == 200)
        #expect(response.fields["content-type"] == "application/json")
        #expect(
            response.body.string
                == #"{"status":"Server available","upSince":"2020-02-11T20:26:12.5Z","uptime":"1h2m3.4s"}"#)
        try await harness.stop()
    }

    @Test func `a collector that is not ready answers 503`() async throws {
        let harness = try await ExtensionHarness(HealthCheck.self, yaml: "endpoint: 127.0.0.1:0")
        harness.setHealth(health(ready: false))
        let response = try await get("/", from: harness.surroundings)
        #expect(response.status == 503)
        #expect(response.body.string.contains(#""status":"Server not available""#))
        try await harness.stop()
    }

    @Test func `the path and the bodies can be chosen`() async throws {
        let harness = try await ExtensionHarness(
            HealthCheck.self,
            yaml: "{endpoint: '127.0.0.1:0', path: /healthz, response_body: {healthy: fine, unhealthy: ill}}")
        harness.setHealth(health(ready: true))
        #expect(try await get("/healthz", from: harness.surroundings).body.string == "fine")
        harness.setHealth(health(ready: false))
        let ill = try await get("/healthz", from: harness.surroundings)
        #expect(ill.body.string == "ill")
        #expect(ill.status == 503)
        #expect(try await get("/other", from: harness.surroundings).status == 404)
        #expect(try await get("/healthz/below", from: harness.surroundings).status == 404)
        try await harness.stop()
    }

    @Test(arguments: [
        ("path: healthz", "must begin with a slash"),
        ("check_collector_pipeline: {enabled: true}", "is not supported"),
    ])
    func `a configuration that cannot work is refused with its reason`(yaml: String, reason: String) {
        let error = #expect(throws: InvalidSettings.self) { try HealthCheck.Configuration.decode(yaml: yaml) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test func `an address that cannot be used names the key`() async throws {
        let first = try await ExtensionHarness(HealthCheck.self, yaml: "endpoint: 127.0.0.1:0")
        let taken = try address(first.surroundings)
        let error = await #expect(throws: ComponentError.self) {
            _ = try await ExtensionHarness(HealthCheck.self, yaml: "endpoint: '\(taken)'")
        }
        #expect(error?.key == "endpoint")
        try await first.stop()
    }
}
