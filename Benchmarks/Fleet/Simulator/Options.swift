/// What the simulator is told on its command line.
struct Options {
    var port: UInt16 = 4320
    /// Agents that keep to the protocol.
    var agents = 1000
    /// How many of them share a connection, as behind a gateway.
    var agentsPerConnection = 1
    /// Addresses from 127.0.0.2 on that connections come from, in turns.
    var sources = 8
    var heartbeatSeconds = 30.0
    /// Connections that are begun in a second, at most.
    var connectRate = 5000
    /// Connections that are being opened at a time, at most.
    var opening = 512
    /// How long after the end of a connection, at most, it is opened again; it is a random share of this.
    var reconnectSeconds = 5.0
    /// The longest wait between attempts to connect that fail; the first is a second at most.
    var retrySeconds = 60.0
    /// How long an agent takes to apply a configuration, at most; it is a random share of this.
    var applySeconds = 2.0
    var seed: UInt64 = 1
    var token: String?
    /// Whether agents announce and send their rates.
    var sendsFlow = false

    struct Problem: Error {
        let text: String
    }

    static let usage = """
        fleet-simulator [--port 4320] [--agents 1000] [--agents-per-connection 1] [--sources 8]
            [--heartbeat SECONDS] [--connect-rate PER_SECOND] [--opening COUNT] [--reconnect SECONDS]
            [--retry SECONDS] [--apply SECONDS] [--seed NUMBER] [--token TOKEN] [--flow]
        Commands on the input, one in a line, each answered with a line of JSON:
            status | agent INDEX | watch INDEX | expect all|prod|staging|dev HASH FILE | churn PER_SECOND
            hostile COUNT | stop

        """

    static func parse(_ arguments: ArraySlice<String>) -> Result<Options, Problem> {
        var options = Options()
        var rest = arguments
        while let name = rest.popFirst() {
            if name == "--flow" {
                options.sendsFlow = true
                continue
            }
            guard let value = rest.popFirst() else { return .failure(Problem(text: "\(name) has no value")) }
            guard options.take(name, value) else {
                return .failure(Problem(text: "cannot use \(name) \(value)"))
            }
        }
        return .success(options)
    }

    private mutating func take(_ name: String, _ value: String) -> Bool {
        func set<Number: LosslessStringConvertible & Comparable>(
            _ path: WritableKeyPath<Options, Number>, _ range: ClosedRange<Number>
        ) -> Bool {
            guard let number = Number(value), range.contains(number) else { return false }
            self[keyPath: path] = number
            return true
        }
        switch name {
        case "--port": return set(\.port, 1...65535)
        case "--agents": return set(\.agents, 1...1_000_000)
        case "--agents-per-connection": return set(\.agentsPerConnection, 1...10_000)
        case "--sources": return set(\.sources, 1...200)
        case "--heartbeat": return set(\.heartbeatSeconds, 0.05...60)
        case "--connect-rate": return set(\.connectRate, 1...1_000_000)
        case "--opening": return set(\.opening, 1...100_000)
        case "--reconnect": return set(\.reconnectSeconds, 0...60)
        case "--retry": return set(\.retrySeconds, 0...60)
        case "--apply": return set(\.applySeconds, 0...60)
        case "--seed": return set(\.seed, 0...UInt64.max)
        case "--token":
            token = value
            return true
        default: return false
        }
    }
}
