internal import Settings

/// One picture of a rollout: stages, counts, what gates saw, the last events.
struct RolloutFrame {
    typealias Line = TopFrame.Line

    private let rollout: Tree
    private let events: Int
    /// Why there is no newer picture; `nil` when this one is as new as it can be.
    var failure: String?

    /// - Parameters:
    ///   - rollout: As the API has it.
    ///   - events: How many of the last events are shown.
    init(_ rollout: Tree, events: Int = 6) {
        self.rollout = rollout
        self.events = events
    }

    /// Lines of at most `columns` characters.
    func lines(columns: Int = 200) -> [Line] {
        var lines = heading + [Line(text: "")] + stages
        let gates = gates
        if !gates.isEmpty { lines += [Line(text: ""), Line(text: "GATE", style: .heading)] + gates }
        let failures = rollout.elements("failures")
        if !failures.isEmpty {
            lines += [Line(text: ""), Line(text: "AGENTS WITH TROUBLE", style: .heading)]
            lines += failures.prefix(5).map {
                Line(text: "\($0.shown("uid"))  \($0.shown("phase"))  \($0.shown("reason"))", style: .trouble)
            }
        }
        let last = rollout.elements("events").suffix(events)
        if !last.isEmpty {
            lines += [Line(text: ""), Line(text: "LAST EVENTS", style: .heading)]
            lines += last.map { Line(text: RolloutText.event($0)) }
        }
        if let failure { lines.append(Line(text: failure, style: .trouble)) }
        return lines.map { Line(text: PlainText.cut($0.text, to: columns), style: $0.style) }
    }

    private var heading: [Line] {
        let state = rollout.shown("state")
        let reason = rollout.shown("reason")
        let waiting = rollout.shown("waiting")
        let isBad = ["paused", "rolling_back", "rolled_back", "aborted", "frozen"].contains(state)
        var lines = [
            Line(
                text: "rollout \(rollout.shown("id")): \(rollout.shown("target")) is "
                    + FleetText.words(state) + (reason.isEmpty ? "" : ": \(reason)"),
                style: isBad ? .trouble : .plain)
        ]
        let total = rollout.count("agents")
        let healthy = rollout["phases"]?.count("healthy") ?? 0
        let selector = rollout.shown("selector")
        lines.append(
            Line(
                text: "\(bar(total > 0 ? Double(healthy) / Double(total) : 0))  "
                    + "\(FleetText.grouped(healthy)) of \(FleetText.count(total, "agent")) healthy"
                    + (selector.isEmpty ? "" : "  (\(selector))")))
        if let glass = RolloutText.brokenGlass(rollout) { lines.append(Line(text: glass, style: .trouble)) }
        if !waiting.isEmpty { lines.append(Line(text: "waits: \(waiting)")) }
        if let standing = rollout["standing"] { lines.append(later(standing)) }
        return lines
    }

    /// What agents get that come after the end.
    private func later(_ standing: Tree) -> Line {
        let state = standing.shown("state")
        let reason = standing.shown("reason")
        let waiting = standing.shown("waiting")
        let failed = standing.count("failed")
        let what =
            switch state {
            case "active": "get it, too" + (waiting.isEmpty ? "" : ", and wait for \(waiting)")
            case "stopped": "get nothing: \(reason)"
            default: "get nothing any more" + (reason.isEmpty ? "" : ": \(reason)")
            }
        return Line(
            text: "agents that come later \(what)  (\(FleetText.grouped(standing.count("assigned"))) so far, "
                + "\(FleetText.grouped(standing.count("healthy"))) healthy, \(failed) failed)",
            style: state == "stopped" ? .trouble : .plain)
    }

    private var stages: [Line] {
        let stages = rollout.elements("stages")
        let rows = stages.map { stage in
            let phases = stage["phases"] ?? .empty
            let isMoving = ["assigned", "applying", "applied", "reverting"]
                .reduce(0) { $0 + phases.count($1) }
            let bad = ["failed", "lost", "stuck"].reduce(0) { $0 + phases.count($1) }
            return (
                cells: [
                    stage.shown("name"), stage.shown("size"), "\(stage.count("agents"))",
                    "\(phases.count("healthy"))", "\(isMoving)", "\(phases.count("pending"))", "\(bad)",
                    "\(phases.count("reverted"))", FleetText.words(stage.shown("state")),
                ], style: bad > 0 ? TopFrame.Style.trouble : .plain
            )
        }
        let table = PlainText.table(
            ["STAGE", "SIZE", "AGENTS", "HEALTHY", "MOVING", "PENDING", "FAILED", "BACK", "STATE"],
            rows.map(\.cells), right: [2, 3, 4, 5, 6, 7])
        return zip(table, [TopFrame.Style.heading] + rows.map(\.style)).map { Line(text: $0, style: $1) }
    }

    /// What the last gate saw.
    private var gates: [Line] {
        guard let report = rollout.elements("gates").last else { return [] }
        let findings = report.elements("findings").map { finding in
            Line(
                text: "\(FleetText.words(finding.shown("check"))): \(finding.shown("verdict")), "
                    + finding.shown("summary"),
                style: finding["verdict"]?.text == "fail" ? .trouble : .plain)
        }
        let reason = report.shown("reason")
        let verdict = report.shown("verdict")
        let line = Line(
            text: "stage \(report.count("stage") + 1): \(verdict)" + (reason.isEmpty ? "" : ", \(reason)"),
            style: verdict == "fail" ? .trouble : .plain)
        return [line] + findings
    }

    /// `[##########..........]  50%`.
    private func bar(_ share: Double) -> String {
        let share = min(max(share, 0), 1)
        let full = Int((share * 20).rounded(.down))
        let percent = String(Int((share * 100).rounded(.down)))
        return "[" + String(repeating: "#", count: full) + String(repeating: ".", count: 20 - full) + "] "
            + String(repeating: " ", count: 3 - percent.count) + percent + "%"
    }
}
