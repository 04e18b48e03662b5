internal import FleetModel
internal import OpAMP
public import Settings

/// As it is kept.
extension StandingAssignment {
    private static let format = "apus-standing-1"

    public var tree: Tree {
        .table([
            "format": .text(Self.format), "rollout": .text(rollout), "selector": .text(selector.description),
            "target": .text("\(target)"), "created": .number(created), "since": .number(since),
            "state": .text(state.rawValue), "version": .number(version), "reason": .text(reason),
            "actor": .text(actor),
            "state_since": .number(stateSince), "assigned": .number(assigned), "healthy": .number(healthy),
            "failed": .number(failed), "failures_in_row": .number(failuresInRow),
            "newcomers": Self.tree(newcomers), "unable": Self.tree(unable),
        ])
    }

    public init(_ tree: Tree) throws(RolloutUnreadable) {
        guard tree.string("format") == Self.format, let rollout = tree.string("rollout"),
            let target = tree.string("target").flatMap({ RevisionReference(parsing: $0) }),
            let state = tree.string("state").flatMap({ State(rawValue: $0) })
        else { throw RolloutUnreadable("a standing assignment that cannot be read") }
        do throws(SelectorError) { selector = try Selector(parsing: tree.string("selector") ?? "") } catch {
            throw RolloutUnreadable("the selector of the standing assignment of '\(rollout)': \(error)")
        }
        self.rollout = rollout
        self.target = target
        self.state = state
        created = tree.unsigned("created") ?? 0
        since = tree.unsigned("since") ?? 0
        version = tree.integer("version") ?? 1
        reason = tree.string("reason") ?? ""
        actor = tree.string("actor") ?? ""
        stateSince = tree.unsigned("state_since") ?? 0
        assigned = tree.integer("assigned") ?? 0
        healthy = tree.integer("healthy") ?? 0
        failed = tree.integer("failed") ?? 0
        failuresInRow = tree.integer("failures_in_row") ?? 0
        newcomers = Self.times(tree.strings("newcomers"))
        unable = Self.times(tree.strings("unable"))
    }

    private static func tree(_ times: [InstanceUID: UInt64]) -> Tree {
        .list(times.sorted { $0.key < $1.key }.map { .text("\($0.key) \($0.value)") })
    }

    private static func times(_ texts: [String]) -> [InstanceUID: UInt64] {
        var times: [InstanceUID: UInt64] = [:]
        for text in texts {
            let words = text.split(separator: " ")
            guard words.count == 2, let uid = InstanceUID(String(words[0])), let time = UInt64(words[1])
            else {
                continue
            }
            times[uid] = time
        }
        return times
    }
}
