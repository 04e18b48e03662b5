import Glibc
import OpAMP

/// All agents with their connections, on one thread.
final class Simulator {
    static let inputToken = Int.max >> 1

    let options: Options
    let population: Population
    let poller = Poller()
    var random: Random
    var wheel: TimerWheel
    var statistics = Statistics()

    var agents: [Agent]
    var uids: [InstanceUID]
    var connections: [Connection]
    /// Connections of agents that keep to the protocol; the others come after them.
    let honestConnections: Int
    /// Connections that are to be opened, first come first served.
    var waiting: [Int32] = []
    var waitingStart = 0
    /// Connections that are being opened.
    var opening = 0

    /// What agents run: those of the beginning, then those that were offered.
    var configurations: [AgentConfigMap]
    /// The remote configurations that came: the hash, and the number of the configuration.
    var offers: [(hash: [UInt8], configuration: UInt16)] = [([], 0)]
    var offerNumbers: [[UInt8]: UInt16] = [:]
    var expectations: [Population.Environment: Expectation] = [:]
    var watched: Int?
    var churnPerSecond = 0.0
    var churnDue = 0.0
    var inputLine: [UInt8] = []
    var isStopping = false

    /// What is read into; nothing stays in it.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
    var scratch: [UInt8] = []
    let startTime = monotonicNanoseconds()

    /// What agents of an environment are to get.
    struct Expectation {
        let hash: [UInt8]
        let body: [UInt8]
    }

    init(_ options: Options) {
        self.options = options
        population = Population(seed: options.seed, honest: options.agents)
        random = Random(options.seed)
        wheel = TimerWheel(now: monotonicNanoseconds())
        configurations = population.effectiveConfigurations
        honestConnections = (options.agents + options.agentsPerConnection - 1) / options.agentsPerConnection
        connections = [Connection](repeating: Connection(), count: honestConnections)
        agents = [Agent](repeating: Agent(), count: options.agents)
        uids = (0..<options.agents).map { [population] in population.uid($0) }
        for agent in 0..<options.agents { agents[agent].effective = UInt16(population.configuration(agent)) }
    }

    deinit { buffer.deallocate() }

    func run() {
        _ = fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK)
        poller.add(0, token: Self.inputToken, reads: true, writes: false)
        for agent in 0..<options.agents {
            wheel.add(.heartbeat, agent, after: random.fraction() * options.heartbeatSeconds)
        }
        waiting = (0..<honestConnections).map { Int32($0) }
        while !isStopping {
            let now = monotonicNanoseconds()
            let pause = wheel.next > now ? Int32((wheel.next - now) / 1_000_000 + 1) : 0
            poller.wait(pause) { handle($0) }
            while wheel.next <= monotonicNanoseconds(), !isStopping {
                for entry in wheel.advance() { handle(entry) }
                openWaiting()
                churn()
            }
        }
    }

    private func handle(_ event: Poller.Event) {
        guard event.token != Self.inputToken else { return readCommands() }
        let index = event.token
        switch connections[index].state {
        case .closed: return
        case .connecting:
            finishConnecting(index)
        case .upgrading, .open:
            if event.isWritable { writeUnsent(index) }
            if event.isReadable || event.isBroken { read(index) }
        }
    }

    private func handle(_ entry: TimerWheel.Entry) {
        let index = Int(entry.index)
        switch entry.kind {
        case .heartbeat:
            wheel.add(.heartbeat, index, after: options.heartbeatSeconds)
            guard connections[connection(of: index)].state == .open else { return }
            statistics.heartbeats += 1
            say(index) { message in
                if options.sendsFlow { message.customMessage = flow(of: index) }
            }
        case .apply: applied(index)
        case .connect: waiting.append(entry.index)
        case .giveUp:
            let connection = connections[index]
            guard connection.attempt == entry.attempt else { return }
            if connection.state == .connecting || connection.state == .upgrading { fail(index, after: nil) }
        case .mischief:
            guard connections[index].attempt == entry.attempt, connections[index].state == .open else {
                return
            }
            misbehave(index)
        case .flow: reportFlow(index)
        }
    }

    /// The connection that an agent comes over.
    func connection(of agent: Int) -> Int {
        agent < options.agents
            ? agent / options.agentsPerConnection : honestConnections + agent - options.agents
    }

    /// The agents that come over a connection.
    func agents(of connection: Int) -> Range<Int> {
        guard connection < honestConnections else {
            let agent = options.agents + connection - honestConnections
            return agent..<agent + 1
        }
        let first = connection * options.agentsPerConnection
        return first..<min(first + options.agentsPerConnection, options.agents)
    }

    /// Closes some connections, which come back as after any other end.
    private func churn() {
        churnDue += churnPerSecond * Double(TimerWheel.step) * 1e-9
        while churnDue >= 1 {
            churnDue -= 1
            let index = Int(random.next() % UInt64(honestConnections))
            if connections[index].state == .open { close(index, after: nil) }
        }
    }
}
