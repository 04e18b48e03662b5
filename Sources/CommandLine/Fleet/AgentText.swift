internal import Settings

/// Agents, for people.
enum AgentText {
    /// `connected`, `unhealthy`, `gone since 2026-05-05 11:50`.
    static func state(_ agent: Tree) -> String {
        guard agent["connected"]?.text == "true" else {
            let seen = PlainText.moment(agent.shown("last_seen"))
            return seen.isEmpty ? "gone" : "gone since \(seen.prefix(16))"
        }
        return agent["healthy"]?.text == "false" ? "unhealthy" : "connected"
    }

    static func lines(_ agent: Tree) -> [String] {
        var lines = FleetText.facts(
            agent,
            [
                ("agent", "uid"), ("name", "name"), ("version", "version"), ("peer", "peer"),
                ("revision", "revision"), ("rollout", "rollout"), ("error", "error"),
            ])
        lines.insert(
            "state: \(state(agent)), \(FleetText.words(agent.shown("drift")))", at: min(1, lines.count))
        lines.append("labels: \(FleetText.labels(agent["labels"]))")
        let capabilities = agent.elements("capabilities").compactMap { $0.text }
        if !capabilities.isEmpty { lines.append("capabilities: \(capabilities.joined(separator: ", "))") }
        if let rates = agent["rates"], rates.table != nil { lines.append(self.rates(rates)) }
        if let health = agent["health"], health.table != nil {
            lines += ["", "HEALTH"] + self.health(health, named: "agent", depth: 0)
        }
        if let packages = agent["packages"], packages.table != nil { lines += [""] + self.packages(packages) }
        let reports = agent.elements("history").prefix(5)
        if !reports.isEmpty {
            lines +=
                [""]
                + FleetText.table(
                    Array(reports),
                    [
                        .time("TIME (UTC)", "time"),
                        FleetColumn("OUTCOME") { FleetText.words($0.shown("outcome")) },
                        FleetColumn("REVISION", "revision"), FleetColumn("MESSAGE", "message"),
                    ])
        }
        return lines
    }

    /// The packages that it has, and those that it ought to have.
    private static func packages(_ packages: Tree) -> [String] {
        let set = packages.shown("set")
        let error = packages.shown("error")
        let head = "packages: \(set.isEmpty ? "" : "\(set), ")\(FleetText.words(packages.shown("state")))"
        let table = FleetText.table(
            packages.elements("statuses"),
            [
                FleetColumn("PACKAGE") { $0.shown("name").isEmpty ? "-" : $0.shown("name") },
                FleetColumn("STATUS") { status in
                    let percent = status.shown("download_percent")
                    let words = FleetText.words(status.shown("status"))
                    return percent.isEmpty ? words : "\(words) \(percent)%"
                },
                FleetColumn("HAS", "has_version"), FleetColumn("OFFERED", "offered_version"),
                FleetColumn("ERROR", "error"),
            ])
        return [error.isEmpty ? head : "\(head): \(error)"] + table
    }

    private static func rates(_ rates: Tree) -> String {
        let parts = ["accepted", "delivered", "filtered", "dropped", "refused", "export_failures"]
            .compactMap { key -> String? in
                guard let figure = rates[key]?.text.flatMap({ Double($0) }) else { return nil }
                return "\(FleetText.words(key)) \(PlainText.short(figure))/s"
            }
        return "items: " + parts.joined(separator: ", ")
    }

    /// The tree of health, what is wrong with a reason.
    private static func health(_ health: Tree, named name: String, depth: Int) -> [String] {
        let isHealthy = health["healthy"]?.text == "true"
        let error = health.shown("error")
        let status = health.shown("status")
        let line =
            String(repeating: "  ", count: depth) + "\(PlainText.line(name)): "
            + (status.isEmpty ? (isHealthy ? "ok" : "not healthy") : PlainText.status(status))
            + (error.isEmpty ? "" : " (\(error))")
        guard depth < 8 else { return [line] }
        return [line]
            + (health["components"]?.table ?? []).flatMap { entry in
                self.health(entry.value, named: entry.key, depth: depth + 1)
            }
    }
}
