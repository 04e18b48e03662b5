internal import Settings

extension RevisionHistory {
    private static let mark = "apus-state-1"

    /// The history as the content of a file; `sequence` counts the writes.
    func text(sequence: Int) -> String {
        let revisions = statuses.keys.sorted().map { number in
            Tree.table([
                "number": .number(number), "status": .text(statuses[number]?.rawValue ?? ""),
                "reason": reasons[number].map { .text(String($0.prefix(2000))) } ?? .null,
            ])
        }
        let tree = Tree.table([
            "mark": .text(Self.mark), "sequence": .number(sequence), "last": .number(lastNumber),
            "active": Self.number(active), "confirmed": Self.number(confirmed),
            "failed": Self.number(lastFailed), "before": .list(confirmedBefore.map { .number($0) }),
            "crashed": Self.number(crashed),
            "pending": pending.map { pending in
                .table([
                    "number": .number(pending.number), "within": .number(pending.within.milliseconds),
                    "elapsed": .number(pending.elapsed.milliseconds),
                ])
            } ?? .null,
            "run": run.map { run in
                .table([
                    "number": .number(run.number), "exits": .number(run.uncleanExits),
                    "stable": .bool(run.isStable), "clean": .bool(run.isClean),
                ])
            } ?? .null,
            "revisions": .list(revisions),
        ])
        return Checksummed.seal(tree.json() + "\n")
    }

    /// Reads what `text(sequence:)` has written.
    static func read(_ text: String) throws(StateFailure) -> (history: RevisionHistory, sequence: Int) {
        let tree = try Checksummed.table(try Checksummed.open(text))
        guard tree["mark"]?.text == mark, let sequence = tree.integer("sequence") else {
            throw StateFailure("it was written by another version")
        }
        var statuses: [Int: Revision.Status] = [:]
        var reasons: [Int: String] = [:]
        for entry in tree["revisions"]?.list ?? [] {
            guard let number = entry.integer("number") else { continue }
            statuses[number] = entry["status"]?.text.flatMap { Revision.Status(rawValue: $0) }
            reasons[number] = entry["reason"]?.text
        }
        let history = RevisionHistory(
            lastNumber: tree.integer("last") ?? 0, statuses: statuses, reasons: reasons,
            active: tree.integer("active"), confirmed: tree.integer("confirmed"),
            lastFailed: tree.integer("failed"),
            confirmedBefore: (tree["before"]?.list ?? []).compactMap { $0.text.flatMap { Int($0) } },
            crashed: tree.integer("crashed"), pending: tree["pending"].flatMap { Pending($0) },
            run: tree["run"].flatMap { Run($0) })
        return (history, sequence)
    }

    private static func number(_ value: Int?) -> Tree { value.map { .number($0) } ?? .null }
}

extension RevisionHistory.Pending {
    fileprivate init?(_ tree: Tree) {
        guard let number = tree.integer("number"), let within = tree.integer("within"),
            let elapsed = tree.integer("elapsed")
        else { return nil }
        self.init(number: number, within: .milliseconds(within), elapsed: .milliseconds(elapsed))
    }
}

extension RevisionHistory.Run {
    fileprivate init?(_ tree: Tree) {
        guard let number = tree.integer("number") else { return nil }
        self.init(
            number: number, uncleanExits: tree.integer("exits") ?? 0,
            isStable: tree["stable"]?.text == "true", isClean: tree["clean"]?.text == "true")
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var milliseconds: Int {
        Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }
}
