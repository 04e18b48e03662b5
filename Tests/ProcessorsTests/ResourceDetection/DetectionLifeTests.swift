import Dispatch
import Pipeline
import PipelineTesting
import Settings
import Synchronization
import Telemetry
import Testing
import Wire

@testable import Processors

/// When detection happens, and what senders are told meanwhile.
@Suite struct DetectionLifeTests {
    /// A variable that the test changes.
    private final class Variable: Sendable {
        private let text = Mutex<String?>(nil)
        func set(_ new: String?) { text.withLock { $0 = new } }
        var current: String? { text.withLock { $0 } }
    }

    private let surroundings = Harness()
    private let variable = Variable()

    private func step(
        _ yaml: String, _ change: (inout DetectorSurroundings) -> Void = { _ in }
    ) throws -> StepHarness<ResourceDetection> {
        let context = surroundings.context(.processor, "resource_detection").within(
            try #require(PipelineID(parsing: "logs")))
        var seen = DetectorSurroundings.machine(context, timeout: .seconds(5))
        seen.variable = { [variable] in $0 == "AWS_LAMBDA_FUNCTION_NAME" ? variable.current : nil }
        change(&seen)
        let configuration = try ResourceDetection.Configuration.decode(yaml: yaml)
        return StepHarness(ResourceDetection(configuration, in: context, seen), in: surroundings)
    }

    /// What passes once detection is complete.
    private func resource(
        _ step: inout StepHarness<ResourceDetection>, _ before: Attributes, until isDone: (Attributes) -> Bool
    ) async throws -> Attributes {
        while true {
            do throws(Rejection) {
                let after =
                    try step.send(Batch.one(.logs, [:], resource: before)).first?.resourceAttributes.first
                    ?? [:]
                if isDone(after) { return after }
            } catch {
                #expect(error == .later(reason: "resource detection is not complete", after: .seconds(1)))
            }
            await Task.yield()
        }
    }

    @Test(arguments: [(true, AttributeValue.string("f")), (false, "before")])
    func `what resources have already is replaced or kept`(_ override: Bool, _ expected: AttributeValue)
        async throws
    {
        variable.set("f")
        var step = try step("{detectors: [lambda], override: \(override)}")
        let after = try await resource(&step, ["faas.name": "before"]) { $0["cloud.provider"] != nil }
        #expect(after["faas.name"] == expected && after["cloud.platform"] == "aws_lambda")
    }

    @Test func `without metadata telemetry passes as it is`() async throws {
        var step = try step("detectors: [lambda]")
        #expect(try await resource(&step, ["a": 1]) { _ in true } == ["a": 1])
        #expect(surroundings.statuses.contains(.ok))
    }

    @Test func `with fail_on_missing_metadata it is tried again and telemetry is refused`() async throws {
        var step = try step("{detectors: [lambda], fail_on_missing_metadata: true}")
        await surroundings.waitForStatus(
            .recoverableError(
                "resource detection is not complete: lambda: AWS_LAMBDA_FUNCTION_NAME is not set"))
        #expect(throws: Rejection.self) { try step.send(Batch.one(.logs, [:])) }
        variable.set("late")
        await surroundings.clock.waitForSleepers()
        surroundings.clock.advance(by: .seconds(1))
        let after = try await resource(&step, [:]) { !$0.isEmpty }
        #expect(after["faas.name"] == "late")
    }

    @Test func `it is asked again after refresh_interval`() async throws {
        variable.set("first")
        var step = try step("{detectors: [lambda], refresh_interval: 1h}")
        #expect(try await resource(&step, [:]) { !$0.isEmpty }["faas.name"] == "first")
        variable.set("second")
        await surroundings.clock.waitForSleepers()
        surroundings.clock.advance(by: .seconds(3600))
        #expect(try await resource(&step, [:]) { $0["faas.name"] == "second" }["faas.name"] == "second")
    }

    @Test func `what a detector found before stays when it finds nothing`() async throws {
        let dyno = Variable()
        variable.set("f")
        dyno.set("first")
        var step = try step("{detectors: [lambda, heroku], refresh_interval: 1h}") { seen in
            let before = seen.variable
            seen.variable = { $0 == "HEROKU_DYNO_ID" ? dyno.current : before($0) }
        }
        #expect(try await resource(&step, [:]) { !$0.isEmpty }["faas.name"] == "f")
        variable.set(nil)
        dyno.set("second")
        await surroundings.clock.waitForSleepers()
        surroundings.clock.advance(by: .seconds(3600))
        let after = try await resource(&step, [:]) { $0["service.instance.id"] == "second" }
        #expect(after["faas.name"] == "f" && after["cloud.provider"] == "aws")
    }

    @Test func `a detector that hangs has found nothing when its time is over`() async throws {
        let gate = PendingReceipt()
        var step = try step("{detectors: [system], timeout: 3s}") { seen in
            // As a thread in the resolver, it does not hear that it is cancelled.
            seen.names = { _ in
                await withCheckedContinuation { continuation in
                    gate.whenResolved { _ in continuation.resume() }
                }
                return HostNames()
            }
        }
        await surroundings.clock.waitForSleepers()
        surroundings.clock.advance(by: .seconds(3))
        #expect(try await resource(&step, ["a": 1]) { _ in true } == ["a": 1])
        gate.resolve(nil)
    }

    @Test func `work that blocks is done once at a time`() async throws {
        let work = BlockingWork<Int>()
        let gate = DispatchSemaphore(value: 0)
        // Both begin at once, up to where they have to wait.
        let first = Task.immediate {
            await work.run {
                gate.wait()
                return 1
            }
        }
        let second = Task.immediate { await work.run { 2 } }
        gate.signal()
        #expect(await first.value == 1)
        #expect(await second.value == 1)
        #expect(await work.run { 3 } == 3)
    }

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(ResourceDetection.self, yaml: "detectors: [env, system]")
        #expect(ResourceDetection.aliases == ["resourcedetection"])
    }

