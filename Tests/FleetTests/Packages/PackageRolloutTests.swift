import FleetModel
import FleetStore
import Logging
import OpAMP
import Pipeline
import PipelineTesting
import Rollouts
import Settings
import Testing
import Transport

@testable import Fleet

/// A whole manager, whose agents install what they are offered.
final class PackageBench {
    struct Member {
        var agent: FakeAgent
        var connection: FakeConnection
        /// How many messages of the manager it has seen.
        var seen = 0
        /// What it has.
        var version = "0.9"
        /// The version that it cannot install.
        var refuses = ""
    }

    let clock: ManualClock
    let directory: String
    var manager: FleetManager
    var members: [Member] = []
    static let ada = RolloutActor(name: "ada-laptop", owner: "ada")
    static let user = FleetUser(name: "token:ann", owner: "ann", token: "1", roles: [.editor])

    init(_ count: Int, in directory: String) async throws {
        clock = ManualClock()
        self.directory = directory
        manager = try await Self.open(directory, clock)
        for number in 1...count {
            let arch = number % 2 == 0 ? "arm64" : "amd64"
            members.append(
                Member(
                    agent: .withPackages(UInt64(number), ["os.type": "linux", "host.arch": arch]),
                    connection: FakeConnection()))
        }
        connect()
        await manager.rollouts.tick()
    }

