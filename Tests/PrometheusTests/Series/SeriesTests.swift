import Patterns
import Prometheus
import Telemetry
import Testing
import Wire

@Suite struct SeriesTests {
    /// One point with attributes, below a resource and a scope.
    private func labels(
        _ attributes: [(String, AttributeValue)], resource: [(String, AttributeValue)] = [],
        scope: [(String, AttributeValue)] = [],
        _ settings: SeriesSettings = SeriesSettings(includesScope: false),
        type: MetricType = .gauge
    ) throws -> String {
        var builder = MetricsBuilder()
        builder.resource { for (key, value) in resource { $0.attribute(key, value) } }
        builder.scope("lib", version: "1.2", schemaURL: "https://x/1") {
            for (key, value) in scope { $0.attribute(key, value) }
        }
        builder.gauge("g") { points in
            points.point { point in for (key, value) in attributes { point.attribute(key, value) } }
        }
        let group = try #require(builder.finish().resourceMetrics.first)
        let scopeGroup = try #require(group.scopes.first)
        var source = SeriesSource(group.resource, settings)
        source.begin(scopeGroup.scope, schemaURL: scopeGroup.schemaURL)
        guard case .gauge(let points)? = scopeGroup.records.first?.content, let point = points.first
        else { return "" }
        return source.labels(of: point.attributes, type).description
    }

    @Test func `attributes become labels whatever they hold`() throws {
        #expect(
            try labels([("http.method", .string("GET")), ("5xx", .bool(true)), ("n", .int(3))])
                == #"{http_method="GET", key_5xx="true", n="3"}"#)
    }

    @Test func `attributes whose names become the same share a label`() throws {
        let attributes: [(String, AttributeValue)] = [
            ("a_b", .string("2")), ("a.b", .string("1")), ("a/b", .string("1")),
        ]
        #expect(try labels(attributes) == #"{a_b="1;2"}"#)
        let plain = SeriesSettings(strategy: .noTranslation, includesScope: false)
        #expect(try labels(attributes, plain) == #"{a.b="1", a/b="1", a_b="2"}"#)
    }

    /// Work that grows with the square of their number would take many minutes.
    @Test(.timeLimit(.minutes(3)))
    func `a point may have very many attributes`() throws {
        let settings = SeriesSettings(
            resourceAttributes: ResourceSelection(includesAll: true), includesScope: false)
        let many = (0..<100_000).map { number in ("a.\(number)", AttributeValue.int(1)) }
        let text = try labels(many, resource: many, settings)
        #expect(text.utf8.count { $0 == UInt8(ascii: "=") } == 100_000)
        let alike = (1...1000).map { number in
            ("a\(String(repeating: ".", count: number))b", AttributeValue.int(Int64(number)))
        }
        #expect(try labels(alike).hasPrefix("{a_b=\"1000;999;998;"))
    }

    @Test func `a resource gives job and instance, and what is chosen of its attributes`() throws {
        let resource: [(String, AttributeValue)] = [
            ("service.name", .string("api")), ("service.namespace", .string("shop")),
            ("service.instance.id", .string("a1")), ("host.name", .string("h")), ("k8s.pod", .string("p")),
        ]
        let point: [(String, AttributeValue)] = [("job", .string("mine")), ("host.name", .string("other"))]
        #expect(
            try labels(point, resource: resource)
                == #"{host_name="other", instance="a1", job="shop/api"}"#)
        var settings = SeriesSettings(
            resourceAttributes: ResourceSelection(includesAll: true, excludesService: true),
            includesScope: false)
        #expect(
            try labels(point, resource: resource, settings)
                == #"{host_name="h", instance="a1", job="shop/api", k8s_pod="p"}"#)
        settings.resourceAttributes = try ResourceSelection(included: [Glob("k8s.*")])
        #expect(
            try labels([], resource: resource, settings) == #"{instance="a1", job="shop/api", k8s_pod="p"}"#)
        settings.resourceAttributes = try ResourceSelection(excluded: [Glob("k8s.*"), Glob("service.*")])
        #expect(
            try labels([], resource: resource, settings) == #"{host_name="h", instance="a1", job="shop/api"}"#
        )
    }

    @Test func `a scope gives labels of its own`() throws {
        #expect(
            try labels([], scope: [("short.name", .string("s"))], SeriesSettings())
                == #"{otel_scope_name="lib", otel_scope_schema_url="https://x/1", "#
                + #"otel_scope_short_name="s", otel_scope_version="1.2"}"#)
    }

    @Test func `constant labels fill gaps`() throws {
        let settings = SeriesSettings(constantLabels: ["a": "const", "b": "const"], includesScope: false)
        #expect(try labels([("a", .string("own"))], settings) == #"{a="own", b="const"}"#)
    }

    @Test func `labels that mean something to Prometheus are left out`() throws {
        let attributes: [(String, AttributeValue)] = [
            ("__name__", .string("x")), ("le", .string("1")), ("quantile", .string("2")),
        ]
        #expect(try labels(attributes) == #"{le="1", quantile="2"}"#)
        #expect(try labels(attributes, type: .histogram) == #"{quantile="2"}"#)
        #expect(try labels(attributes, type: .summary) == #"{le="1"}"#)
    }

    @Test func `target_info has what does not identify the resource`() throws {
        func info(_ attributes: [(String, AttributeValue)]) -> String? {
            var builder = MetricsBuilder()
            builder.resource { for (key, value) in attributes { $0.attribute(key, value) } }
            builder.scope()
            let group = builder.finish().resourceMetrics.first
            return group.flatMap { group in
                SeriesSource(group.resource, SeriesSettings()).infoLabels(of: group.resource)?.description
            }
        }
        #expect(
            info([("service.name", .string("api")), ("host.name", .string("h"))])
                == #"{host_name="h", job="api"}"#)
        #expect(info([("service.name", .string("api"))]) == nil)
        #expect(info([("host.name", .string("h"))]) == nil)
    }
}