    private static let mistakes: [(String, String)] = [
        ("detectors: []", "1:12 detectors: must not be empty"),
        ("detectors: [env, env]", "1:12 detectors: must not name a detector twice"),
        (
            "detectors: [env, consul]",
            "1:18 detectors.1: must be one of env, system, process, docker, ec2, ecs, lambda"
        ),
        ("timeout: 0s", "1:10 timeout: must be more than 0"),
        ("refresh_interval: -1s", "1:19 refresh_interval: must not be negative"),
        ("retry: {enabled: true}", "1:1 retry: is not supported: "),
        (
            "system: {hostname_sources: [os, bios]}",
            "1:33 system.hostname_sources.1: must be one of dns, os, cname, lookup"
        ),
        (
            "system: {resource_attributes: {host.nam: {enabled: true}}}",
            "1:32 system.resource_attributes.host.nam: unknown key 'host.nam'"
        ),
        (
            "system: {resource_attributes: {host.name: true}}",
            "1:43 system.resource_attributes.host.name: must be a map with the key enabled, not 'true'"
        ),
        (
            "system: {resource_attributes: {host.name: {enable: true}}}",
            "1:44 system.resource_attributes.host.name.enable: unknown key 'enable'"
        ),
        (
            "ec2: {tags: [a]}",
            "1:13 ec2.tags: can only be read from the metadata service: set tags_from_imds: true"
        ),
        ("azure: {tags: ['[']}", "1:16 azure.tags.0: is not a regular expression of RE2: "),
        ("gcp: {endpoint: 'ftp://x'}", "1:17 gcp.endpoint: 'ftp://x' has an unknown scheme"),
    ]

    @Test(arguments: mistakes)
    func `mistakes are named with their place`(_ yaml: String, _ mistake: String) {
        let mistakes = ResourceDetection.Configuration.mistakes(yaml)
        #expect(mistakes.count == 1 && mistakes.first?.contains(mistake) == true, "\(mistakes)")
    }
}
