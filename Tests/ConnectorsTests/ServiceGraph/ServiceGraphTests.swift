import Connectors
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing

/// What requests between services become.
@Suite struct ServiceGraphTests {
    typealias Harness = ConnectorHarness<ServiceGraphConnector>

    private static func client(
        _ id: UInt8 = 2, kind: Int = 3, status: Int = 0, with attributes: [String: AttributeValue] = [:]
    ) -> Span {
        Span(kind: kind, status: status, id: id, milliseconds: 1500, attributes: attributes)
    }

    private static func server(
        to id: UInt8? = 2, kind: Int = 2, status: Int = 0, with attributes: [String: AttributeValue] = [:]
    ) -> Span {
        Span(kind: kind, status: status, id: 9, parent: id, milliseconds: 250, attributes: attributes)
    }

    /// The requests that are counted after one flush, as `total labels`.
    private func requests(_ yaml: String, _ batches: Batch...) async throws -> [String] {
        let harness = try await Harness(ServiceGraphConnector.self, yaml: yaml)
        for batch in batches { _ = try await harness.send(batch) }
        try await harness.advance(by: .seconds(60))
        return harness.totals
    }

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(ServiceGraphConnector.self)
        try await Conformance.check(
            ServiceGraphConnector.self,
            yaml:
                "{exponential_histogram_max_size: 20, dimensions: [string], virtual_node_extra_label: true, "
                + "metrics_flush_interval: 0s}")
    }

    @Test(arguments: [true, false])
    func `a request is counted when both of its ends are there`(clientComesFirst: Bool) async throws {
        let harness = try await Harness(ServiceGraphConnector.self)
        let ends = [Batch.spans([Self.client()], of: "shop"), .spans([Self.server()], of: "cart")]
        for batch in clientComesFirst ? ends : ends.reversed() { _ = try await harness.send(batch) }
        try await harness.advance(by: .seconds(60))
        let points = harness.sink(.metrics).batches.points
        #expect(
            points.map { $0.metric }
                == ["client", "server", "total"].map { "traces_service_graph_request_\($0)" })
        #expect(points.allSatisfy { $0.labels == "client=shop connection_type= failed=false server=cart" })
        #expect(points.allSatisfy { $0.temporality == 2 && $0.scope == "traces_service_graph" })
        #expect(points.map { $0.unit } == ["s", "s", ""])
        #expect((points[0].count, points[0].sum) == (1, 1.5))
        #expect((points[1].count, points[1].sum) == (1, 0.25))
        #expect(
            points[1].bounds == [
                0.002, 0.004, 0.006, 0.008, 0.01, 0.05, 0.1, 0.2, 0.4, 0.8, 1, 1.4, 2, 5, 10, 15,
            ])
        #expect(points[1].buckets == [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(points[2].value == 1 && points[2].isMonotonic)
        #expect(points[2].attributes["failed"] == false)
        #expect(harness.surroundings.metric("otelcol_connector_servicegraph_total_edges") == 1)
        #expect(harness.surroundings.metric("apus_connector_service_graph_waiting_edges") == 0)
    }

    @Test(arguments: [(2, 0), (0, 2)])
    func `a request fails when one of its ends does`(client: Int, server: Int) async throws {
        let harness = try await Harness(ServiceGraphConnector.self)
        _ = try await harness.send(.spans([Self.client(status: client)], of: "shop"))
        _ = try await harness.send(.spans([Self.server(status: server)], of: "cart"))
        try await harness.advance(by: .seconds(60))
        let failed = harness.sink(.metrics).batches.points.filter { $0.metric.hasSuffix("failed_total") }
        #expect(failed.map { $0.value } == [1])
        #expect(failed.first?.labels == "client=shop connection_type= failed=true server=cart")
    }

    @Test func `messages and databases are connections of their own`() async throws {
        let database = try await requests(
            "{}", .spans([Self.client(kind: 3, with: ["db.name": "orders"])], of: "shop"))
        #expect(database == ["1 client=shop connection_type=database failed=false server=orders"])
        let message = try await requests(
            "{}", .spans([Self.client(kind: 4)], of: "shop"), .spans([Self.server(kind: 5)], of: "mailer"))
        #expect(message == ["1 client=shop connection_type=messaging_system failed=false server=mailer"])
    }

    @Test(arguments: [
        ("{database_name_attributes: [db.namespace, db.name]}", "a"),
        ("{database_name_attribute: db.name}", "b"),
        ("{database_name_attributes: [other, db.name, db.namespace]}", "b"),
    ])
    func `the first attribute that is there names the database`(yaml: String, expected: String) async throws {
        let found = try await requests(
            yaml, .spans([Self.client(with: ["db.namespace": "a", "db.name": "b"])], of: "shop"))
        #expect(found == ["1 client=shop connection_type=database failed=false server=\(expected)"])
    }

    @Test func `dimensions are told for each end, of the resource before the span`() async throws {
        let yaml = "{dimensions: [region, route, nowhere]}"
        let found = try await requests(
            yaml,
            .spans(
                [Self.client(with: ["region": "span", "route": 7])], of: "shop", resource: ["region": "eu"]),
            .spans([Self.server(with: ["route": "/cart"])], of: "cart"))
        #expect(
            found == [
                "1 client=shop client_region=eu client_route=7 connection_type= failed=false server=cart "
                    + "server_route=/cart"
            ])
    }

    @Test func `an end that nobody saw is a node of its own`() async throws {
        let yaml = "{virtual_node_extra_label: true}"
        let batches = [
            Batch.spans([Self.server(to: nil)], of: "shop"),
            .spans([Self.client(3, with: ["peer.service": "paypal", "db.system": "x"])], of: "shop"),
            .spans([Self.client(4)], of: "shop"), .spans([Self.server(to: 5)], of: "lost"),
        ]
        let harness = try await Harness(ServiceGraphConnector.self, yaml: yaml)
        for batch in batches { _ = try await harness.send(batch) }
        try await harness.advance(by: .seconds(70))
        let virtual = "connection_type=virtual_node failed=false server"
        #expect(
            harness.totals == [
                "1 client=shop \(virtual)=paypal virtual_node=server",
                "1 client=shop \(virtual)=unknown virtual_node=server",
                "1 client=user \(virtual)=shop virtual_node=client",
            ])
        #expect(harness.surroundings.metric("otelcol_connector_servicegraph_expired_edges") == 4)
    }

    @Test func `without attributes of peers there are no nodes that nobody saw`() async throws {
        let harness = try await Harness(
            ServiceGraphConnector.self, yaml: "{virtual_node_peer_attributes: []}")
        _ = try await harness.send(.spans([Self.client()], of: "shop"))
        try await harness.advance(by: .seconds(120))
        #expect(harness.sink(.metrics).batches.isEmpty)
        #expect(try await harness.deadline == nil)
    }

    @Test func `ends that come too late do not meet`() async throws {
        let yaml = "{store: {ttl: 5s}, store_expiration_loop: 1s, virtual_node_peer_attributes: []}"
        let harness = try await Harness(ServiceGraphConnector.self, yaml: yaml)
        _ = try await harness.send(.spans([Self.client()], of: "shop"))
        try await harness.advance(by: .seconds(4))
        _ = try await harness.send(.spans([Self.client(7)], of: "shop"))
        try await harness.advance(by: .seconds(2))
        for id: UInt8 in [2, 7] { _ = try await harness.send(.spans([Self.server(to: id)], of: "cart")) }
        try await harness.advance(by: .seconds(60))
        #expect(harness.totals == ["1 client=shop connection_type= failed=false server=cart"])
    }

    @Test func `a full store drops spans, after those that have waited too long`() async throws {
        let yaml =
            "{store: {max_items: 2, ttl: 5s}, store_expiration_loop: 1h, virtual_node_peer_attributes: []}"
        let harness = try await Harness(ServiceGraphConnector.self, yaml: yaml)
        _ = try await harness.send(.spans([2, 3, 4].map { Self.client($0) }, of: "shop"))
        #expect(harness.surroundings.metric("otelcol_connector_servicegraph_dropped_spans") == 1)
        // Databases and ends that meet need no room.
        _ = try await harness.send(.spans([Self.client(5, with: ["db.name": "orders"])], of: "shop"))
        _ = try await harness.send(.spans([Self.server(to: 2)], of: "cart"))
        try await harness.advance(by: .seconds(10))
        _ = try await harness.send(.spans([6, 7].map { Self.client($0) }, of: "shop"))
        #expect(harness.surroundings.metric("otelcol_connector_servicegraph_dropped_spans") == 1)
        #expect(harness.surroundings.metric("otelcol_connector_servicegraph_expired_edges") == 1)
    }

    @Test func `histograms can be exponential, or have bounds of their own`() async throws {
        for (yaml, scale) in [
            ("{exponential_histogram_max_size: 160}", Optional(20)),
            ("{latency_histogram_buckets: [100ms, 1s]}", nil),
        ] {
            let harness = try await Harness(ServiceGraphConnector.self, yaml: yaml)
            _ = try await harness.send(.spans([Self.client(with: ["db.name": "orders"])], of: "shop"))
            try await harness.advance(by: .seconds(60))
            let point = try #require(harness.sink(.metrics).batches.points.first)
            #expect(point.scale == scale)
            #expect(point.buckets == (scale == nil ? [0, 0, 1] : [1]))
        }
    }

    @Test func `without an interval every batch is followed by metrics`() async throws {
        let harness = try await Harness(ServiceGraphConnector.self, yaml: "{metrics_flush_interval: 0s}")
        for round in 1...2 {
            _ = try await harness.send(.spans([Self.client(with: ["db.name": "orders"])], of: "shop"))
            #expect(harness.sink(.metrics).batches.count == round)
            #expect(harness.totals.first?.hasPrefix("\(round) ") == true)
        }
    }

    @Test func `the times of points can be in the past`() async throws {
        let harness = try await Harness(ServiceGraphConnector.self, yaml: "{metrics_timestamp_offset: 30s}")
        _ = try await harness.send(.spans([Self.client(with: ["db.name": "orders"])], of: "shop"))
        try await harness.advance(by: .seconds(60))
        let point = try #require(harness.sink(.metrics).batches.points.first)
        #expect(point.time == 1_700_000_030_000_000_000)
        #expect(point.start == 1_699_999_970_000_000_000)
    }

    @Test func `a latency beyond all bounds is counted in the last bucket`() async throws {
        let harness = try await Harness(ServiceGraphConnector.self)
        _ = try await harness.send(
            .spans([Span(kind: 3, milliseconds: 25_000_000, attributes: ["db.name": "x"])], of: "shop"))
        try await harness.advance(by: .seconds(60))
        #expect(harness.sink(.metrics).batches.points.first?.buckets.last == 1)
    }

    @Test func `spans without a service are told`() async throws {
        let harness = try await Harness(ServiceGraphConnector.self)
        _ = try await harness.send(.spans([Self.client(), Span(kind: 1)], of: nil))
        #expect(harness.surroundings.metric("apus_connector_service_graph_skipped_spans") == 1)
        #expect(try await harness.deadline == nil)
    }
}

extension ConnectorHarness where Joint == ServiceGraphConnector {
    /// The requests of the last flush, as `total labels`.
    var totals: [String] {
        let points = sink(.metrics).batches.last?.points ?? []
        return points.filter { $0.metric.hasSuffix("request_total") }.map { "\($0.value ?? 0) \($0.labels)" }
    }
}
