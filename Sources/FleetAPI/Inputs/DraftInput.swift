internal import Fleet
internal import FleetModel
internal import HTTPAPI
internal import Settings

/// What a revision consists of, as it is written: `body` for a single file, or `files`.
struct DraftInput: SettingGroup {
    var body: String?
    var files: [FileInput] = []
    var variables: [String: TemplateVariable] = [:]
    var silenced: [String] = []
    var isPartial = false

    init() {}

    static var fields: [Field<DraftInput>] {
        [
            Field("body", \.body, "The only file, as text in YAML or JSON."),
            Field("files", \.files, "Files that are laid one over the other.") {
                $0.count <= RevisionDraft.mostFiles ? nil : "has more than \(RevisionDraft.mostFiles) files"
            },
            Field("variables", \.variables, "What ${var:NAME} may stand for."),
            Field("silence", \.silenced, "Lint rules that do not count."),
            Field(
                "partial", \.isPartial,
                "Whether it is laid over what agents have locally, and may name components of theirs."),
        ]
    }

    func check() -> [Problem] {
        body != nil && !files.isEmpty ? [Problem("files", "does not go with body")] : []
    }

    /// The draft; `nil` when nothing was written.
    var draft: RevisionDraft? {
        var written = files.map { file in
            ConfigurationFile(
                name: file.name, contentType: file.contentType, role: file.role, body: Array(file.body.utf8))
        }
        if let body { written = [ConfigurationFile(yaml: body)] }
        guard !written.isEmpty else { return nil }
        return RevisionDraft(
            files: written, variables: variables, silenced: Set(silenced), isPartial: isPartial)
    }

    /// The draft, which has to be there.
    func required() throws(APIProblem) -> RevisionDraft {
        guard let draft else {
            throw .invalid(
                "the body has errors", errors: [Diagnostic(path: ["body"], "'body' or 'files' is missing")])
        }
        return draft
    }
}

/// One file of it.
struct FileInput: SettingGroup {
    var name = ""
    var contentType = "text/yaml"
    var role = ""
    var body = ""

    init() {}

    static var fields: [Field<FileInput>] {
        [
            Field("name", \.name, "The name of the file."),
            Field("type", \.contentType, "Its media type."),
            Field("role", \.role, "What the file is for; empty for the configuration itself."),
            Field("body", \.body, "Its text.", required: true),
        ]
    }
}

/// A new revision.
struct RevisionInput: SettingGroup {
    var draft = DraftInput()
    var message = ""
    var description = ""
    var latest: Int?

    init() {}

    static var fields: [Field<RevisionInput>] {
        [
            Field(embedding: \.draft),
            Field("message", \.message, "Why it is made."),
            Field("description", \.description, "What the configuration is for."),
            Field(
                "latest", \.latest,
                "The number of the newest revision that the author knows; another is a conflict."),
        ]
    }
}

/// A draft or a revision to be checked, or to be filled in for an agent.
struct CheckInput: SettingGroup {
    var draft = DraftInput()
    var revision: String?
    var selector: Selector?
    var agent: String?

    init() {}

    static var fields: [Field<CheckInput>] {
        [
            Field(embedding: \.draft),
            Field("revision", \.revision, "The number of a revision, or latest, instead of a draft."),
            Field("selector", \.selector, "The agents that it is for."),
            Field("agent", \.agent, "The instance_uid of the agent that it is for."),
        ]
    }

    func check() -> [Problem] {
        revision != nil && draft.draft != nil ? [Problem("revision", "does not go with a draft")] : []
    }

    /// The draft that was sent, or that of the revision that was named; the newest revision without either.
    func draft(_ call: FleetCall) async throws(APIProblem) -> RevisionDraft {
        if let draft = draft.draft { return draft }
        return try await call.revision(revision ?? "latest").draft
    }
}
