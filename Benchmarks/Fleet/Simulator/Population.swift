import OpAMP

/// What the agents are: everything about one follows from its number and the seed, so nothing is stored.
struct Population {
    enum Environment: String, CaseIterable {
        case prod, staging, dev
    }

    static let distinctConfigurations = 200
    static let configurationBytes = 20 << 10
    static let components = 30

    let seed: UInt64
    /// Agents from this number on do not keep to the protocol.
    let honest: Int
    let effectiveConfigurations: [AgentConfigMap]

    init(seed: UInt64, honest: Int) {
        self.seed = seed
        self.honest = honest
        effectiveConfigurations = (0..<Self.distinctConfigurations).map { number in
            AgentConfigMap(["": Self.configuration(number, seed)])
        }
    }

    /// Random numbers of one agent, always the same.
    private func random(_ agent: Int) -> Random {
        Random(seed &* 0x1_0000_0001 &+ UInt64(agent) &* 0x9E37_79B9_7F4A_7C15)
    }

    func uid(_ agent: Int) -> InstanceUID {
        var random = random(agent)
        return .version7(
            unixMilliseconds: 1_790_000_000_000 + UInt64(agent), random: (random.next(), random.next()))
    }

    func name(_ agent: Int) -> String { "sim-\(agent)" }

    func environment(_ agent: Int) -> Environment {
        switch agent % 10 {
        case 0..<7: .prod
        case 7, 8: .staging
        default: .dev
        }
    }

    /// Which of the configurations it runs at first.
    func configuration(_ agent: Int) -> Int {
        var random = random(agent &+ 7_777_777)
        return random.skewed(Self.distinctConfigurations)
    }

    /// About 1.2 KB: 60 attributes, most with few values of which some are frequent.
    func description(_ agent: Int) -> AgentDescription {
        var random = random(agent &+ 1_000_003)
        let identifying = [
            KeyValue("service.name", "io.apus.simulated"),
            KeyValue("service.version", "1.\(random.skewed(12)).0"),
            KeyValue("service.instance.id", uid(agent).description),
        ]
        var others = [
            KeyValue("host.name", name(agent)),
            KeyValue("host.ip", "10.\(agent >> 16 & 255).\(agent >> 8 & 255).\(agent & 255)"),
            KeyValue("os.type", "linux"),
            KeyValue("os.description", "Debian GNU/Linux \(11 + random.skewed(3))"),
            KeyValue("env", environment(agent).rawValue),
            KeyValue("region", "region-\(random.skewed(10))"),
            KeyValue("zone", "zone-\(random.skewed(30))"),
            KeyValue("team", "team-\(random.skewed(50))"),
            KeyValue("fleet", agent < honest ? "simulated" : "hostile"),
            KeyValue("rack", "r\(random.skewed(400))"),
        ]
        while identifying.count + others.count < 60 {
            others.append(KeyValue("tag.\(others.count)", "v\(random.skewed(20))"))
        }
        return AgentDescription(identifyingAttributes: identifying, nonIdentifyingAttributes: others)
    }

    /// A tree of 30 components in three levels, each with times of its own.
    func health(_ agent: Int) -> ComponentHealth {
        var random = random(agent &+ 2_000_003)
        let start = 1_790_000_000_000_000_000 + random.next() % 1_000_000_000_000
        func component(_ components: [String: ComponentHealth] = [:]) -> ComponentHealth {
            ComponentHealth(
                healthy: true, status: "StatusOK", startTime: start,
                statusTime: start + random.next() % 1_000_000_000, components: components)
        }
        var pipelines: [String: ComponentHealth] = [:]
        for signal in ["traces", "metrics", "logs"] {
            var parts: [String: ComponentHealth] = [:]
            for part in ["receiver:otlp", "processor:memory_limiter", "processor:batch"] {
                parts[part] = component()
            }
            for number in 0..<5 { parts["exporter:otlp/\(number)"] = component() }
            pipelines["pipeline:\(signal)"] = component(parts)
        }
        pipelines["extensions"] = component(["extension:opamp": component()])
        return component(pipelines)
    }

    /// 20 KB of settings.
    private static func configuration(_ number: Int, _ seed: UInt64) -> AgentConfigObject {
        var random = Random(seed &+ UInt64(number) &* 31)
        var text = "receivers:\n  otlp:\n    protocols: {grpc: {endpoint: \"localhost:4317\"}}\nexporters:\n"
        var index = 0
        while text.utf8.count < configurationBytes - 200 {
            text += "  otlp/\(index):\n    endpoint: backend-\(random.next() % 1000).example:4317\n"
            text += "    headers: {tenant: t\(random.next())}\n"
            index += 1
        }
        text += "service:\n  pipelines: {traces: {receivers: [otlp], exporters: [otlp/0]}}\n"
        return AgentConfigObject(body: Array(text.utf8), contentType: "text/yaml")
    }
}
