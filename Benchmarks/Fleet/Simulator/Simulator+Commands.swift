import Glibc

/// What the simulator is told, and what it tells.
extension Simulator {
    func readCommands() {
        let count = Glibc.read(0, buffer.baseAddress, buffer.count)
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        guard count > 0 else {
            isStopping = true
            return
        }
        inputLine.append(contentsOf: buffer[..<count])
        while let end = inputLine.firstIndex(of: 10) {
            let line = String(decoding: inputLine[..<end], as: UTF8.self)
            inputLine.removeFirst(end + 1)
            obey(line.split(separator: " ").map(String.init))
        }
    }

    private func obey(_ words: [String]) {
        let number = words.count > 1 ? Int(words[1]) : nil
        switch words.first {
        case "status": output(status)
        case "agent":
            guard let number, agents.indices.contains(number) else { return refuse(words) }
            output(state(of: number))
        case "watch":
            watched = number
            output([("watching", number.map { String($0) } ?? "null")])
        case "expect" where words.count == 4: expect(words)
        case "churn":
            churnPerSecond = Double(number ?? 0)
            output([("churn", "\(churnPerSecond)")])
        case "hostile":
            addHostile(number ?? 0)
            output([("hostile", "\(connections.count - honestConnections)")])
        case "stop":
            output([("stopped", "true")])
            isStopping = true
        default: refuse(words)
        }
    }

    /// `expect all|prod|… HASH FILE`: what agents of an environment are to get from now on.
    private func expect(_ words: [String]) {
        let environments = Population.Environment.allCases.filter {
            words[1] == "all" || words[1] == $0.rawValue
        }
        guard let hash = bytes(hexadecimal: words[2]), let body = contents(of: words[3]),
            !environments.isEmpty
        else { return refuse(words) }
        for environment in environments { expectations[environment] = Expectation(hash: hash, body: body) }
        output([("expecting", "\(body.count)")])
    }

    private var status: [(String, String)] {
        let open = connections[..<honestConnections].count { $0.state == .open }
        let offered = agents[..<options.agents]
        return [
            ("time", "\(monotonicNanoseconds())"),
            ("agents", "\(options.agents)"), ("connections", "\(honestConnections)"), ("open", "\(open)"),
            ("introduced", "\(offered.count { $0.isIntroduced })"),
            ("in_expected_state", "\(agentsAsExpected)"),
        ] + statistics.members
    }

    /// The agents that run what they are to run.
    private var agentsAsExpected: Int {
        let numbers = expectations.mapValues { offerNumbers[$0.hash] ?? 0 }
        return (0..<options.agents).count { agent in
            guard let number = numbers[population.environment(agent)], number != 0 else { return false }
            return agents[agent].isApplied && agents[agent].offered == number
        }
    }

    private func state(of agent: Int) -> [(String, String)] {
        let state = agents[agent]
        let isOpen = connections[connection(of: agent)].state == .open
        return [
            ("uid", "\"\(uids[agent])\""), ("name", "\"\(population.name(agent))\""),
            ("environment", "\"\(population.environment(agent).rawValue)\""), ("connected", "\(isOpen)"),
            ("sequence", "\(state.sequence)"), ("introduced", "\(state.isIntroduced)"),
            ("hash", quoted(offers[Int(state.reported)].hash)), ("applied", "\(state.isApplied)"),
        ]
    }

    private func refuse(_ words: [String]) {
        let text = words.joined(separator: " ").filter { $0 != "\"" && $0 != "\\" }
        output([("error", "\"cannot do: \(text)\"")])
    }

    func output(_ members: [(String, String)]) {
        writeText("{\(members.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", "))}\n", to: 1)
    }

    /// A hash as JSON.
    func quoted(_ hash: [UInt8]) -> String {
        "\"\(hash.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())\""
    }

    private func bytes(hexadecimal text: String) -> [UInt8]? {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.count, digits.count % 2 == 0 else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    private func contents(of path: String) -> [UInt8]? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return bytes
    }
}
