import Logging
import Pipeline
import PipelineTesting
import Settings
import Synchronization
import Telemetry
import Testing

@testable import Processors

/// Memory as a test wants it to be.
private final class FakeMemory: Sendable {
    private let live = Atomic<Int>(0)
    private let resident = Atomic<Int>(0)
    private let trims = Atomic<Int>(0)

    func set(live mebibytes: Int) { live.store(mebibytes << 20, ordering: .relaxed) }
    func set(resident mebibytes: Int) { resident.store(mebibytes << 20, ordering: .relaxed) }
    var trimCount: Int { trims.load(ordering: .relaxed) }

    var probe: MemoryProbe {
        MemoryProbe(
            live: { self.live.load(ordering: .relaxed) },
            resident: { self.resident.load(ordering: .relaxed) },
            trim: { self.trims.add(1, ordering: .relaxed) }, total: { 1000 << 20 })
    }
}

@Suite struct MemoryLimiterTests {
    private let memory = FakeMemory()
    private let surroundings: Harness

    init() { surroundings = Harness(memory: memory.probe) }

    /// Limits: soft 80 MiB, hard 100 MiB.
    private func step(
        _ yaml: String = "{check_interval: 1s, limit_mib: 100}"
    ) throws -> StepHarness<MemoryLimiter> {
        let configuration = try MemoryLimiter.Configuration.decode(yaml: yaml)
        let context = surroundings.context(.processor, "memory_limiter")
        return StepHarness(
            try MemoryLimiter(configuration, in: context), in: surroundings)
    }

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(MemoryLimiter.self, yaml: "{check_interval: 1s, limit_percentage: 80}")
    }

    @Test(arguments: Signal.allCases)
    func `batches pass below the soft limit and are refused from it on`(signal: Signal) throws {
        var step = try step()
        memory.set(live: 79)
        let sample = try Samples.batch(signal)
        #expect(try step.send(sample).map(\.itemCount) == [3])
        memory.set(live: 80)
        let error = #expect(throws: Rejection.self) { try step.send(sample) }
        #expect(error == .later(reason: "data refused due to high memory usage", after: .seconds(1)))
        memory.set(live: 79)
        #expect(try step.send(sample).map(\.itemCount) == [3])
        let items = signal.itemName
        #expect(surroundings.metric("otelcol_processor_memory_limiter_accepted_\(items)") == 6)
        #expect(surroundings.metric("otelcol_processor_memory_limiter_refused_\(items)") == 3)
    }

    @Test func `its limits are those of the process, so that receivers refuse too`() throws {
        var step: StepHarness? = try step()
        memory.set(live: 80)
        #expect(!surroundings.memory.admits())
        #expect(surroundings.statuses.count == 1)
        step = nil
        #expect(surroundings.memory.admits())
        #expect(step == nil)
    }

    @Test func `a change is told once, and its end after a whole interval without a refusal`() async throws {
        var one = try step()
        var other = try step()
        memory.set(live: 90)
        for _ in 0..<3 {
            #expect(throws: Rejection.self) { try one.send(Samples.batch(.traces)) }
            #expect(throws: Rejection.self) { try other.send(Samples.batch(.traces)) }
        }
        #expect(surroundings.log.messages(.warning).count == 1)
        #expect(surroundings.statuses.count == 1)
        memory.set(live: 10)
        await surroundings.clock.waitForSleepers()
        surroundings.clock.advance(by: .seconds(1))
        // There were refusals in that interval, so it takes another one.
        await surroundings.clock.waitForSleepers()
        #expect(surroundings.statuses.count == 1)
        surroundings.clock.advance(by: .seconds(1))
        await surroundings.waitForStatus(.ok)
        #expect(surroundings.log.messages(.info).contains("memory usage is back within limits"))
    }

    @Test func `a process beyond the hard limit is noticed at the interval and its spare memory given back`()
        async throws
    {
        var step = try step()
        memory.set(resident: 100)
        #expect(try step.send(Samples.batch(.logs)).count == 1)
        surroundings.memory.check()
        #expect(throws: Rejection.self) { try step.send(Samples.batch(.logs)) }
        #expect(memory.trimCount == 1)
        memory.set(resident: 50)
        surroundings.memory.check()
        for _ in 0..<2 {
            await surroundings.clock.waitForSleepers()
            surroundings.clock.advance(by: .seconds(1))
        }
        await surroundings.waitForStatus(.ok)
        #expect(try step.send(Samples.batch(.logs)).count == 1)
    }

    @Test(arguments: [
        ("{check_interval: 1s, limit_mib: 100}", 80, 100),
        ("{check_interval: 1s, limit_mib: 100, spike_limit_mib: 30}", 70, 100),
        ("{check_interval: 1s, limit_percentage: 50}", 400, 500),
        ("{check_interval: 1s, limit_percentage: 50, spike_limit_percentage: 5}", 450, 500),
        ("{check_interval: 1s, limit_mib: 10, limit_percentage: 50}", 8, 10),
    ])
    func `limits are what otelcol makes of the keys`(yaml: String, soft: Int, hard: Int) throws {
        let configuration = try MemoryLimiter.Configuration.decode(yaml: yaml)
        let limits = try configuration.limits(MemoryProbe(total: { 1000 << 20 }))
        #expect(limits.soft >> 20 == soft)
        #expect(limits.hard >> 20 == hard)
    }

    @Test(arguments: [
        ("limit_mib: 1", "missing required key 'check_interval'"),
        ("{check_interval: 0s, limit_mib: 1}", "must be more than 0"),
        ("check_interval: 1s", "needs limit_mib or limit_percentage"),
        ("{check_interval: 1s, limit_mib: 10, spike_limit_mib: 10}", "must be less than limit_mib"),
        (
            "{check_interval: 1s, limit_percentage: 10, spike_limit_percentage: 20}",
            "must be less than limit_percentage"
        ),
        ("{check_interval: 1s, limit_percentage: 101}", "must be from 0 to 100"),
        ("{check_interval: 1s, limit_mib: -1}", "must be from 0"),
    ])
    func `a configuration that cannot work is refused with its reason`(yaml: String, reason: String) {
        let error = #expect(throws: InvalidSettings.self) {
            try MemoryLimiter.Configuration.decode(yaml: yaml)
        }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test func `keys about garbage collection are accepted, with one line that they do nothing`() throws {
        let yaml = "{check_interval: 1s, limit_mib: 100, min_gc_interval_when_soft_limited: 10s}"
        let steps = [try step(yaml), try step(yaml)]
        #expect(surroundings.memory.limits?.hard == 100 << 20)
        #expect(steps.count == 2)
        #expect(surroundings.log.messages(.info).filter { $0.contains("garbage collection") }.count == 1)
    }
}
