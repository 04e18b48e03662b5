import FleetModel
import FleetStore
import OpAMP
import PipelineTesting
import Settings
import Synchronization
import Testing

@testable import Fleet
@testable import FleetStore

@Suite struct PackageOfferTests {
    private static let (a, b) = (ContentHash(of: [1]), ContentHash(of: [2]))

    private static func connected(
        _ bench: GatewayBench, webSocket: Bool = true, capable: Bool = true
    ) -> (agent: FakeAgent, connection: FakeConnection) {
        var agent = capable ? FakeAgent.withPackages(1) : FakeAgent(1)
        let connection = FakeConnection(webSocket: webSocket)
        bench.say(agent.full(), over: connection)
        return (agent, connection)
    }

    private static func bench() async throws -> GatewayBench {
        try await GatewayBench(packages: FakePackages())
    }

    private static func assign(
        _ hash: ContentHash, _ number: Int = 1, to agent: FakeAgent, in bench: GatewayBench
    ) async throws {
        bench.clock.advance(by: .seconds(1))
        let time = bench.clock.unixNanoseconds
        try await bench.inventory.assignPackages([agent.packages(hash, number, at: time)])
    }

    private static func record(_ agent: FakeAgent, _ bench: GatewayBench) throws -> AgentPackagesRecord {
        try #require(bench.inventory.agent(agent.uid)?.packages)
    }

    @Test func `the manager says that it offers packages and takes their statuses`() async throws {
        let bench = try await Self.bench()
        var agent = FakeAgent.withPackages(1)
        let answer = try #require(bench.say(agent.full(), over: FakeConnection()))
        #expect(answer.capabilities.isSuperset(of: [.offersPackages, .acceptsPackagesStatus]))
        #expect(bench.inventory.agent(agent.uid)?.packages == nil)
    }

