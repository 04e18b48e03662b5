import Pipeline
import PipelineTesting
import Synchronization
import Testing

@testable import Extensions

@Suite struct MemoryLimiterExtensionTests {
    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(
            MemoryLimiterExtension.self, yaml: "{check_interval: 1s, limit_percentage: 80}")
    }

    @Test func `its limits are those of the process, and a refusal is its status`() async throws {
        let live = Live()
        let surroundings = Harness(memory: MemoryProbe(live: { live.bytes }, total: { 1000 << 20 }))
        let harness = try await ExtensionHarness(
            MemoryLimiterExtension.self, yaml: "{check_interval: 1s, limit_percentage: 10}", in: surroundings)
        #expect(surroundings.memory.limits == MemoryLimits(hard: 100 << 20, spike: 20 << 20))
        live.bytes = 80 << 20
        #expect(!surroundings.memory.admits())
        #expect(surroundings.statuses.last?.name == "StatusRecoverableError")
        live.bytes = 0
        for _ in 0..<2 {
            await surroundings.clock.waitForSleepers()
            surroundings.clock.advance(by: .seconds(1))
        }
        await surroundings.waitForStatus(.ok)
        try await harness.stop()
    }

    private final class Live: Sendable {
        private let value = Atomic<Int>(0)

        var bytes: Int {
            get { value.load(ordering: .relaxed) }
            set { value.store(newValue, ordering: .relaxed) }
        }
    }
}
