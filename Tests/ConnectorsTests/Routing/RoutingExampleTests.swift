import Connectors
import Pipeline
import PipelineTesting
import Telemetry
import Testing

/// The configurations of contrib's documentation, with the results that it describes.
@Suite struct RoutingExampleTests {
    /// A log record and what is around it.
    struct Record: Sendable {
        var name: String
        var severity = 0
        var attributes: [String: String] = [:]
        var resource: [String: String] = [:]
    }

    private func batch(_ records: [Record], tenant: String? = nil) -> Batch {
        var builder = LogsBuilder()
        for record in records {
            builder.resource { resource in
                resource.attribute("resourceName", .string("R"))
                for (key, value) in record.resource { resource.attribute(key, .string(value)) }
            }
            builder.scope("S")
            builder.record { log in
                log.body(.string(record.name))
                log.severity(record.severity)
                for (key, value) in record.attributes { log.attribute(key, .string(value)) }
            }
        }
        var batch = builder.finish()
        batch.origin = tenant.map { Origin(peer: "", metadata: ["x-tenant": [$0]]) }
        return batch
    }

    private func names(_ sink: RecordingSink) -> [String] {
        sink.batches.flatMap { Grid.items($0) }.map { "\($0.split(separator: "/").last ?? "")" }
    }

    private func harness(_ yaml: String, _ pipelines: String) async throws -> ConnectorHarness<
        RoutingConnector
    > {
        try await ConnectorHarness(
            RoutingConnector.self, yaml: yaml,
            pipelines: pipelines.split(separator: " ").map { "logs/\($0)" })
    }

    static let byRequest = """
        default_pipelines: [logs/other]
        table:
          - context: request
            condition: request["X-Tenant"] == "acme"
            pipelines: [logs/acme]
          - context: request
            condition: request["X-Tenant"] == "ecorp"
            pipelines: [logs/ecorp]
        """
    static let bySender = """
        default_pipelines: [logs/other]
        table:
          - condition: otelcol.client.metadata["X-Tenant"][0] == "acme"
            pipelines: [logs/acme]
          - context: otelcol
            condition: otelcol.client.metadata["X-Tenant"] == "ecorp"
            pipelines: [logs/ecorp]
        """

    @Test(
        arguments: [byRequest, bySender],
        [("acme", "acme"), ("ecorp", "ecorp"), ("x", "other"), ("", "other")])
    func `logs are routed by the tenant of the request`(yaml: String, tenant: (String, String)) async throws {
        let harness = try await harness(yaml, "other acme ecorp")
        let name = tenant.0.isEmpty ? nil : tenant.0
        _ = try await harness.send(batch([Record(name: "one"), Record(name: "two")], tenant: name))
        for pipeline in ["other", "acme", "ecorp"] {
            let expected = pipeline == tenant.1 ? ["one", "two"] : []
            #expect(names(harness.sink("logs/\(pipeline)")) == expected)
        }
    }

    @Test func `logs are routed by the region in their attributes`() async throws {
        let harness = try await harness(
            """
            default_pipelines: [logs/other]
            table:
              - context: log
                condition: attributes["region"] == "east"
                pipelines: [logs/east]
              - context: log
                condition: attributes["region"] == "west"
                pipelines: [logs/west]
            """, "other east west")
        _ = try await harness.send(
            batch([
                Record(name: "e", attributes: ["region": "east"]),
                Record(name: "w", attributes: ["region": "west"]), Record(name: "o"),
            ]))
        #expect(names(harness.sink("logs/east")) == ["e"])
        #expect(names(harness.sink("logs/west")) == ["w"])
        #expect(names(harness.sink("logs/other")) == ["o"])
    }

    @Test func `low levels go to cheap storage, the remainder by service`() async throws {
        let harness = try await harness(
            """
            table:
              - context: log
                condition: severity_number < SEVERITY_NUMBER_ERROR
                pipelines: [logs/cheap]
              - context: resource
                condition: attributes["service.name"] == "service1"
                pipelines: [logs/service1]
              - context: resource
                condition: attributes["service.name"] == "service2"
                pipelines: [logs/service2]
            """, "cheap service1 service2")
        _ = try await harness.send(
            batch([
                Record(name: "info1", severity: 9, resource: ["service.name": "service1"]),
                Record(name: "error1", severity: 17, resource: ["service.name": "service1"]),
                Record(name: "error2", severity: 21, resource: ["service.name": "service2"]),
                Record(name: "error3", severity: 17, resource: ["service.name": "service3"]),
            ]))
        #expect(names(harness.sink("logs/cheap")) == ["info1"])
        #expect(names(harness.sink("logs/service1")) == ["error1"])
        #expect(names(harness.sink("logs/service2")) == ["error2"])
        #expect(harness.filtered == 1)
    }