    @Test func `packages are offered at once, once, and alone`() async throws {
        let bench = try await Self.bench()
        var (agent, connection) = Self.connected(bench)
        try await Self.assign(Self.a, to: agent, in: bench)
        let offer = try #require(connection.sent.first)
        #expect(connection.sent.count == 1)
        #expect(offer.instanceUID == agent.uid)
        #expect(offer.packagesAvailable?.allPackagesHash == Self.a.bytes)
        #expect((offer.remoteConfig, offer.command, offer.errorResponse) == (nil, nil, nil))
        #expect(bench.say(agent.heartbeat(), over: connection)?.packagesAvailable == nil)
        #expect(try Self.record(agent, bench).state == .pending)
        #expect(bench.gateway.statistics.packageOffers == 1)
        #expect(
            try await bench.store.assignments(in: .packages, changedAfter: .beginning, limit: 9).count == 1)
        #expect(try await bench.store.assignments(changedAfter: .beginning, limit: 9).isEmpty)
    }

    @Test func `an offer that cannot be had is not tried for with every message`() async throws {
        let packages = MissingPackages()
        let bench = try await GatewayBench(packages: packages)
        var (agent, connection) = Self.connected(bench)
        try await Self.assign(Self.a, to: agent, in: bench)
        #expect(packages.asked == 1)
        for _ in 0..<5 { bench.say(agent.heartbeat(), over: connection) }
        await waitUntil("nothing is under way") { bench.gateway.state.withLock { $0.tasks == 0 } }
        #expect(packages.asked == 1)
        bench.clock.advance(by: FailedFetches.pause)
        bench.say(agent.heartbeat(), over: connection)
        await waitUntil("it is tried again") { packages.asked == 2 }
    }

    @Test func `who takes no packages is offered none`() async throws {
        let bench = try await Self.bench()
        var (agent, connection) = Self.connected(bench, capable: false)
        try await Self.assign(Self.a, to: agent, in: bench)
        #expect(connection.sent.isEmpty)
        #expect(bench.say(agent.heartbeat(), over: connection)?.packagesAvailable == nil)
        #expect(bench.inventory.packageFacts(agent.uid)?.acceptsRemoteConfig == false)
        agent.capabilities.insert(.acceptsPackages)
        #expect(bench.say(agent.heartbeat(), over: connection)?.packagesAvailable != nil)
        // Without reports nobody could tell what became of it.
        #expect(bench.inventory.packageFacts(agent.uid)?.acceptsRemoteConfig == false)
    }

    @Test func `a configuration and packages come in two messages`() async throws {
        let bench = try await Self.bench()
        var (agent, connection) = Self.connected(bench)
        connection.fill(true)
        try await bench.inventory.assign([agent.assignment(Self.b, at: bench.clock.unixNanoseconds)])
        try await Self.assign(Self.a, to: agent, in: bench)
        connection.fill(false)
        let first = try #require(bench.say(agent.heartbeat(), over: connection))
        #expect(first.remoteConfig?.hash == Self.b.bytes)
        #expect(first.packagesAvailable == nil)
        let second = try #require(bench.say(agent.heartbeat(), over: connection))
        #expect(second.remoteConfig == nil)
        #expect(second.packagesAvailable?.allPackagesHash == Self.a.bytes)
    }

    @Test func `what an agent says of its packages becomes what became of the offer`() async throws {
        let bench = try await Self.bench()
        var (agent, connection) = Self.connected(bench)
        try await Self.assign(Self.a, to: agent, in: bench)
        for status in [PackageStatus.Status.installPending, .downloading, .installing] {
            bench.say(agent.package(status, Self.a), over: connection)
            #expect(try Self.record(agent, bench).state == .applying)
        }
        #expect(bench.inventory.packageFacts(agent.uid)?.history.map(\.outcome) == [.applying])
        bench.say(agent.package(.installed, Self.a, has: Self.a), over: connection)
        let record = try Self.record(agent, bench)
        #expect(record.state == .inSync)
        #expect(record.history.map(\.outcome) == [.applying, .applied])
        #expect(record.assignment?.revision == RevisionReference("packages/agents", 1))
        #expect(record.statuses.packages["agent"]?.agentHasVersion == Self.a.short)
        #expect(bench.inventory.packageCounts[.inSync] == 1)
        let told = bench.events.withLock { $0 }.compactMap { event in
            if case .packages(_, let report) = event { report.outcome } else { nil }
        }
        #expect(told == [.applying, .applied])
        // That is no history of configurations.
        #expect(bench.inventory.facts(agent.uid)?.history.isEmpty == true)
        #expect(bench.inventory.agent(agent.uid)?.overview.drift == .unmanaged)
    }

    @Test func `an agent that reports no hash is believed its version`() async throws {
        let bench = try await Self.bench()
        var (agent, connection) = Self.connected(bench)
        try await Self.assign(Self.a, to: agent, in: bench)
        var report = agent.package(.installed, Self.a, has: Self.a)
        report.packageStatuses?.packages["agent"]?.agentHasHash = []
        bench.say(report, over: connection)
        #expect(try Self.record(agent, bench).state == .inSync)
    }

    @Test func `packages that failed are not offered again, unless a person wants it`() async throws {
        let bench = try await Self.bench()
        var (agent, connection) = Self.connected(bench)
        try await Self.assign(Self.a, to: agent, in: bench)
        bench.clock.advance(by: .seconds(1))
        bench.say(agent.package(.installing, Self.a), over: connection)
        bench.say(agent.package(.installFailed, Self.a, has: Self.b, "no space"), over: connection)
        #expect(try Self.record(agent, bench).state == .failed)
        #expect(try Self.record(agent, bench).history.last?.message == "package 'agent': no space")
        bench.clock.advance(by: .seconds(1000))
        #expect(bench.say(agent.heartbeat(), over: connection)?.packagesAvailable == nil)
        // Whoever connects anew says it anew; it is the same failure.
        bench.gateway.closed(connection)
        let second = FakeConnection()
        let full = agent.package(.installFailed, Self.a, has: Self.b, "no space")
        #expect(bench.say(full, over: second)?.packagesAvailable == nil)
        #expect(try Self.record(agent, bench).history.count == 2)
        bench.clock.advance(by: .seconds(1))
        await bench.inventory.retryPackages([agent.uid])
        #expect(second.sent.last?.packagesAvailable?.allPackagesHash == Self.a.bytes)
        bench.clock.advance(by: .seconds(1))
        bench.say(agent.package(.installFailed, Self.a, has: Self.b, "no space"), over: second)
        #expect(try Self.record(agent, bench).history.map(\.outcome) == [.applying, .failed, .failed])
        #expect(bench.say(agent.heartbeat(), over: second)?.packagesAvailable == nil)
    }

    @Test func `what failed of the offer before is no failure of the next`() async throws {
        let bench = try await Self.bench()
        var (agent, connection) = Self.connected(bench)
        try await Self.assign(Self.a, to: agent, in: bench)
        bench.say(agent.package(.installFailed, Self.a, "no space"), over: connection)
        try await Self.assign(Self.b, 2, to: agent, in: bench)
        var report = agent.package(.installFailed, Self.a, "no space")
        report.packageStatuses?.serverProvidedAllPackagesHash = Self.b.bytes
        bench.say(report, over: connection)
        #expect(try Self.record(agent, bench).state != .failed)
        bench.say(agent.package(.installed, Self.b, has: Self.b), over: connection)
        #expect(try Self.record(agent, bench).state == .inSync)
    }

    @Test func `who goes back to what it has need not say so`() async throws {
        let bench = try await Self.bench()
        var (agent, connection) = Self.connected(bench)
        try await Self.assign(Self.a, to: agent, in: bench)
        bench.say(agent.package(.installed, Self.a, has: Self.a), over: connection)
        try await Self.assign(Self.b, 2, to: agent, in: bench)
        bench.say(agent.package(.installFailed, Self.b, has: Self.a, "no space"), over: connection)
        #expect(try Self.record(agent, bench).state == .failed)
        try await Self.assign(Self.a, 1, to: agent, in: bench)
        #expect(connection.sent.last?.packagesAvailable?.allPackagesHash == Self.a.bytes)
        #expect(try Self.record(agent, bench).state == .inSync)
        bench.clock.advance(by: .seconds(1000))
        #expect(bench.say(agent.heartbeat(), over: connection)?.packagesAvailable == nil)
        #expect(connection.sent.count == 3)
    }

    @Test func `an error of the whole offer is a failure`() async throws {
        let bench = try await Self.bench()
        var (agent, connection) = Self.connected(bench)
        try await Self.assign(Self.a, to: agent, in: bench)
        var report = agent.heartbeat()
        report.packageStatuses = PackageStatuses()
        report.packageStatuses?.serverProvidedAllPackagesHash = Self.a.bytes
        report.packageStatuses?.errorMessage = "the signature is wrong"
        bench.say(report, over: connection)
        #expect(try Self.record(agent, bench).state == .failed)
        #expect(try Self.record(agent, bench).history.last?.message == "the signature is wrong")
    }

    @Test func `what is assigned once more after a failure is offered once more`() async throws {
        let bench = try await Self.bench()
        var (agent, connection) = Self.connected(bench)
        try await Self.assign(Self.a, to: agent, in: bench)
        bench.clock.advance(by: .seconds(1))
        bench.say(agent.package(.installFailed, Self.a, "no space"), over: connection)
        try await Self.assign(Self.a, 2, to: agent, in: bench)
        #expect(connection.sent.count == 2)
        #expect(try Self.record(agent, bench).state == .pending)
    }

    @Test func `who has the packages already says nothing new, and is done`() async throws {
        let bench = try await Self.bench()
        var (agent, connection) = Self.connected(bench)
        try await Self.assign(Self.a, to: agent, in: bench)
        bench.say(agent.package(.installed, Self.a, has: Self.a), over: connection)
        try await Self.assign(Self.a, 2, to: agent, in: bench)
        #expect(connection.sent.count == 1)
        let facts = try #require(bench.inventory.packageFacts(agent.uid))
        let assignment = try #require(facts.assignment)
        #expect(facts.history.last?.outcome == .applied)
        #expect(facts.history.last?.time ?? 0 >= assignment.time)
    }

    @Test func `an agent that has other packages later has drifted`() async throws {
        let bench = try await Self.bench()
        var (agent, connection) = Self.connected(bench)
        try await Self.assign(Self.a, to: agent, in: bench)
        bench.say(agent.package(.installed, Self.a, has: Self.a), over: connection)
        bench.say(agent.package(.installed, Self.a, has: Self.b), over: connection)
        #expect(try Self.record(agent, bench).state == .drifted)
        #expect(bench.events.withLock { $0 }.contains(.packagesDrifted(agent.uid)))
        #expect(bench.inventory.packageCounts[.drifted] == 1)
        bench.say(agent.package(.installed, Self.a, has: Self.a), over: connection)
        #expect(try Self.record(agent, bench).state == .inSync)
    }

    @Test func `who polls gets them with the next poll`() async throws {
        let bench = try await Self.bench()
        var (agent, connection) = Self.connected(bench, webSocket: false)
        try await Self.assign(Self.a, to: agent, in: bench)
        #expect(connection.sent.isEmpty)
        func poll(_ report: AgentToServer) -> ServerToAgent? {
            bench.say(report, over: FakeConnection(webSocket: false))
        }
        let first = agent.heartbeat()
        #expect(poll(first)?.packagesAvailable?.allPackagesHash == Self.a.bytes)
        // Its answer was lost.
        #expect(poll(first)?.packagesAvailable != nil)
        #expect(poll(agent.heartbeat())?.packagesAvailable == nil)
    }

    @Test func `who lost the connection in the midst of it is offered it once more`() async throws {
        let bench = try await Self.bench()
        var (agent, connection) = Self.connected(bench)
        try await Self.assign(Self.a, to: agent, in: bench)
        bench.say(agent.package(.downloading, Self.a), over: connection)
        #expect(bench.say(agent.heartbeat(), over: connection)?.packagesAvailable == nil)
        bench.gateway.closed(connection)
        let second = FakeConnection()
        let answer = bench.say(agent.package(.downloading, Self.a), over: second)
        #expect(answer?.packagesAvailable?.allPackagesHash == Self.a.bytes)
        #expect(bench.say(agent.heartbeat(), over: second)?.packagesAvailable == nil)
        bench.clock.advance(by: .seconds(1000))
        #expect(bench.say(agent.package(.installing, Self.a), over: second)?.packagesAvailable == nil)
        bench.say(agent.package(.installed, Self.a, has: Self.a), over: second)
        bench.gateway.closed(second)
        let done = bench.say(agent.package(.installed, Self.a, has: Self.a), over: FakeConnection())
        #expect(done?.packagesAvailable == nil)
    }

    @Test func `who polls in the midst of it is not offered it again`() async throws {
        let bench = try await Self.bench()
        var (agent, _) = Self.connected(bench, webSocket: false)
        try await Self.assign(Self.a, to: agent, in: bench)
        #expect(
            bench.say(agent.heartbeat(), over: FakeConnection(webSocket: false))?.packagesAvailable != nil)
        for status in [PackageStatus.Status.installPending, .downloading, .installing] {
            bench.clock.advance(by: .seconds(40))
            let answer = bench.say(agent.package(status, Self.a), over: FakeConnection(webSocket: false))
            #expect(answer?.packagesAvailable == nil)
        }
    }

    @Test func `a manager that begins anew knows everything but how far downloads are`() async throws {
        let bench = try await Self.bench()
        var (agent, connection) = Self.connected(bench)
        try await Self.assign(Self.a, to: agent, in: bench)
        var report = agent.package(.downloading, Self.a, has: Self.b)
        report.packageStatuses?.packages["agent"]?.downloadDetails = PackageDownloadDetails()
        report.packageStatuses?.packages["agent"]?.downloadDetails?.percent = 40
        bench.say(report, over: connection)
        #expect(
            try Self.record(agent, bench).statuses.packages["agent"]?.downloadDetails?.percent == 40)
        try await bench.inventory.flush()
        let store = FleetStore(
            driver: bench.store.driver, replica: "one", logger: bench.store.logger,
            clock: { [clock = bench.clock] in clock.unixNanoseconds })
        let next = try await GatewayBench(store: store, packages: FakePackages(), clock: bench.clock)
        let record = try Self.record(agent, next)
        #expect(record.state == .applying)
        #expect(record.assignment == (try Self.record(agent, bench).assignment))
        #expect(record.history.map(\.outcome) == [.applying])
        #expect(record.statuses.packages["agent"]?.agentHasVersion == Self.b.short)
        #expect(record.statuses.packages["agent"]?.downloadDetails == nil)
        // It has been offered them before, and goes on.
        let second = FakeConnection()
        #expect(next.say(agent.heartbeat(), over: second)?.packagesAvailable == nil)
        next.say(agent.package(.installed, Self.a, has: Self.a), over: second)
        await waitUntil("the packages are in sync") { (try? Self.record(agent, next).state) == .inSync }
    }

    @Test func `progress alone is not written`() async throws {
        let bench = try await Self.bench()
        var (agent, connection) = Self.connected(bench)
        try await Self.assign(Self.a, to: agent, in: bench)
        bench.say(agent.package(.downloading, Self.a), over: connection)
        try await bench.inventory.flush()
        let before = try await bench.store.agents(changedAfter: .beginning, limit: 1).first?.mark
        for percent in 1...50 {
            var report = agent.package(.downloading, Self.a)
            report.packageStatuses?.packages["agent"]?.downloadDetails = PackageDownloadDetails()
            report.packageStatuses?.packages["agent"]?.downloadDetails?.percent = Double(percent)
            bench.say(report, over: connection)
        }
        try await bench.inventory.flush()
        #expect(try await bench.store.agents(changedAfter: .beginning, limit: 1).first?.mark == before)
    }

    @Test func `what an agent says of its packages is bounded`() async throws {
        let bench = try await Self.bench()
        var (agent, connection) = Self.connected(bench)
        var report = agent.heartbeat()
        var statuses = PackageStatuses()
        for number in 0..<500 {
            var status = PackageStatus()
            status.agentHasVersion = String(repeating: "v", count: 1000)
            status.agentHasHash = [UInt8](repeating: 1, count: 1000)
            statuses.packages["p\(number)"] = status
        }
        report.packageStatuses = statuses
        bench.say(report, over: connection)
        let kept = try Self.record(agent, bench).statuses
        #expect(kept.packages.count == 64)
        #expect(kept.packages.values.allSatisfy { $0.agentHasVersion.count == 256 })
        #expect(kept.packages.values.allSatisfy { $0.agentHasHash.count == 64 })
    }

    @Test func `a forgotten agent leaves nothing behind`() async throws {
        let bench = try await Self.bench()
        let (agent, _) = Self.connected(bench)
        try await Self.assign(Self.a, to: agent, in: bench)
        #expect(bench.inventory.hasPackages { $0.packageSet == "agents" })
        try await bench.inventory.forget(agent.uid)
        #expect(!bench.inventory.hasPackages { $0.packageSet == "agents" })
        #expect(bench.inventory.packageCounts.values.allSatisfy { $0 == 0 })
        #expect(
            try await bench.store.assignments(in: .packages, changedAfter: .beginning, limit: 9).isEmpty)
    }
}
