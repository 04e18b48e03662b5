internal import Fleet
internal import FleetModel
internal import OpAMP
internal import Rollouts
internal import Settings

/// Rollouts as documents.
enum RolloutTrees {
    /// What lists say.
    static func summary(of rollout: Rollout, standing: StandingAssignment? = nil) -> Tree {
        var entries = head(rollout)
        if let standing { entries.append(.init("standing", tree(of: standing))) }
        entries += [
            .init("stages", .number(rollout.stages.count)), .init("agents", .number(rollout.counts.total)),
            .init("phases", counts(rollout.counts)),
        ]
        return Tree(.table(entries))
    }

    /// Everything but the single agents, of which those with trouble are shown.
    static func tree(
        of rollout: Rollout, failures: [RolloutService.Agent], standing: StandingAssignment?
    ) -> Tree {
        var entries = head(rollout)
        if let standing { entries.append(.init("standing", tree(of: standing))) }
        entries += [
            .init("agents", .number(rollout.counts.total)), .init("phases", counts(rollout.counts)),
            .init("stage_phase", .text(rollout.stagePhase.rawValue)),
            .init("stages", .list(rollout.stages.indices.map { stage($0, of: rollout) })),
            .init("gates", .list(rollout.reports.map(tree))),
            .init("failures", .list(failures.map(tree))),
            .init("events", .list(rollout.events.map(tree))),
            .init("spec", rollout.spec.tree(.hidden) ?? .empty),
        ]
        return Tree(.table(entries))
    }

    /// One agent of a rollout.
    static func tree(of agent: RolloutService.Agent) -> Tree {
        var entries: [Tree.Entry] = [
            .init("uid", .text("\(agent.uid)")), .init("phase", .text(agent.phase.name)),
            .init("stage", .number(agent.stage)), .init("connected", .bool(agent.isConnected)),
        ]
        entries.add("previous", agent.previous)
        entries.add("reason", agent.reason)
        return Tree(.table(entries))
    }

    /// What it promises to agents that come later.
    private static func tree(of standing: StandingAssignment) -> Tree {
        var entries: [Tree.Entry] = [.init("state", .text(standing.state.rawValue))]
        entries.add("reason", standing.reason)
        entries.add("waiting", standing.waiting)
        entries += [
            .init("begun", Trees.time(standing.since)), .init("since", Trees.time(standing.stateSince)),
            .init("assigned", .number(standing.assigned)), .init("healthy", .number(standing.healthy)),
            .init("failed", .number(standing.failed)), .init("changing", .number(standing.changing)),
        ]
        return Tree(.table(entries))
    }

    private static func head(_ rollout: Rollout) -> [Tree.Entry] {
        var entries: [Tree.Entry] = [
            .init("id", .text(rollout.id)), .init("state", .text(rollout.state.rawValue)),
        ]
        entries.add("reason", rollout.reason)
        entries.add("waiting", rollout.waiting)
        entries += [
            .init("target", .text("\(rollout.target)")),
            .init("selector", .text(rollout.spec.selector.description)),
            .init("author", .text(rollout.author)),
        ]
        entries.add("approver", rollout.approver)
        if let glass = rollout.brokenGlass {
            entries.append(
                .init(
                    "break_glass",
                    .table([
                        "actor": .text(glass.actor), "owner": .text(glass.owner),
                        "reason": .text(glass.reason), "time": Trees.time(glass.time),
                    ])))
        }
        entries += [
            .init("created", Trees.time(rollout.created)), .init("since", Trees.time(rollout.stateSince)),
            .init("stage", .number(rollout.currentStage)),
        ]
        entries.add("stage_name", rollout.stages.dropFirst(rollout.currentStage).first?.name)
        entries.add("note", rollout.spec.note)
        return entries
    }

    private static func stage(_ index: Int, of rollout: Rollout) -> Tree {
        let stage = rollout.stages[index]
        let state: String
        switch rollout.state {
        case .succeeded: state = "done"
        case .draft, .awaitingApproval, .validating: state = "waiting"
        default:
            state =
                index < rollout.currentStage
                ? "done" : index == rollout.currentStage ? rollout.stagePhase.rawValue : "waiting"
        }
        return .table([
            "name": .text(stage.name), "size": .text("\(stage.settings.size)"),
            "agents": .number(stage.size), "phases": counts(stage.counts),
            "failures": .number(stage.failures), "state": .text(state),
        ])
    }

    private static func counts(_ counts: PhaseCounts) -> Tree {
        Tree(
            .table(
                MemberPhase.allCases.compactMap { phase in
                    counts[phase] > 0 ? Tree.Entry(phase.name, .number(counts[phase])) : nil
                }))
    }

    private static func tree(of event: RolloutEvent) -> Tree {
        var entries: [Tree.Entry] = [
            .init("time", Trees.time(event.time)), .init("kind", .text(event.kind.rawValue)),
            .init("actor", .text(event.actor)),
        ]
        entries.add("reason", event.reason)
        entries.add("stage", event.stage)
        entries.add("agent", event.agent)
        return Tree(.table(entries))
    }

    private static func tree(of report: GateReport) -> Tree {
        var entries: [Tree.Entry] = [
            .init("stage", .number(report.stage)), .init("time", Trees.time(report.time)),
            .init("verdict", .text(report.verdict.rawValue)),
        ]
        entries.add("reason", report.reason)
        entries += [
            .init("healthy", .number(report.healthy)), .init("failed", .number(report.failed)),
            .init("lost", .number(report.lost)), .init("findings", .list(report.findings.map(tree))),
        ]
        return Tree(.table(entries))
    }

    private static func tree(of finding: GateReport.Finding) -> Tree {
        var entries: [Tree.Entry] = [
            .init("check", .text(finding.check.rawValue)), .init("verdict", .text(finding.verdict.rawValue)),
            .init("summary", .text(finding.summary)), .init("agents", .number(finding.agents)),
            .init("control", .number(finding.control)), .init("violations", .number(finding.violations)),
        ]
        for (key, figure) in [
            ("before", finding.before), ("after", finding.after), ("control_after", finding.controlAfter),
            ("chance", finding.chance),
        ] {
            if let figure, figure.isFinite { entries.append(.init(key, .number(figure))) }
        }
        return Tree(.table(entries))
    }
}
