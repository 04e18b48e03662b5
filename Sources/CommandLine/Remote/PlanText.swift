internal import Settings

/// What a change of the configuration does, for people.
enum PlanText {
    static func lines(_ plan: Tree) -> [String] {
        var lines: [String] = []
        if plan["empty"]?.text == "true" {
            lines.append("nothing that runs would change")
        }
        let rows = plan.elements("components").map { step in
            [
                step.shown("action"), "\(step.shown("kind")) \(step.shown("id"))", step.shown("pipeline"),
                step.shown("cost"),
            ]
        }
        if !rows.isEmpty { lines += PlainText.table(["ACTION", "COMPONENT", "PIPELINE", "COST"], rows) }
        let pipelines = plan.elements("pipelines").map { "\($0.shown("id")) (\($0.shown("action")))" }
        if !pipelines.isEmpty { lines += ["", "pipelines: " + pipelines.joined(separator: ", ")] }
        let later = plan.elements("after_restart").compactMap { $0.text.map { PlainText.line($0) } }
        if !later.isEmpty { lines += ["", "only after the next start: " + later.joined(separator: ", ")] }
        let differences = plan.elements("differences")
        if !differences.isEmpty { lines += [""] + self.differences(differences) }
        return lines
    }

    /// One line for each value that differs: `+` is new, `-` is gone, `~` is another one.
    static func differences(_ differences: [Tree]) -> [String] {
        differences.map { difference in
            let path = (JSONPointer.path(of: difference["pointer"]?.text ?? "") ?? [])
                .joined(separator: "::")
            let (before, after) = (difference["before"].map(value), difference["after"].map(value))
            return switch (before, after) {
            case (let before?, let after?): "~ \(PlainText.line(path)): \(before) → \(after)"
            case (nil, let after?): "+ \(PlainText.line(path)): \(after)"
            case (let before?, nil): "- \(PlainText.line(path)): \(before)"
            case (nil, nil): "~ \(PlainText.line(path))"
            }
        }
    }

    /// What was changed, in two lines or three.
    static func applied(_ change: Tree) -> [String] {
        let revision = change["revision"] ?? .empty
        var lines = ["\(RevisionText.name(revision)) runs; swapped in \(swapped(change))"]
        let steps = change["plan"]?.elements("components") ?? []
        let counts = ["keep", "adopt", "replace", "add", "remove"].compactMap { action -> String? in
            let count = steps.count { $0["action"]?.text == action }
            return count == 0 ? nil : "\(count) \(past(action))"
        }
        if !counts.isEmpty { lines.append("components: " + counts.joined(separator: ", ")) }
        if let time = change["confirm_within"]?.text {
            let left = PlainText.time(goSyntax: time)
            lines.append("It goes back in \(left) unless it is confirmed: apus config confirm")
        }
        return lines
    }

    /// Milliseconds are enough for people.
    private static func swapped(_ change: Tree) -> String {
        guard let time = change["swapped"]?.text.flatMap({ Duration(goSyntax: $0) }) else { return "no time" }
        let milliseconds =
            time.components.seconds * 1000 + time.components.attoseconds / 1_000_000_000_000_000
        return milliseconds < 1 ? "less than 1ms" : Duration.milliseconds(Int(milliseconds)).goSyntax
    }

    private static func past(_ action: String) -> String {
        switch action {
        case "keep": "kept"
        case "add": "added"
        default: action + (action.hasSuffix("e") ? "d" : "ed")
        }
    }

    private static func value(_ tree: Tree) -> String {
        PlainText.cut(PlainText.line(tree.scalar.map { $0.text } ?? tree.json()), to: 200)
    }
}
