import Extensions
import Pipeline
import PipelineTesting
import Settings
import Testing
import Transport
import Wire

/// The steps of otelcol's own test of healthcheckv2.
@Suite struct StatusTests {
    private static let http = "use_v2: true\nhttp: {endpoint: '127.0.0.1:0'}\n"

    private func run(
        _ yaml: String = StatusTests.http, _ scene: HealthScene,
        _ body: (HealthProbe, ExtensionHarness<HealthCheckV2>) async throws -> Void
    ) async throws {
        let harness = try await ExtensionHarness(HealthCheckV2.self, yaml: yaml)
        harness.setHealth(scene.health)
        try await body(HealthProbe(surroundings: harness.surroundings), harness)
        try await harness.stop()
    }

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(HealthCheckV2.self, yaml: Self.http)
    }

    /// A status of one pipeline, and the codes for the whole, for it and for the other pipeline.
    struct Step: Sendable {
        let metrics: ComponentStatus
        let exporter: ComponentStatus?
        let whole: Int
        let pipeline: Int
    }

    @Test(arguments: [
        Step(metrics: .starting, exporter: nil, whole: 503, pipeline: 503),
        Step(metrics: .ok, exporter: nil, whole: 200, pipeline: 200),
        Step(metrics: .ok, exporter: .recoverableError("no answer"), whole: 200, pipeline: 200),
        Step(metrics: .ok, exporter: .permanentError("wrong key"), whole: 200, pipeline: 200),
        Step(metrics: .ok, exporter: .fatalError("no memory"), whole: 500, pipeline: 500),
        Step(metrics: .stopping, exporter: nil, whole: 503, pipeline: 503),
        Step(metrics: .stopped, exporter: nil, whole: 503, pipeline: 503),
        Step(metrics: .ok, exporter: .stopped, whole: 503, pipeline: 503),
    ])
    func `without component_health errors are told and change no code`(step: Step) async throws {
        let scene = HealthScene(metrics: step.metrics, metricsExporter: step.exporter)
        try await run(scene) { (probe, _) async throws in
            let whole = try await probe.get("/status")
            #expect(whole.status == step.whole)
            #expect(whole.body.string.contains(#""healthy":true"#))
            #expect(try await probe.get("/status?pipeline=metrics%2Fgrpc").status == step.pipeline)
            #expect(try await probe.get("/status?pipeline=metrics/grpc&verbose").status == step.pipeline)
            #expect(try await probe.get("/status?pipeline=traces").status == 200)
            #expect(try await probe.get("/status?pipeline=logs").status == 404)
        }
    }

    private func run(
        _ scene: HealthScene,
        _ body: (HealthProbe, ExtensionHarness<HealthCheckV2>) async throws -> Void
    ) async throws {
        try await run(Self.http, scene, body)
    }

    @Test func `a verbose answer has every part, with the earliest error on top`() async throws {
        let scene = HealthScene(
            metricsExporter: .recoverableError("no answer"), exporterSince: HealthScene.start + 500_000_000,
            hasExtensions: true)
        try await run(scene) { (probe, _) async throws in
            let answer = try await probe.get("/status?verbose", versions: .http2)
            #expect(answer.fields["content-type"] == "application/json")
            let error = #""status":"StatusRecoverableError","error":"no answer","#
            let since = #""status_time":"2023-11-14T22:13:20.5Z""#
            let fine = #"{"healthy":true,"status":"StatusOK","status_time":"2023-11-14T22:13:20Z""#
            #expect(
                answer.body.string
                    == #"{"start_time":"2023-11-14T22:13:20Z","healthy":true,"# + error + since
                    + #","components":{"extensions":"# + fine
                    + #","components":{"extension:healthcheckv2":"# + fine + "}}},"
                    + #""pipeline:metrics/grpc":{"healthy":true,"# + error + since
                    + #","components":{"exporter:otlp/staging":{"healthy":true,"# + error + since + "},"
                    + #""processor:batch":"# + fine + #"},"receiver:in":"# + fine + "}}},"
                    + #""pipeline:traces":"# + fine + #","components":{"exporter:out":"# + fine
                    + #"},"receiver:in":"# + fine + "}}}}}")
            let short = try await probe.get("/status")
            #expect(
                short.body.string
                    == #"{"start_time":"2023-11-14T22:13:20Z","healthy":true,"# + error + since + "}")
        }
    }

    /// Which errors count, and what the codes are for a recoverable one, the same when its time is over, and
    /// a permanent one.
    struct Inclusion: Sendable {
        let permanent: Bool
        let recoverable: Bool
        let codes: [Int]
    }

    @Test(arguments: [
        Inclusion(permanent: false, recoverable: false, codes: [200, 200, 200]),
        Inclusion(permanent: true, recoverable: false, codes: [200, 200, 500]),
        Inclusion(permanent: false, recoverable: true, codes: [200, 500, 200]),
        Inclusion(permanent: true, recoverable: true, codes: [200, 500, 500]),
    ])
    func `errors that are included make the collector unhealthy`(inclusion: Inclusion) async throws {
        let yaml =
            Self.http + """
                component_health:
                  include_permanent_errors: \(inclusion.permanent)
                  include_recoverable_errors: \(inclusion.recoverable)
                  recovery_duration: 2s
                """
        try await run(yaml, HealthScene(metricsExporter: .recoverableError("no answer"))) {
            (probe, harness) async throws in
            #expect(try await probe.get("/status?pipeline=metrics/grpc").status == inclusion.codes[0])
            harness.surroundings.clock.advance(by: .seconds(2))
            let late = try await probe.get("/status")
            #expect(late.status == inclusion.codes[1])
            #expect(late.body.string.contains(#""healthy":\#(inclusion.codes[1] == 200)"#))
            harness.setHealth(HealthScene(metricsExporter: .permanentError("wrong key")).health)
            #expect(try await probe.get("/status").status == inclusion.codes[2])
            #expect(try await probe.get("/status?pipeline=traces").status == 200)
            harness.setHealth(HealthScene().health)
            #expect(try await probe.get("/status").status == 200)
        }
    }

    @Test(arguments: [(false, "StatusPermanentError"), (true, "StatusRecoverableError")])
    func `the error that makes a difference is on top`(onlyRecoverable: Bool, status: String) async throws {
        let yaml = Self.http + "component_health: {include_recoverable_errors: \(onlyRecoverable)}"
        let scene = HealthScene(
            traces: .permanentError("wrong key"), metricsExporter: .recoverableError("no answer"))
        try await run(yaml, scene) { (probe, _) async throws in
            #expect(try await probe.get("/status").body.string.contains(#""status":"\#(status)""#))
        }
    }

    @Test func `the path can be chosen and every answer can be verbose`() async throws {
        let yaml = """
            use_v2: true
            http: {endpoint: '127.0.0.1:0', status: {path: /health, verbose: true}}
            """
        try await run(yaml, HealthScene()) { (probe, _) async throws in
            #expect(try await probe.get("/health").body.string.contains("pipeline:traces"))
            #expect(try await probe.get("/status").status == 404)
        }
    }

    @Test func `a collector without pipelines has no status`() async throws {
        try await run(HealthScene()) { (probe, harness) async throws in
            harness.setHealth(
                CollectorHealth(isReady: false, startedAt: 1, uptime: .zero, components: []))
            let answer = try await probe.get("/status")
            #expect(answer.status == 503)
            #expect(answer.body.string.contains("StatusNone"))
        }
    }

    @Test func `without use_v2 both extensions are the first version`() async throws {
        let harness = try await ExtensionHarness(HealthCheckV2.self, yaml: "endpoint: 127.0.0.1:0")
        let answer = try await HealthProbe(surroundings: harness.surroundings).get("/")
        #expect(answer.body.string.contains("Server available"))
        try await harness.stop()
    }

    @Test func `with use_v2 both extensions are the second version`() async throws {
        let harness = try await ExtensionHarness(HealthCheck.self, yaml: Self.http)
        harness.setHealth(HealthScene().health)
        let answer = try await HealthProbe(surroundings: harness.surroundings).get("/status")
        #expect(answer.body.string.contains("StatusOK"))
        try await harness.stop()
    }

    @Test(arguments: [
        ("use_v2: true", "at least one of http and grpc"),
        ("http: {}", "counts only with use_v2: true"),
        ("grpc: {}", "counts only with use_v2: true"),
        ("component_health: {}", "counts only with use_v2: true"),
        ("use_v2: true\nhttp: {config: {enabled: true}}", "the admin API shows"),
        ("use_v2: true\nhttp: {status: {path: status}}", "must begin with a slash"),
        ("use_v2: true\nhttp: {status: {include_attributes: true}}", "is not supported"),
    ])
    func `a configuration that cannot work is refused with its reason`(yaml: String, reason: String) {
        let error = #expect(throws: InvalidSettings.self) {
            try HealthCheckV2.Configuration.decode(yaml: yaml)
        }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test func `an address that is taken names its key and leaves nothing open`() async throws {
        let first = try await ExtensionHarness(HealthCheckV2.self, yaml: Self.http)
        let url = try #require(first.surroundings.log.lines.compactMap { $0.metadata["address"] }.first)
        let taken = url.dropFirst("http://".count).prefix { $0 != "/" }
        let error = await #expect(throws: ComponentError.self) {
            _ = try await ExtensionHarness(
                HealthCheckV2.self,
                yaml: "use_v2: true\nhttp: {endpoint: '127.0.0.1:0'}\ngrpc: {endpoint: '\(taken)'}")
        }
        #expect(error?.key == "grpc.endpoint")
        try await first.stop()
    }
}
