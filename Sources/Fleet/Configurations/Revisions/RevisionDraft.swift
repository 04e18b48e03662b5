public import FleetModel
internal import Settings

/// What a revision consists of, before it has a number.
public struct RevisionDraft: Sendable, Hashable {
    /// The most files of a revision.
    public static let mostFiles = 64
    /// The most bytes of all files together; agents take messages of a few MiB.
    public static let mostBytes = 4 << 20
    /// The most variables of a revision.
    public static let mostVariables = 256

    /// Files that are laid one over the other in the order of their names.
    public var files: [ConfigurationFile]
    /// What `${var:NAME}` may stand for.
    public var variables: [String: TemplateVariable] = [:]
    /// Lint rules that do not count.
    public var silenced: Set<String> = []
    /// Whether the configuration is laid over what agents have locally, so that pipelines may name
    /// components that are configured there.
    public var isPartial = false

    public init(
        files: [ConfigurationFile], variables: [String: TemplateVariable] = [:], silenced: Set<String> = [],
        isPartial: Bool = false
    ) {
        self.files = files
        self.variables = variables
        self.silenced = silenced
        self.isPartial = isPartial
    }

    /// A single file in YAML.
    public init(yaml text: String) { self.init(files: [ConfigurationFile(yaml: text)]) }

    /// Names everything that makes the revision what it is; equal for equal content.
    public var hash: ContentHash {
        ContentHash(of: CanonicalFiles.encode(files) + Array(settings.json().utf8))
    }

    /// All but the files, in one order.
    var settings: Tree {
        let variables = variables.sorted { $0.key < $1.key }.map {
            Tree.Entry($0.key, $0.value.tree(.revealed) ?? .null)
        }
        return .table([
            "variables": Tree(.table(variables)), "silence": .list(silenced.sorted().map { .text($0) }),
            "partial": .bool(isPartial),
        ])
    }

    /// Reads what `settings` wrote.
    init(files: [ConfigurationFile], settings: Tree) {
        var reader = SettingReader()
        let variables = settings["variables"].flatMap {
            reader.read([String: TemplateVariable].self, $0)
        }
        self.init(
            files: files, variables: variables ?? [:],
            silenced: Set((settings["silence"]?.list ?? []).compactMap(\.text)),
            isPartial: settings["partial"]?.text == "true")
    }
}

/// A revision of a configuration: numbered, named by its content, and never changed.
public struct ConfigurationRevision: Sendable, Hashable {
    /// The configuration and the number, from 1.
    public let reference: RevisionReference
    /// See `RevisionDraft.hash`.
    public let hash: ContentHash
    public let draft: RevisionDraft
    /// Why it was made; at most `longestMessage` bytes.
    public let message: String
    /// Who made it, as `FleetUser.name`.
    public let author: String
    /// The person behind the author, as `FleetUser.owner`.
    public let owner: String
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let created: UInt64

    /// The longest message, in UTF-8 bytes.
    public static let longestMessage = 4096

    public var files: [ConfigurationFile] { draft.files }
}

/// What lists say of a revision.
public struct RevisionSummary: Sendable, Hashable {
    public let reference: RevisionReference
    public let hash: ContentHash
    public let message: String
    public let author: String
    public let owner: String
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let created: UInt64
    /// The bytes of all files.
    public let size: Int
    public let files: [String]
}

/// What lists say of a configuration.
public struct ConfigurationSummary: Sendable, Hashable {
    public let name: String
    public let description: String
    /// The number of the newest revision.
    public let latest: Int
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let created: UInt64
    /// When the newest revision was made; likewise.
    public let updated: UInt64
    /// Who made the newest revision.
    public let author: String
    /// The version of the document, for `ETag`.
    public let version: Int64
    /// The set of files it was imported from; empty for one that was not.
    public let source: String
}
