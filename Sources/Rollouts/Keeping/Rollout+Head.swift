internal import FleetModel
internal import OpAMP
internal import Settings

/// Everything but the agents, as it is kept.
extension Rollout {
    private static let format = "apus-rollout-1"

    var headTree: Tree {
        .table([
            "format": .text(Self.format), "id": .text(id), "spec": spec.tree(.revealed) ?? .empty,
            "author": .text(author), "created": .number(created), "state": .text(state.rawValue),
            "reason": .text(reason), "state_since": .number(stateSince),
            "resume_to": .text(resumeTo.rawValue), "approver": .optional(approver),
            "broken_glass": brokenGlass?.tree ?? .null,
            "version": .number(version), "waiting": .text(waiting),
            "stages": .list(stages.map(\.tree)), "current_stage": .number(currentStage),
            "stage_phase": .text(stagePhase.rawValue), "clock": .number(clock),
            "phase_since": .number(phaseSince), "progress_at": .number(progressAt),
            "analysed_at": .number(analysedAt),
            "strikes": .sorted(Dictionary(uniqueKeysWithValues: strikes.map { ($0.key.rawValue, $0.value) }))
            {
                .number($0)
            },
            "tokens": .number(tokens), "cursor": .number(cursor),
            "stage_only": .bool(rollsBackStageOnly), "promoted": .bool(isPromoted),
            "fully_promoted": .bool(isFullyPromoted), "connected": .number(connected),
            "revisions": .list(revisions.map { .text("\($0)") }),
            "label_values": .list(labelValues.map { .list($0.map { .text($0) }) }),
            "failed_builds": .sorted(failedBuilds) { .text($0) },
            "validation": validation.tree, "events": .list(events.map(\.tree)),
            "reports": .list(reports.map(\.tree)),
        ])
    }

    init(head: Tree) throws(RolloutUnreadable) {
        guard head.string("format") == Self.format else {
            throw RolloutUnreadable("a rollout that another version has written")
        }
        let decoded = RolloutSpec.decode(head["spec"] ?? .empty)
        guard let spec = decoded.value, let target = spec.reference, let id = head.string("id"),
            let state = head.string("state").flatMap({ RolloutState(rawValue: $0) }),
            let phase = head.string("stage_phase").flatMap({ StagePhase(rawValue: $0) }),
            let resumeTo = head.string("resume_to").flatMap({ RolloutState(rawValue: $0) })
        else {
            let why = decoded.diagnostics.first.map { ": \($0)" } ?? ""
            throw RolloutUnreadable("rollout '\(head.string("id") ?? "")' cannot be read\(why)")
        }
        self.id = id
        self.spec = spec
        self.target = target
        author = head.string("author") ?? ""
        created = head.unsigned("created") ?? 0
        self.state = state
        reason = head.string("reason") ?? ""
        stateSince = head.unsigned("state_since") ?? 0
        self.resumeTo = resumeTo
        approver = head.string("approver")
        brokenGlass = head["broken_glass"].flatMap { BrokenGlass($0) }
        version = head.integer("version") ?? 1
        waiting = head.string("waiting") ?? ""
        stages = (head["stages"]?.list ?? []).compactMap { RolloutStage($0) }
        stagePhase = phase
        clock = head.unsigned("clock") ?? 0
        phaseSince = head.unsigned("phase_since") ?? 0
        progressAt = head.unsigned("progress_at") ?? 0
        analysedAt = head.unsigned("analysed_at") ?? 0
        tokens = head.double("tokens") ?? 0
        cursor = head.integer("cursor") ?? 0
        rollsBackStageOnly = head.flag("stage_only")
        isPromoted = head.flag("promoted")
        isFullyPromoted = head.flag("fully_promoted")
        connected = head.integer("connected") ?? 0
        members = []
        revisions = head.strings("revisions").compactMap { RevisionReference(parsing: $0) }
        labelValues = (head["label_values"]?.list ?? []).map { ($0.list ?? []).compactMap(\.text) }
        validation = ValidationState(head["validation"] ?? .empty)
        events = (head["events"]?.list ?? []).compactMap { RolloutEvent($0) }
        reports = (head["reports"]?.list ?? []).compactMap { GateReport($0) }
        currentStage = min(max(head.integer("current_stage") ?? 0, 0), max(stages.count - 1, 0))
        for entry in head["failed_builds"]?.table ?? [] { failedBuilds[entry.key] = entry.value.text }
        for entry in head["strikes"]?.table ?? [] {
            guard let check = GateSettings.Check(rawValue: entry.key) else { continue }
            strikes[check] = entry.value.text.flatMap { Int($0) }
        }
        guard !stages.isEmpty else { throw RolloutUnreadable("rollout '\(id)' has no stages") }
    }
}

extension RolloutStage {
    fileprivate var tree: Tree {
        .table([
            "settings": settings.tree(.revealed) ?? .empty, "begin": .number(range.lowerBound),
            "end": .number(range.upperBound), "failures": .number(failures),
            "counts": .sorted(
                Dictionary(uniqueKeysWithValues: MemberPhase.allCases.map { ($0.name, counts[$0]) })
            ) { .number($0) },
        ])
    }

    fileprivate init?(_ tree: Tree) {
        guard let settings = StageSettings.decode(tree["settings"] ?? .empty).value,
            let begin = tree.integer("begin"), let end = tree.integer("end"), 0 <= begin, begin <= end
        else { return nil }
        self.init(settings: settings, range: begin..<end)
        failures = tree.integer("failures") ?? 0
        for phase in MemberPhase.allCases { counts[phase] = tree["counts"]?.integer(phase.name) ?? 0 }
    }
}

extension RolloutEvent {
    fileprivate var tree: Tree {
        .table([
            "time": .number(time), "kind": .text(kind.rawValue), "actor": .text(actor),
            "reason": .text(reason), "stage": .optional(stage), "agent": .optional(agent),
        ])
    }

    fileprivate init?(_ tree: Tree) {
        guard let kind = tree.string("kind").flatMap({ Kind(rawValue: $0) }) else { return nil }
        self.init(
            time: tree.unsigned("time") ?? 0, kind: kind, actor: tree.string("actor") ?? "",
            reason: tree.string("reason") ?? "", stage: tree.string("stage"), agent: tree.string("agent"))
    }
}

extension ValidationState {
    fileprivate var tree: Tree {
        .table([
            "asked_at": .number(askedAt),
            "answers": .sorted(
                Dictionary(uniqueKeysWithValues: answers.map { ("\($0.key)", $0.value) })
            ) { answer in
                guard let answer else { return .null }
                return .table(["valid": .bool(answer.isValid), "message": .text(answer.message)])
            },
        ])
    }

    fileprivate init(_ tree: Tree) {
        askedAt = tree.unsigned("asked_at") ?? 0
        for entry in tree["answers"]?.table ?? [] {
            guard let uid = InstanceUID(entry.key) else { continue }
            let answer =
                entry.value.isNull
                ? nil
                : Answer(
                    isValid: entry.value.flag("valid"), message: entry.value.string("message") ?? "")
            answers[uid] = .some(answer)
        }
    }
}

extension BrokenGlass {
    /// As it is kept.
    var tree: Tree {
        .table([
            "actor": .text(actor), "owner": .text(owner), "reason": .text(reason), "time": .number(time),
        ])
    }

    init?(_ tree: Tree) {
        guard let actor = tree.string("actor"), let owner = tree.string("owner"),
            let reason = tree.string("reason"), let time = tree.unsigned("time")
        else { return nil }
        self.init(actor: actor, owner: owner, reason: reason, time: time)
    }
}
