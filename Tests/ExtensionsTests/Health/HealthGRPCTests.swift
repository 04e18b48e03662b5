import Extensions
import Pipeline
import PipelineTesting
import Testing
import Transport
import Wire

@Suite struct HealthGRPCTests {
    private static let grpc = "use_v2: true\ngrpc: {endpoint: '127.0.0.1:0'}\n"
    private static let serving: UInt8 = 1
    private static let notServing: UInt8 = 2

    private func run(
        _ yaml: String = HealthGRPCTests.grpc,
        _ body: (HealthProbe, ExtensionHarness<HealthCheckV2>) async throws -> Void
    ) async throws {
        let harness = try await ExtensionHarness(HealthCheckV2.self, yaml: yaml)
        harness.setHealth(HealthScene().health)
        try await body(HealthProbe(surroundings: harness.surroundings), harness)
        try await harness.stop()
    }

    @Test(arguments: [
        (ComponentStatus.starting, notServing), (.ok, serving), (.recoverableError("no answer"), serving),
        (.permanentError("wrong key"), serving), (.fatalError("no memory"), notServing),
        (.stopping, notServing), (.stopped, notServing),
    ])
    func `a status is serving or not`(status: ComponentStatus, expected: UInt8) async throws {
        try await run { (probe, harness) async throws in
            harness.setHealth(HealthScene(metrics: status).health)
            let outcome1 = try await probe.check("")
            #expect(outcome1 == HealthOutcome(code: "0", serving: expected))
            let outcome2 = try await probe.check("metrics/grpc")
            #expect(outcome2 == HealthOutcome(code: "0", serving: expected))
            let outcome3 = try await probe.check("traces")
            #expect(outcome3 == HealthOutcome(code: "0", serving: Self.serving))
        }
    }

    @Test func `errors that are included are not serving`() async throws {
        let yaml =
            Self.grpc + """
                component_health:
                  include_permanent_errors: true
                  include_recoverable_errors: true
                  recovery_duration: 2s
                """
        try await run(yaml) { (probe, harness) async throws in
            harness.setHealth(HealthScene(metrics: .recoverableError("no answer")).health)
            #expect(try await probe.check("metrics/grpc").serving == Self.serving)
            harness.surroundings.clock.advance(by: .seconds(2))
            #expect(try await probe.check("metrics/grpc").serving == Self.notServing)
            harness.setHealth(HealthScene(metrics: .permanentError("wrong key")).health)
            #expect(try await probe.check("").serving == Self.notServing)
        }
    }

    @Test func `a pipeline that does not exist is not found`() async throws {
        try await run { (probe, _) async throws in
            let outcome4 = try await probe.check("logs")
            #expect(outcome4 == HealthOutcome(code: "5", serving: nil))
        }
    }

    @Test func `a method that does not exist is unimplemented`() async throws {
        try await run { (probe, _) async throws in
            let outcome5 = try await probe.check("", method: "List")
            #expect(outcome5 == HealthOutcome(code: "12", serving: nil))
        }
    }

    @Test func `http and grpc are two servers`() async throws {
        try await run(Self.grpc + "http: {endpoint: '127.0.0.1:0'}") { (probe, _) async throws in
            #expect(try await probe.get("/status", server: 0).status == 200)
            #expect(try await probe.check("", server: 1).code == "0")
        }
    }
}
