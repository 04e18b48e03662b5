public import Settings

extension GateReport {
    /// The report, for what is kept and for programs.
    public var tree: Tree {
        .table([
            "stage": .number(stage), "time": .number(time), "verdict": .text(verdict.rawValue),
            "reason": .text(reason), "healthy": .number(healthy), "failed": .number(failed),
            "lost": .number(lost), "findings": .list(findings.map(\.tree)),
        ])
    }

    init?(_ tree: Tree) {
        guard let stage = tree.integer("stage"),
            let verdict = tree.string("verdict").flatMap({ Verdict(rawValue: $0) })
        else { return nil }
        self.init(
            stage: stage, time: tree.unsigned("time") ?? 0, verdict: verdict,
            reason: tree.string("reason") ?? "", healthy: tree.integer("healthy") ?? 0,
            failed: tree.integer("failed") ?? 0, lost: tree.integer("lost") ?? 0,
            findings: (tree["findings"]?.list ?? []).compactMap { Finding($0) })
    }
}

extension GateReport.Finding {
    fileprivate var tree: Tree {
        .table([
            "check": .text(check.rawValue), "verdict": .text(verdict.rawValue), "agents": .number(agents),
            "control": .number(control), "before": .optional(before), "after": .optional(after),
            "control_after": .optional(controlAfter), "chance": .optional(chance),
            "violations": .number(violations), "summary": .text(summary),
        ])
    }

    fileprivate init?(_ tree: Tree) {
        guard let check = tree.string("check").flatMap({ GateSettings.Check(rawValue: $0) }),
            let verdict = tree.string("verdict").flatMap({ GateReport.Verdict(rawValue: $0) })
        else { return nil }
        self.init(
            check: check, verdict: verdict, agents: tree.integer("agents") ?? 0,
            control: tree.integer("control") ?? 0, before: tree.double("before"),
            after: tree.double("after"), controlAfter: tree.double("control_after"),
            chance: tree.double("chance"), violations: tree.integer("violations") ?? 0,
            summary: tree.string("summary") ?? "")
    }
}

extension AnalysisSample {
    var tree: Tree {
        .table([
            "changed": .list(changed.map(\.tree)), "control": .list(control.map(\.tree)),
        ])
    }

    init(_ tree: Tree) {
        changed = (tree["changed"]?.list ?? []).compactMap { Subject($0) }
        control = (tree["control"]?.list ?? []).compactMap { Subject($0) }
    }
}

extension AnalysisSample.Subject {
    fileprivate var tree: Tree {
        .table([
            "member": .number(member),
            "before": before.map { rates in
                .list([
                    .number(rates.seconds), .number(rates.accepted), .optional(rates.deliveredShare),
                    .optional(rates.refusedShare), .optional(rates.failedShare), .number(rates.queued),
                    .number(rates.queueGrowth),
                ])
            } ?? .null,
        ])
    }

    fileprivate init?(_ tree: Tree) {
        guard let member = tree.integer("member") else { return nil }
        let numbers = tree["before"]?.list?.map { $0.text.flatMap { Double($0) } }
        var before: FlowRates?
        if let numbers, numbers.count == 7, let seconds = numbers[0], let accepted = numbers[1] {
            before = FlowRates(
                seconds: seconds, accepted: accepted, deliveredShare: numbers[2], refusedShare: numbers[3],
                failedShare: numbers[4], queued: numbers[5] ?? 0, queueGrowth: numbers[6] ?? 0)
        }
        self.init(member: member, before: before)
    }
}