    @Test func `low levels go to cheap storage, the remainder by tenant`() async throws {
        let harness = try await harness(
            """
            table:
              - context: log
                condition: severity_number < SEVERITY_NUMBER_ERROR
                pipelines: [logs/cheap]
              - context: request
                condition: request["X-Tenant"] == "acme"
                pipelines: [logs/acme]
              - context: request
                condition: request["X-Tenant"] == "ecorp"
                pipelines: [logs/ecorp]
            """, "cheap acme ecorp")
        let records = [Record(name: "info", severity: 9), Record(name: "error", severity: 17)]
        _ = try await harness.send(batch(records, tenant: "ecorp"))
        #expect(names(harness.sink("logs/cheap")) == ["info"])
        #expect(names(harness.sink("logs/ecorp")) == ["error"])
        #expect(harness.sink("logs/acme").itemCount == 0)
    }

    /// What was `match_once: false` becomes routers side by side, or a copy.
    @Test(arguments: [true, false])
    func `a record may go several ways`(isOneRouter: Bool) async throws {
        let environments = """
              - {condition: 'attributes["env"] == "prod"', pipelines: [logs/prod], action: copy}
              - {condition: 'attributes["env"] == "dev"', pipelines: [logs/dev], action: copy}
            """
        let regions = """
              - {condition: 'attributes["region"] == "east"', pipelines: [logs/east], action: copy}
              - {condition: 'attributes["region"] == "west"', pipelines: [logs/west], action: copy}
            """
        let tables = isOneRouter ? [environments + "\n" + regions] : [environments, regions]
        var found: [String: [String]] = [:]
        for table in tables {
            let harness = try await harness("table:\n" + table, "prod dev east west")
            _ = try await harness.send(
                batch([
                    Record(name: "pe", resource: ["env": "prod", "region": "east"]),
                    Record(name: "dw", resource: ["env": "dev", "region": "west"]),
                    Record(name: "px", resource: ["env": "prod"]),
                ]))
            for pipeline in ["prod", "dev", "east", "west"] {
                found[pipeline, default: []] += names(harness.sink("logs/\(pipeline)"))
            }
            #expect(harness.filtered == (isOneRouter || table == environments ? 0 : 1))
        }
        #expect(found == ["prod": ["pe", "px"], "dev": ["dw"], "east": ["pe"], "west": ["dw"]])
    }

    @Test func `a route for each combination has several pipelines`() async throws {
        let harness = try await harness(
            """
            default_pipelines: [logs/default]
            table:
              - condition: attributes["env"] == "prod" and attributes["region"] == "east"
                pipelines: [logs/prod, logs/east]
              - condition: attributes["env"] == "dev" and attributes["region"] == "west"
                pipelines: [logs/dev, logs/west]
            """, "default prod dev east west")
        _ = try await harness.send(
            batch([
                Record(name: "pe", resource: ["env": "prod", "region": "east"]),
                Record(name: "pw", resource: ["env": "prod", "region": "west"]),
            ]))
        for pipeline in ["prod", "east"] { #expect(names(harness.sink("logs/\(pipeline)")) == ["pe"]) }
        #expect(names(harness.sink("logs/default")) == ["pw"])
    }

    @Test func `a statement takes what decided out`() async throws {
        let harness = try await harness(
            """
            default_pipelines: [logs/default]
            table:
              - statement: delete_key(attributes, "X-Tenant") where attributes["X-Tenant"] == "acme"
                pipelines: [logs/acme]
              - statement: route() where attributes["X-Tenant"] == ".*corp"
                pipelines: [logs/ecorp]
              - statement: route() where IsMatch(attributes["X-Tenant"], ".*corp")
                pipelines: [logs/ecorp]
            """, "default acme ecorp")
        _ = try await harness.send(
            batch([
                Record(name: "a", resource: ["X-Tenant": "acme"]),
                Record(name: "e", resource: ["X-Tenant": "ecorp"]), Record(name: "o"),
            ]))
        let acme = try #require(harness.sink("logs/acme").batches.first)
        #expect(acme.resourceLogs.map { $0.resource.attributes.map { $0.key } } == [["resourceName"]])
        let ecorp = try #require(harness.sink("logs/ecorp").batches.first)
        #expect(ecorp.resourceLogs.first?.resource.attributes.contains { $0.key == "X-Tenant" } == true)
        #expect(names(harness.sink("logs/default")) == ["o"])
    }
}
