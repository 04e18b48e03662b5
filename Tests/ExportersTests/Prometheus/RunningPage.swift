import Exporters
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing
import Transport
import Wire

/// The exporter on a port of its own, and a client that scrapes it.
struct RunningPage {
    let harness: Harness
    let exporter: PrometheusExporter
    let client: Client
    let address: ListenAddress

    /// Exports one batch of metrics with a scope.
    @discardableResult
    func export(
        resource: [(String, AttributeValue)] = [], _ write: (inout MetricsBuilder) -> Void
    ) async throws -> ExportOutcome {
        var builder = MetricsBuilder()
        builder.resource { for (key, value) in resource { $0.attribute(key, value) } }
        builder.scope("lib", version: "1")
        write(&builder)
        return try await exporter.export(builder.finish(), on: 0)
    }

    func get(
        _ fields: HTTPFields = [:], path: String = "/metrics", method: String = "GET", body: [Bytes] = []
    ) async throws -> ClientResponse {
        let request = ClientRequest(method: method, path: path, fields: fields, body: body)
        return try await client.send(request, timeout: .seconds(20))
    }

    /// The page in the text format, without comments.
    var lines: [String] {
        get async throws {
            try await get().body.string.split(separator: "\n").map(String.init)
                .filter { !$0.hasPrefix("#") }
        }
    }

    func value(_ metric: String, _ label: String? = nil) -> Double? {
        let family = harness.metrics.snapshot().first { $0.name == metric }
        let sample = family?.samples.first { sample in
            label == nil || sample.labels.contains { $0.value == label }
        }
        guard case .number(let value)? = sample?.value else { return nil }
        return value
    }
}

/// Runs `body` with an exporter and ends that whatever happens.
func withPage(
    _ keys: String = "without_scope_info: true", extensions: [String: any Extension] = [:],
    _ body: (RunningPage) async throws -> Void
) async throws {
    let harness = Harness()
    for (id, found) in extensions { harness.give(found, as: id) }
    let configuration = try PrometheusExporter.Configuration.decode(
        yaml: "{endpoint: '127.0.0.1:0', \(keys)}")
    let exporter = try PrometheusExporter(configuration, in: harness.context(.exporter, "prometheus"))
    try await exporter.open()
    let line = try #require(harness.log.lines.first { $0.message == "the page is there" })
    let url = try #require(line.metadata["address"])
    let address = url.dropFirst("http://".count).dropLast("/metrics".count)
    let target = try ListenAddress(parsing: String(address))
    var client = ClientConfiguration(target: target)
    client.versions = .http1
    client.waitsForConnection = false
    let page = RunningPage(
        harness: harness, exporter: exporter,
        client: try Client(
            client, loops: harness.lanes.map { $0.eventLoop }, logger: RecordingLog().logger()),
        address: target)
    do {
        try await body(page)
    } catch {
        await page.client.close(grace: .zero)
        await exporter.close()
        throw error
    }
    await page.client.close(grace: .zero)
    await exporter.close()
}
