import Fleet
import Glibc
import OpAMP
import Synchronization
import Wire

/// Agents that speak with a gateway in the same process.
final class Speakers: Sendable {
    private static let perConnection = 1000
    /// Between two heartbeats, in microseconds: as many as 100,000 agents make.
    private static let pause: UInt32 = 300

    private let gateway: AgentGateway
    private let count: Int
    private let population: Population
    private let connections: [QuietConnection]
    private let sequence: Mutex<[UInt64]>

    init(_ gateway: AgentGateway, _ count: Int) {
        self.gateway = gateway
        self.count = count
        population = Population(seed: 1, honest: count)
        connections = (0...count / Self.perConnection).map { QuietConnection(UInt64($0) + 1) }
        sequence = Mutex(Array(repeating: 1, count: count))
    }

    /// Everybody says everything; what they run is short here, for only its hash stays.
    func introduce() {
        let capabilities: AgentCapabilities = [
            .reportsStatus, .acceptsRemoteConfig, .reportsEffectiveConfig, .reportsHealth,
            .reportsRemoteConfig, .reportsHeartbeat,
        ]
        for agent in 0..<count {
            var report = AgentToServer(instanceUID: population.uid(agent))
            report.sequenceNumber = 1
            report.capabilities = capabilities
            report.agentDescription = population.description(agent)
            report.health = population.health(agent)
            let config = "configuration \(population.configuration(agent))"
            report.effectiveConfig = EffectiveConfig(
                AgentConfigMap(["": AgentConfigObject(body: Array(config.utf8))]))
            report.remoteConfigStatus = RemoteConfigStatus()
            say(report, agent)
        }
    }

    private func say(_ report: AgentToServer, _ agent: Int) {
        _ = gateway.receive(report.encoded(), over: connections[agent / Self.perConnection])
    }

    /// Heartbeats on a thread of their own, until they are stopped.
    func beat() -> Heartbeats { Heartbeats(self) }

    fileprivate func beat(_ number: Int) -> Double {
        let agent = number * 7919 % count
        var report = AgentToServer(instanceUID: population.uid(agent))
        report.sequenceNumber = sequence.withLock { sequence in
            sequence[agent] += 1
            return sequence[agent]
        }
        let begin = ContinuousClock.now
        say(report, agent)
        let took = (ContinuousClock.now - begin) / .milliseconds(1)
        usleep(Self.pause)
        return took
    }
}

/// Heartbeats under way.
final class Heartbeats: Sendable {
    private let isDone = Atomic(false)
    private let hasEnded = Atomic(false)
    private let times = Mutex<[Double]>([])

    fileprivate init(_ speakers: Speakers) {
        Task.detached { [self] in
            var number = 0
            while !isDone.load(ordering: .relaxed) {
                let took = speakers.beat(number)
                times.withLock { $0.append(took) }
                number += 1
            }
            hasEnded.store(true, ordering: .releasing)
        }
    }

    /// How long each took, in milliseconds.
    func stop() -> [Double] {
        isDone.store(true, ordering: .relaxed)
        while !hasEnded.load(ordering: .acquiring) { usleep(100) }
        return times.withLock { $0 }
    }
}
