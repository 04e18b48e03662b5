internal import OTTL
internal import Settings

/// Mistakes and results of statements, for people and as JSON.
enum OTTLText {
    /// A mistake below the statement that it is in.
    static func shown(_ mistake: OTTLError, in text: String) -> String {
        let hint = mistake.suggestion.map { " (did you mean '\($0)'?)" } ?? ""
        let scalars = text.unicodeScalars.map { $0 == "\n" || $0 == "\t" ? " " : $0 }
        var line = String.UnicodeScalarView()
        line.append(contentsOf: scalars)
        let start = min(mistake.range.lowerBound, scalars.count)
        let width = max(1, min(mistake.range.upperBound, scalars.count) - start)
        let marks = String(repeating: " ", count: start) + String(repeating: "^", count: width)
        return "wrong: \(String(line))\n       \(marks) \(mistake.message)\(hint)"
    }

    static func tree(of mistake: OTTLError) -> Tree {
        Tree(
            .table([
                .init("message", .text(mistake.message)),
                .init("column", .number(mistake.range.lowerBound + 1)),
                .init("end_column", .number(mistake.range.upperBound + 1)),
                .init("suggestion", mistake.suggestion.map { .text($0) } ?? .null),
            ]))
    }

    /// What a statement did, in a few lines.
    static func shown(_ outcome: Trial.Outcome, areConditions: Bool) -> String {
        var lines = [outcome.text]
        var facts = "  held for \(outcome.held) of \(outcome.ran)"
        if !areConditions { facts += ", changed \(outcome.changed)" }
        if outcome.failed > 0 { facts += ", failed for \(outcome.failed)" }
        lines.append(facts)
        for failure in outcome.failures { lines.append("  error at \(failure.place): \(failure.error)") }
        if outcome.failed > outcome.failures.count { lines.append("  …") }
        return lines.joined(separator: "\n")
    }

    static func tree(of outcome: Trial.Outcome) -> Tree {
        let failures = outcome.failures.map { failure in
            Tree(
                .table([
                    .init("place", .number(failure.place)), .init("message", .text("\(failure.error)")),
                ]))
        }
        return Tree(
            .table([
                .init("text", .text(outcome.text)), .init("ran", .number(outcome.ran)),
                .init("held", .number(outcome.held)), .init("changed", .number(outcome.changed)),
                .init("failed", .number(outcome.failed)), .init("failures", Tree(.list(failures))),
            ]))
    }
}
