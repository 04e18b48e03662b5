public import FleetModel
internal import Settings

/// What tells two revisions apart.
public struct RevisionDifference: Sendable {
    /// One file that is not the same in both.
    public struct File: Sendable {
        /// Empty for the only file of a configuration.
        public let name: String
        /// A unified diff.
        public let text: String
        public let added: Int
        public let removed: Int
    }

    /// What the revisions are called in the texts.
    public let before: String
    public let after: String
    /// By name; variables and other settings come last, as a file called `settings`.
    public let files: [File]
    /// The values that differ, whatever the order of keys and the comments; empty when either cannot be read.
    public let changes: [SemanticDifference]

    /// Compares two drafts.
    public init(_ before: RevisionDraft, _ after: RevisionDraft, names: (before: String, after: String)) {
        self.before = names.before
        self.after = names.after
        var files: [File] = []
        let (old, new) = (Self.files(before), Self.files(after))
        for name in Set(old.keys).union(new.keys).sorted() {
            let text = TextDifference(old[name] ?? "", new[name] ?? "")
            if let file = Self.file(name, text, names) { files.append(file) }
        }
        let settings = TextDifference(before.settings.yaml(), after.settings.yaml())
        if let file = Self.file("settings", settings, names) { files.append(file) }
        self.files = files
        let trees = [before, after].map { DraftCheck($0).tree }
        if let left = trees[0], let right = trees[1] {
            changes = SemanticDifference.between(left, right)
        } else {
            changes = []
        }
    }

    private static func file(
        _ name: String, _ difference: TextDifference, _ names: (before: String, after: String)
    ) -> File? {
        guard !difference.isEmpty else { return nil }
        let suffix = name.isEmpty ? "" : "/\(name)"
        let counts = difference.counts
        return File(
            name: name,
            text: difference.unified(before: names.before + suffix, after: names.after + suffix),
            added: counts.added, removed: counts.removed)
    }

    private static func files(_ draft: RevisionDraft) -> [String: String] {
        Dictionary(
            draft.files.map { ($0.name, $0.text ?? "binary, SHA-256 \(ContentHash(of: $0.body))\n") }
        ) { first, _ in first }
    }
}

extension ConfigurationLibrary {
    /// What tells two revisions apart, of one configuration or of two.
    public func difference(
        _ before: RevisionReference, _ after: RevisionReference
    ) async throws(LibraryError) -> RevisionDifference {
        let (old, new) = (try await revision(before), try await revision(after))
        return RevisionDifference(
            old.draft, new.draft, names: (before: before.description, after: after.description))
    }
}
