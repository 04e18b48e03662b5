import Fleet
import FleetModel
import FleetStore
import Glibc
import Logging
import OpAMP
import Pipeline

/// How long lists and sums of so many agents take, and how long heartbeats wait for them: the inventory of a
/// manager and all agents in one process, without sockets.
enum Lists {
    /// - Parameters:
    ///   - agents: How many there are.
    ///   - looks: How often each list is asked for.
    /// - Throws: What the store throws.
    static func run(agents: Int, looks: Int) async throws {
        var logger = Logger(label: "lists")
        logger.logLevel = .error
        let store = try await FleetStore.open(.memory, replica: "bench", logger: logger)
        let clock = SystemClock()
        let inventory = try await Inventory.open(store, clock: clock, logger: logger)
        let gateway = AgentGateway(
            inventory: inventory, access: OpenAccess(), offers: EmptyOffers(), clock: clock, logger: logger)
        let fleet = Speakers(gateway, agents)
        let before = residentBytes()
        let begin = clock.now
        fleet.introduce()
        let took = (clock.now - begin) / .seconds(1)
        print("\(agents) agents have reported in \(rounded(took)) s")
        print("\((residentBytes() - before) / max(agents, 1)) bytes of memory for each, without a connection")
        try measure(inventory, fleet, looks)
        await store.close()
    }

    private static func measure(_ inventory: Inventory, _ fleet: Speakers, _ looks: Int) throws {
        func list(_ selector: String, _ search: String = "") throws -> AgentQuery {
            var query = AgentQuery(selectors: [try Selector(parsing: selector)])
            query.search = search
            return query
        }
        let team = try Selector(parsing: "team=team-7")
        let queries: [(String, AgentQuery)] = [
            ("list 50 by a frequent label", try list("env=prod,region=region-3")),
            ("list 50 by a rare label", try list("rack=r397")),
            ("list 50 by four requirements", try list("env in (prod,dev),team!=team-0,rack,!missing")),
            ("list 50 by text of some", try list("", "sim-77")),
            ("list 50 by text of all", try list("", "sim")),
            ("list 50 by text of nobody", try list("", "nowhere")),
            ("list 50 by digits", try list("", "77")),
        ]
        print("| what | p50 | p99 | longest heartbeat beside it, p99 |\n|---|---:|---:|---:|")
        for (name, query) in queries {
            let found = try inventory.list(query).agents.count
            report("\(name) (\(found))", fleet, looks) { _ = try? inventory.list(query) }
        }
        var named = AgentQuery()
        named.order = .name
        let byName = named
        report("list 50 by name", fleet, looks) { _ = try? inventory.list(byName) }
        report("summary", fleet, looks) { _ = inventory.summary() }
        report("summary by a label", fleet, looks) { _ = inventory.summary([team]) }
        report("variants", fleet, looks) { _ = inventory.variants() }
        report("resolve everybody", fleet, looks) { _ = inventory.resolve(.everything) }
    }

    /// Looks again and again while heartbeats come on another thread.
    private static func report(_ name: String, _ fleet: Speakers, _ looks: Int, _ look: @Sendable () -> Void)
    {
        let heartbeats = fleet.beat()
        var times: [Double] = []
        for _ in 0..<looks {
            let begin = ContinuousClock.now
            look()
            times.append((ContinuousClock.now - begin) / .milliseconds(1))
            usleep(500)
        }
        let beside = heartbeats.stop()
        let (p50, p99) = (percentile(times, 0.5), percentile(times, 0.99))
        print("| \(name) | \(p50) ms | \(p99) ms | \(percentile(beside, 0.99)) ms |")
    }

    private static func percentile(_ values: [Double], _ share: Double) -> String {
        let sorted = values.sorted()
        return sorted.isEmpty
            ? "-" : rounded(sorted[min(Int(Double(sorted.count) * share), sorted.count - 1)])
    }

    private static func rounded(_ value: Double) -> String { String((value * 1000).rounded() / 1000) }

    /// What the process has in memory.
    private static func residentBytes() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, 128, file) != nil else { return 0 }
        let words = String(decoding: line.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(separator: " ")
        return words.count > 1 ? (Int(words[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) : 0
    }
}
