import Logging
import Pipeline
import Settings
import Synchronization
import Testing

/// Memory as a test wants it to be.
private final class FakeMemory: Sendable {
    private let live = Atomic<Int>(0)
    private let resident = Atomic<Int>(0)
    private let spare = Atomic<Int>(0)
    private let trims = Atomic<Int>(0)
    private let hardLimit = Atomic<Int>(0)

    func set(live mebibytes: Int) { live.store(mebibytes << 20, ordering: .relaxed) }
    /// `spare` of it is what a trim gives back.
    func set(resident mebibytes: Int, spare: Int = 0) {
        resident.store(mebibytes << 20, ordering: .relaxed)
        self.spare.store(spare << 20, ordering: .relaxed)
    }
    /// What the allocator has been told.
    var limit: Int { hardLimit.load(ordering: .relaxed) >> 20 }
    var trimCount: Int { trims.load(ordering: .relaxed) }

    var probe: MemoryProbe {
        MemoryProbe(
            live: { self.live.load(ordering: .relaxed) },
            resident: { self.resident.load(ordering: .relaxed) },
            trim: {
                self.trims.add(1, ordering: .relaxed)
                self.resident.subtract(self.spare.exchange(0, ordering: .relaxed), ordering: .relaxed)
            }, limited: { self.hardLimit.store($0?.hard ?? 0, ordering: .relaxed) }, total: { 1000 << 20 })
    }
}

@Suite struct MemoryBudgetTests {
    private let memory = FakeMemory()
    private let budget: MemoryBudget

    init() { budget = MemoryBudget(probe: memory.probe) }

    private func limiter(_ limit: Int, _ id: String = "memory_limiter") throws -> MemoryWatch {
        let settings = try MemoryLimiterSettings.decode(yaml: "{check_interval: 1s, limit_mib: \(limit)}")
        let context = Context(
            id: ComponentID(type: id), kind: .extension, logger: Logger(label: "test"), lanes: [],
            metrics: Metrics(), memory: budget, clock: SystemClock())
        return MemoryWatch(try settings.limits(budget.probe), of: settings, in: context)
    }

    @Test func `without a limiter there is always room`() {
        memory.set(live: 1 << 20)
        memory.set(resident: 1 << 20)
        budget.check()
        #expect(budget.state == .normal)
        #expect(budget.admits())
        #expect(budget.room == .max)
        #expect(budget.limits == nil)
    }

    @Test(
        arguments: [
            (0, .normal, 100), (79, .normal, 21), (80, .soft, 20), (99, .soft, 1), (100, .hard, 0),
            (150, .hard, 0),
        ] as [(Int, MemoryBudget.State, Int)])
    func `the state follows what is live`(live: Int, state: MemoryBudget.State, room: Int) throws {
        let limiter = try limiter(100)
        memory.set(live: live)
        #expect(budget.state == state)
        #expect(budget.admits() == (state == .normal))
        #expect(budget.room == room << 20)
        withExtendedLifetime(limiter) {}
    }

    @Test func `the strictest limit counts, for as long as its limiter lives`() throws {
        let wide = try limiter(200, "wide")
        #expect(memory.limit == 200)
        var narrow: MemoryWatch? = try limiter(100, "narrow")
        memory.set(live: 90)
        #expect(budget.state == .soft)
        #expect(budget.limits?.hard == 100 << 20)
        #expect(memory.limit == 100)
        #expect(wide.admits())
        #expect(narrow?.admits() == false)
        narrow = nil
        #expect(budget.state == .normal)
        #expect(budget.limits?.hard == 200 << 20)
        withExtendedLifetime(wide) {}
    }

    @Test func `a process beyond the hard limit refuses and leaves no room, and reads on`() throws {
        let limiter = try limiter(100)
        memory.set(resident: 100)
        #expect(budget.state == .normal)
        budget.check()
        #expect(budget.state == .soft)
        #expect(budget.room == 0)
        #expect(!limiter.admits())
        memory.set(resident: 99)
        budget.check()
        #expect(budget.state == .normal)
        #expect(limiter.admits())
    }

    @Test(arguments: [(0, 100), (10, 90), (30, 80)])
    func `what the process needs without telemetry is no room for bodies`(base: Int, room: Int) throws {
        let limiter = try limiter(100)
        memory.set(resident: base)
        budget.check()
        memory.set(live: 40)
        memory.set(resident: base + 60)
        budget.check()
        #expect(budget.room == (room - 40) << 20)
        withExtendedLifetime(limiter) {}
    }

    @Test func `what the allocator only keeps is given back before the process counts as too large`() throws {
        let limiter = try limiter(100)
        memory.set(resident: 79, spare: 70)
        budget.check()
        #expect(memory.trimCount == 0)
        memory.set(resident: 120, spare: 70)
        budget.check()
        #expect(memory.trimCount == 1)
        #expect(budget.state == .normal)
        withExtendedLifetime(limiter) {}
    }

    @Test func `giving back is tried less and less often while it achieves nothing`() throws {
        let limiter = try limiter(100)
        memory.set(resident: 90)
        /// The numbers of the checks that tried it.
        func tries(in checks: Range<Int>) -> [Int] {
            checks.filter { _ in
                let before = memory.trimCount
                budget.check()
                return memory.trimCount > before
            }
        }
        #expect(tries(in: 0..<60) == [0, 11, 32])
        memory.set(resident: 90, spare: 5)
        #expect(tries(in: 60..<74) == [73])
        memory.set(resident: 90)
        #expect(tries(in: 74..<100) == [79, 90])
        withExtendedLifetime(limiter) {}
    }
}
