internal import Settings

/// Rollouts, for people.
enum RolloutText {
    /// A stage of `size[:bake]`; a selector has no colon in it.
    static func stage(_ text: String) -> Tree {
        guard let colon = text.lastIndex(of: ":"),
            Duration(goSyntax: String(text[text.index(after: colon)...])) != nil
        else { return .table(["size": .text(text)]) }
        return .table([
            "size": .text(String(text[..<colon])), "bake": .text(String(text[text.index(after: colon)...])),
        ])
    }

    /// What a rollout would do.
    static func preview(_ preview: Tree) -> [String] {
        var lines = [
            "\(preview.shown("target")) would reach \(FleetText.count(preview.count("agents"), "agent")), "
                + "at most \(FleetText.grouped(preview.count("most_disrupted"))) at a time"
        ]
        lines += FleetText.table(
            preview.elements("stages"),
            [
                FleetColumn("STAGE", "name"), FleetColumn("SIZE", "size"), .number("AGENTS", "agents"),
                .number("OFFLINE", "offline"),
                FleetColumn("FIRST AGENTS") {
                    $0.elements("first").prefix(3).compactMap { $0.text.map { PlainText.line($0) } }
                        .joined(separator: ", ")
                },
            ])
        for change in preview.elements("changes") {
            let before = change.shown("from")
            lines.append(
                "\(FleetText.count(change.count("agents"), "agent")): "
                    + "\(before.isEmpty ? "nothing" : before) → \(change.shown("to"))")
        }
        let excluded = preview.count("excluded_count")
        if excluded > 0 {
            let first = preview.elements("excluded").first?.shown("reason") ?? ""
            lines.append(
                "\(FleetText.count(excluded, "agent")) would not take part"
                    + (first.isEmpty ? "" : ", the first because \(first)"))
        }
        if preview["needs_approval"]?.text == "true" {
            lines.append("a second person would have to approve it")
        }
        for problem in preview.elements("problems") {
            lines.append("it cannot be started: \(PlainText.line(problem.text ?? ""))")
        }
        return lines
    }

    /// `12:03:11  stage passed  canary: all 3 agents are healthy (fleet manager)`.
    static func event(_ event: Tree) -> String {
        let kind = FleetText.words(event.shown("kind"))
        let place = [event.shown("stage"), event.shown("agent")].filter { !$0.isEmpty }.joined(separator: " ")
        let reason = event.shown("reason")
        let actor = event.shown("actor")
        let by = actor.isEmpty || actor == "fleet manager" ? "" : " (\(actor))"
        let space = String(repeating: " ", count: max(14 - kind.count, 2))
        let what = [place, reason].filter { !$0.isEmpty }.joined(separator: ": ")
        return "\(PlainText.moment(event.shown("time")).suffix(8))  \(kind)\(space)\(what)\(by)"
    }

    /// That somebody went on without a second person; `nil` when nobody did.
    static func brokenGlass(_ rollout: Tree) -> String? {
        guard let glass = rollout["break_glass"], glass.table != nil else { return nil }
        return "NO SECOND PERSON: \(glass.shown("owner")) broke the glass: \(glass.shown("reason"))"
    }

    /// Whether nothing changes any more.
    static func isOver(_ state: String) -> Bool {
        ["succeeded", "rolled_back", "aborted", "superseded"].contains(state)
    }

    /// Whether a person has to decide.
    static func waitsForPerson(_ state: String) -> Bool {
        ["paused", "awaiting_approval", "draft"].contains(state)
    }
}