    private static func open(_ directory: String, _ clock: ManualClock) async throws -> FleetManager {
        var settings = FleetManager.Settings(
            store: .sqlite(path: "\(directory)/fleet.sqlite"), replica: "one", stateDirectory: directory)
        settings.allowsAnyAgent = true
        return try await FleetManager.open(
            settings, sender: NoSender(), clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Everybody says everything over a new connection.
    func connect() {
        for index in members.indices {
            members[index].connection = FakeConnection()
            members[index].seen = 0
            say(members[index].agent.full(), index)
        }
    }

    /// A manager that was killed, and its successor.
    func restart() async throws {
        await manager.close()
        manager = try await Self.open(directory, clock)
        await manager.rollouts.tick()
        connect()
    }

    @discardableResult
    func say(_ report: AgentToServer, _ index: Int) -> ServerToAgent? {
        guard
            case .send(let chunks) = manager.gateway.receive(
                report.encoded(), over: members[index].connection)
        else { return nil }
        let answer = FakeConnection.message(chunks)
        if let offer = answer?.packagesAvailable { install(offer, index) }
        return answer
    }

    /// A second in which everybody installs what is new.
    func step() async {
        clock.advance(by: .seconds(1))
        for index in members.indices {
            let sent = members[index].connection.sent
            for message in sent.dropFirst(members[index].seen) {
                if let offer = message.packagesAvailable { install(offer, index) }
            }
            members[index].seen = sent.count
        }
        // As the manager does each second.
        do { try await manager.inventory.flush() } catch { Issue.record(error) }
        await manager.rollouts.tick()
    }

    private func install(_ offer: PackagesAvailable, _ index: Int) {
        guard let package = offer.packages["agent"] else { return }
        var status = PackageStatus()
        status.serverOfferedVersion = package.version
        status.serverOfferedHash = package.hash
        status.agentHasVersion = members[index].version
        status.status = .installing
        tell(status, offer, index)
        if members[index].refuses == package.version {
            status.status = .installFailed
            status.errorMessage = "it does not start"
        } else {
            status.status = .installed
            status.agentHasVersion = package.version
            status.agentHasHash = package.hash
            members[index].version = package.version
        }
        tell(status, offer, index)
    }

    private func tell(_ status: PackageStatus, _ offer: PackagesAvailable, _ index: Int) {
        var report = members[index].agent.heartbeat()
        var statuses = PackageStatuses()
        statuses.packages = ["agent": status]
        statuses.serverProvidedAllPackagesHash = offer.allPackagesHash
        report.packageStatuses = statuses
        say(report, index)
    }

    /// Makes a version of the set `agents`.
    func add(_ version: String, match: String = "os.type=linux") async throws {
        let artefact = PackageDraft.Artefact(
            match: try Selector(parsing: match), url: "https://a.example/\(version)",
            hash: ContentHash(of: Array(version.utf8)), signature: nil)
        _ = try await manager.packages.add(
            [PackageDraft(name: "agent", kind: .topLevel, version: version, artefacts: [artefact])],
            to: "agents", message: "", by: Self.user)
    }

    func start(_ target: String, more: String = "") async throws -> Rollout {
        let yaml = """
            target: \(target)
            plan: [{name: canary, size: 1, bake: 5s}, {name: rest, size: 100%, bake: 5s}]
            gate: {analysis: [component_status], min_healthy_time: 5s}
            \(more)
            """
        return try await manager.rollouts.start(try RolloutSpec.decode(yaml: yaml), by: Self.ada)
    }

    func run(_ id: String, until states: Set<RolloutState>, seconds: Int = 1000) async -> RolloutState? {
        for _ in 0..<seconds {
            if let state = await manager.rollouts.rollout(id)?.state, states.contains(state) { return state }
            await step()
        }
        return await manager.rollouts.rollout(id)?.state
    }

    func count(_ version: String) -> Int { members.count { $0.version == version } }
}

/// Sends nothing.
private struct NoSender: WebhookSender {
    func post(
        _ url: String, fields: [(name: String, value: String)], body: [UInt8]
    ) async throws(TransportError) -> Int { 204 }
}

@Suite struct PackageRolloutTests {
    private static let ends: Set<RolloutState> = [.succeeded, .rolledBack, .aborted, .paused]

    private static func with(_ count: Int, _ body: (PackageBench) async throws -> Void) async throws {
        try await TemporaryDirectory.withinAsync { directory in
            let bench = try await PackageBench(count, in: directory)
            let result: Result<Void, any Error>
            do {
                try await body(bench)
                result = .success(())
            } catch {
                result = .failure(error)
            }
            await bench.manager.close()
            try result.get()
        }
    }

    @Test func `packages reach agents stage by stage`() async throws {
        try await Self.with(6) { bench in
            try await bench.add("1.0")
            let rollout = try await bench.start("packages/agents@1")
            #expect(rollout.id.hasPrefix("packages-agents-1-"))
            for _ in 0..<5 { await bench.step() }
            #expect(bench.count("1.0") == 1)
            #expect(await bench.run(rollout.id, until: Self.ends) == .succeeded)
            #expect(bench.count("1.0") == 6)
            let agent = try #require(bench.manager.inventory.agent(bench.members[0].agent.uid))
            #expect(agent.packages?.assignment?.rollout == rollout.id)
            #expect(agent.packages?.state == .inSync)
            // What it runs is another matter.
            #expect(agent.overview.assignment == nil)
        }
    }

    @Test func `a version that cannot be installed stops with the first stage, and is not offered again`()
        async throws
    {
        try await Self.with(6) { bench in
            for index in bench.members.indices { bench.members[index].refuses = "2.0" }
            try await bench.add("1.0")
            try await bench.add("2.0")
            let first = try await bench.start("packages/agents@1")
            #expect(await bench.run(first.id, until: Self.ends) == .succeeded)
            let second = try await bench.start("packages/agents@2", more: "on_failure: rollback_all")
            #expect(await bench.run(second.id, until: Self.ends) == .rolledBack)
            #expect(bench.count("1.0") == 6)
            let reason = try #require(await bench.manager.rollouts.rollout(second.id)?.reason)
            #expect(reason.contains("failed"), "\(reason)")
            let again = try await bench.manager.rollouts.preview(
                try RolloutSpec.decode(yaml: "{target: packages/agents@2, plan: [{size: 100%}]}"),
                by: PackageBench.ada)
            #expect(again.agents == 0)
            #expect(again.excluded.first?.reason.contains("does not start") == true)
        }
    }

    @Test func `a rollout of packages goes on after the manager was killed`() async throws {
        try await Self.with(6) { bench in
            try await bench.add("1.0")
            let rollout = try await bench.start("packages/agents@1")
            for _ in 0..<8 { await bench.step() }
            #expect(bench.count("1.0") < 6)
            try await bench.restart()
            #expect(await bench.run(rollout.id, until: Self.ends) == .succeeded)
            #expect(bench.count("1.0") == 6)
        }
    }

    @Test func `an agent that cannot have a set takes no part`() async throws {
        try await Self.with(4) { bench in
            bench.members[0].agent.capabilities.remove(.reportsPackageStatuses)
            bench.say(bench.members[0].agent.full(), 0)
            try await bench.add("1.0", match: "host.arch=amd64")
            let preview = try await bench.manager.rollouts.preview(
                try RolloutSpec.decode(yaml: "{target: packages/agents@1, plan: [{size: 100%}]}"),
                by: PackageBench.ada)
            #expect(preview.agents == 1)
            let reasons = preview.excluded.map(\.reason)
            #expect(reasons.count { $0.contains("report what becomes of them") } == 1)
            #expect(reasons.count { $0.contains("host.arch=arm64") } == 2)
        }
    }

    @Test func `the author of a set of packages is known where approvals are decided`() async throws {
        try await Self.with(1) { bench in
            try await bench.add("1.0")
            let author = await bench.manager.rollouts.author(of: RevisionReference("packages/agents", 1))
            #expect(author == PackageBench.user.owner)
            #expect(await bench.manager.rollouts.author(of: RevisionReference("packages/agents", 2)) == nil)
        }
    }

    @Test func `a person can pause, go on and abort`() async throws {
        try await Self.with(6) { bench in
            try await bench.add("1.0")
            let id = try await bench.start("packages/agents@1").id
            for _ in 0..<3 { await bench.step() }
            let rollouts = bench.manager.rollouts
            try await rollouts.command(id, .pause(reason: "lunch"), by: PackageBench.ada)
            for _ in 0..<60 { await bench.step() }
            #expect(bench.count("1.0") == 1)
            try await rollouts.command(id, .resume, by: PackageBench.ada)
            for _ in 0..<3 { await bench.step() }
            try await rollouts.command(id, .abort(reason: "no"), by: PackageBench.ada)
            #expect(await rollouts.rollout(id)?.state == .aborted)
        }
    }

    @Test(arguments: [
        ("packages/agents@9", ""), ("packages/nothing@1", ""),
        ("packages/agents@1", "confirm: {mode: server}"),
    ])
    func `what cannot be rolled out is refused`(_ target: String, _ more: String) async throws {
        try await Self.with(2) { bench in
            try await bench.add("1.0")
            await #expect(throws: RolloutServiceError.self) {
                try await bench.start(target, more: more)
            }
        }
    }

    @Test func `agents belong to one rollout, whatever it is about`() async throws {
        try await Self.with(2) { bench in
            try await bench.add("1.0")
            try await bench.add("2.0")
            _ = try await bench.start("packages/agents@1")
            await #expect(throws: RolloutServiceError.self) { try await bench.start("packages/agents@2") }
        }
    }
}
