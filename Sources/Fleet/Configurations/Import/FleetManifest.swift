internal import FleetModel
public import Settings

/// What a directory says the fleet manager should have, read from files and sent at once.
///
///     source: git
///     configurations:
///       - name: edge-logs
///         message: from 4f2a91c
///         files: [{name: "", type: text/yaml, body: "receivers: …"}]
///         variables: {port: {type: int, default: 4317}}
///         silence: [no-batch]
///     groups:
///       - {name: prod, selector: "env=prod", values: {endpoint: "otel.example.com:4317"}}
///     values:
///       - {name: region, value: eu}
///     plans:
///       - {name: careful, spec: {…}}
public struct FleetManifest: Sendable {
    /// The most things of all kinds together.
    public static let mostItems = 5000

    /// One configuration; the draft becomes its next revision unless there is one like it.
    public struct Configuration: Sendable {
        public var name: String
        public var description: String
        public var message: String
        public var draft: RevisionDraft
    }

    /// A named plan of rollouts, as it is written.
    public struct Plan: Sendable {
        public var name: String
        public var spec: Tree
    }

    /// The name of the set of files: only what came from the same set is taken away when files are gone.
    public var source: String
    public var configurations: [Configuration] = []
    public var groups: [FleetGroup] = []
    public var values: [FleetValue] = []
    public var plans: [Plan] = []

    public init(source: String = "files") { self.source = source }

    /// Reads a manifest; every mistake is told with its place.
    public init(tree: Tree) throws(InvalidSettings) {
        let decoded = ManifestDocument.decode(tree)
        guard let document = decoded.value else { throw InvalidSettings(decoded.diagnostics) }
        source = document.source
        var diagnostics: [Diagnostic] = []
        for (index, item) in document.configurations.enumerated() {
            configurations.append(
                Configuration(
                    name: item.name, description: item.description, message: item.message,
                    draft: item.draft))
            if !item.isEncoded {
                diagnostics.append(
                    Diagnostic(
                        at: tree[["configurations", "\(index)"]]?.position,
                        path: ["configurations", "\(index)", "files"],
                        "the body of a file with encoding base64 is not base64"))
            }
        }
        for (index, item) in document.groups.enumerated() {
            do throws(SelectorError) {
                groups.append(
                    FleetGroup(
                        name: item.name, description: item.description,
                        selector: try Selector(parsing: item.selector), priority: item.priority,
                        values: item.values, source: source))
            } catch {
                let path = ["groups", "\(index)", "selector"]
                diagnostics.append(Diagnostic(at: tree[path]?.position, path: path, error.description))
            }
        }
        values = document.values.map { item in
            FleetValue(
                name: item.name, value: item.value, description: item.description, source: document.source)
        }
        plans = document.plans.map { Plan(name: $0.name, spec: $0.spec) }
        guard diagnostics.isEmpty else { throw InvalidSettings(diagnostics) }
    }

    /// How many things there are.
    var count: Int { configurations.count + groups.count + values.count + plans.count }
}

/// A manifest as it is written.
struct ManifestDocument: SettingGroup {
    var source = "files"
    var configurations: [ConfigurationItem] = []
    var groups: [GroupItem] = []
    var values: [ValueItem] = []
    var plans: [PlanItem] = []

    init() {}

    static var fields: [Field<ManifestDocument>] {
        [
            Field("source", \.source, "The name of the set of files.") {
                FleetName.isName($0) ? nil : FleetName.rule
            },
            Field("configurations", \.configurations, "Configurations with their files."),
            Field("groups", \.groups, "Saved selectors with values."),
            Field("values", \.values, "Values of the whole fleet."),
            Field("plans", \.plans, "Named plans of rollouts."),
        ]
    }

    struct ConfigurationItem: SettingGroup {
        var name = ""
        var description = ""
        var message = ""
        var files: [FileItem] = []
        var variables: [String: TemplateVariable] = [:]
        var silence: [String] = []
        var partial = false

        init() {}

        static var fields: [Field<ConfigurationItem>] {
            [
                Field("name", \.name, "The configuration.", required: true),
                Field("description", \.description, "What it is for."),
                Field("message", \.message, "Why the revision is made."),
                Field("files", \.files, "The files, with their content.", required: true),
                Field("variables", \.variables, "What ${var:NAME} may stand for."),
                Field("silence", \.silence, "Lint rules that do not count."),
                Field("partial", \.partial, "Whether it is laid over what agents have locally."),
            ]
        }

        var draft: RevisionDraft {
            RevisionDraft(
                files: files.map { $0.file ?? ConfigurationFile(name: $0.name, body: []) },
                variables: variables, silenced: Set(silence), isPartial: partial)
        }

        var isEncoded: Bool { files.allSatisfy { $0.file != nil } }
    }

    struct FileItem: SettingGroup {
        enum Encoding: String, SettingChoice { case text, base64 }

        var name = ""
        var type = "text/yaml"
        var role = ""
        var encoding = Encoding.text
        var body = ""

        init() {}

        static var fields: [Field<FileItem>] {
            [
                Field("name", \.name, "The name of the file; empty for the only one."),
                Field("type", \.type, "Its MIME type."),
                Field("role", \.role, "What the agent is to do with it, in OpAMP's words."),
                Field("encoding", \.encoding, "How the body is written."),
                Field("body", \.body, "The content.", required: true),
            ]
        }

        /// `nil` when the body is not what the encoding says.
        var file: ConfigurationFile? {
            let bytes = encoding == .text ? Array(body.utf8) : Base64.decode(body)
            return bytes.map { ConfigurationFile(name: name, contentType: type, role: role, body: $0) }
        }
    }

    struct GroupItem: SettingGroup {
        var name = ""
        var description = ""
        var selector = ""
        var priority = 0
        var values: [String: Tree] = [:]

        init() {}

        static var fields: [Field<GroupItem>] {
            [
                Field("name", \.name, "The group.", required: true),
                Field("description", \.description, "What it is for."),
                Field("selector", \.selector, "Chooses agents by labels.", required: true),
                Field("priority", \.priority, "Where two groups say different things, the higher one wins."),
                Field("values", \.values, "What ${var:NAME} is for agents of the group."),
            ]
        }
    }

    struct ValueItem: SettingGroup {
        var name = ""
        var value = Tree.null
        var description = ""

        init() {}

        static var fields: [Field<ValueItem>] {
            [
                Field("name", \.name, "The variable.", required: true),
                Field("value", \.value, "What it is.", required: true),
                Field("description", \.description, "What it is for."),
            ]
        }
    }

    struct PlanItem: SettingGroup {
        var name = ""
        var spec = Tree.empty

        init() {}

        static var fields: [Field<PlanItem>] {
            [
                Field("name", \.name, "The plan.", required: true),
                Field("spec", \.spec, "Its stages and gates.", required: true),
            ]
        }
    }
}
