internal import Control
internal import Engine
internal import HTTPAPI
internal import Pipeline
internal import Settings

/// Facts about configurations as documents.
enum ConfigurationTrees {
    static func tree(of revision: Revision) -> Tree {
        var entries: [Tree.Entry] = [
            .init("id", .text(revision.id.description)), .init("number", .number(revision.number)),
            .init("time", time(revision.time)), .init("status", .text(revision.status.rawValue)),
            .init("origin", tree(of: revision.origin)),
        ]
        if let reason = revision.reason { entries.append(.init("reason", .text(reason))) }
        return Tree(.table(entries))
    }

    static func tree(of state: ConfigurationState) -> Tree {
        var entries: [Tree.Entry] = [.init("active", tree(of: state.active))]
        if let confirmed = state.confirmed { entries.append(.init("confirmed", tree(of: confirmed))) }
        if let failed = state.lastFailed { entries.append(.init("last_failed", tree(of: failed))) }
        if let time = state.confirmWithin { entries.append(.init("confirm_within", duration(time))) }
        return Tree(.table(entries))
    }

    static func tree(of change: AppliedChange) -> Tree {
        var entries: [Tree.Entry] = [
            .init("revision", tree(of: change.revision)), .init("plan", tree(of: change.plan)),
            .init("swapped", duration(change.swapped)),
        ]
        if let time = change.confirmWithin { entries.append(.init("confirm_within", duration(time))) }
        return Tree(.table(entries))
    }

    static func tree(of plan: ChangePlan) -> Tree {
        .table([
            "base": .text(plan.base.description), "target": .text(plan.target.description),
            "empty": .bool(plan.plan.isEmpty),
            "components": .list(plan.plan.steps.map(tree)),
            "pipelines": .list(
                plan.plan.routes.map {
                    .table(["id": .text($0.pipeline.description), "action": .text($0.action.rawValue)])
                }),
            "after_restart": .list(plan.plan.afterRestart.map { .text($0) }),
            "differences": tree(of: plan.differences),
            "warnings": .list(plan.warnings.map(APIProblem.tree)),
        ])
    }

    static func tree(of differences: [ConfigurationDifference]) -> Tree {
        .list(
            differences.map { difference in
                var entries: [Tree.Entry] = [.init("pointer", .text(JSONPointer.text(of: difference.path)))]
                if let before = difference.before { entries.append(.init("before", before)) }
                if let after = difference.after { entries.append(.init("after", after)) }
                return Tree(.table(entries))
            })
    }

    static func time(_ nanoseconds: UInt64) -> Tree {
        .text(CalendarTime(unixNanoseconds: nanoseconds).rfc3339)
    }

    static func duration(_ duration: Duration) -> Tree { .text(duration.goSyntax) }

    private static func tree(of step: ReconfigurationPlan.Step) -> Tree {
        var entries: [Tree.Entry] = [
            .init("kind", .text(step.kind.rawValue)), .init("id", .text(step.id.description)),
        ]
        if let pipeline = step.pipeline { entries.append(.init("pipeline", .text(pipeline.description))) }
        entries.append(.init("action", .text(step.action.rawValue)))
        entries.append(.init("cost", .text(step.cost)))
        return Tree(.table(entries))
    }

    private static func tree(of origin: ChangeOrigin) -> Tree {
        var entries: [Tree.Entry] = [
            .init("channel", .text(origin.channel.rawValue)), .init("actor", .text(origin.actor)),
        ]
        if let address = origin.address { entries.append(.init("address", .text(address))) }
        return Tree(.table(entries))
    }
}
