internal import Fleet
internal import FleetModel
internal import Settings

/// Revisions as documents.
enum RevisionTrees {
    static func tree(of summary: RevisionSummary) -> Tree {
        var entries = head(summary.reference, summary.hash)
        entries.add("message", summary.message)
        entries += [
            .init("author", .text(summary.author)), .init("created", Trees.time(summary.created)),
            .init("size", .number(summary.size)), .init("files", Trees.texts(summary.files)),
        ]
        return Tree(.table(entries))
    }

    /// A revision with its files, and with what is worth knowing about it; nothing when nobody has looked.
    static func tree(
        of revision: ConfigurationRevision, _ findings: [ConfigurationFinding] = []
    ) -> Tree {
        var entries = head(revision.reference, revision.hash)
        entries.add("message", revision.message)
        entries += [
            .init("author", .text(revision.author)), .init("created", Trees.time(revision.created)),
        ]
        entries += content(of: revision.draft)
        if !findings.isEmpty { entries.append(.init("findings", Trees.findings(findings))) }
        return Tree(.table(entries))
    }

    /// A draft as the revision that it would be; 0 stands for the number that nobody knows yet.
    static func tree(of draft: RevisionDraft, _ findings: [ConfigurationFinding], name: String) -> Tree {
        var entries: [Tree.Entry] = [
            .init("config", .text(name)), .init("number", .number(0)),
            .init("hash", .text(draft.hash.description)),
        ]
        entries += content(of: draft)
        entries.append(.init("findings", Trees.findings(findings)))
        return Tree(.table(entries))
    }

    static func tree(of difference: RevisionDifference) -> Tree {
        .table([
            "from": .text(difference.before), "to": .text(difference.after),
            "text": .text(difference.files.map(\.text).joined()),
            "differences": Trees.differences(difference.changes),
        ])
    }

    private static func head(_ reference: RevisionReference, _ hash: ContentHash) -> [Tree.Entry] {
        [
            .init("config", .text(reference.configuration)), .init("number", .number(reference.number)),
            .init("reference", .text("\(reference)")), .init("hash", .text(hash.description)),
        ]
    }

    private static func content(of draft: RevisionDraft) -> [Tree.Entry] {
        var entries = [Tree.Entry("files", Trees.files(draft.files))]
        if !draft.variables.isEmpty {
            let variables = draft.variables.sorted { $0.key < $1.key }
            entries.append(
                .init(
                    "variables",
                    Tree(.table(variables.map { .init($0.key, $0.value.tree(.hidden) ?? .null) }))))
        }
        if !draft.silenced.isEmpty { entries.append(.init("silence", Trees.texts(draft.silenced.sorted()))) }
        entries.append(.init("partial", .bool(draft.isPartial)))
        return entries
    }
}
