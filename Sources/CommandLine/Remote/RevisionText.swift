internal import Settings

/// Revisions of a configuration, for people.
enum RevisionText {
    /// `revision 4 (3f2a…)`.
    static func name(_ revision: Tree) -> String {
        "revision \(revision.shown("number")) (\(revision.shown("id")))"
    }

    /// `rolled back`.
    static func status(_ revision: Tree) -> String {
        revision.shown("status").replacing("_", with: " ")
    }

    /// Who or what has made it.
    static func origin(_ revision: Tree) -> String {
        guard let origin = revision["origin"] else { return "" }
        let address = origin["address"]?.text.map { " from \(PlainText.line($0))" } ?? ""
        return "\(origin.shown("channel").replacing("_", with: " ")): \(origin.shown("actor"))\(address)"
    }

    /// The newest first.
    static func table(_ revisions: [Tree]) -> [String] {
        PlainText.table(
            ["NO", "REVISION", "STATUS", "TIME (UTC)", "BY", "REASON"],
            revisions.map {
                [
                    $0.shown("number"), $0.shown("id"), status($0), PlainText.moment($0.shown("time")),
                    origin($0), $0.shown("reason"),
                ]
            }, right: [0])
    }

    /// Where a configuration stands.
    static func lines(_ state: Tree) -> [String] {
        let parts = [("active", "active"), ("confirmed", "confirmed"), ("last_failed", "last failed")]
        var lines = parts.compactMap { key, title -> String? in
            guard let revision = state[key], !revision.isNull else { return nil }
            let reason = revision.shown("reason")
            let space = String(repeating: " ", count: 12 - title.count)
            return "\(title):\(space)\(name(revision)), \(status(revision)), "
                + "\(PlainText.moment(revision.shown("time"))), \(origin(revision))"
                + (reason.isEmpty ? "" : " (\(reason))")
        }
        if let time = state["confirm_within"]?.text {
            lines.append("It goes back in \(PlainText.time(goSyntax: time)) unless it is confirmed.")
        }
        return lines
    }
}
