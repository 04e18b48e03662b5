internal import Engine
internal import Glibc
public import Pipeline
public import Settings

/// Reads configurations: the sources of the command line, and raw documents from elsewhere.
public struct ConfigurationReader: Sendable {
    /// A raw configuration, read as far as possible.
    struct Reading: Sendable {
        let raw: Tree
        /// Expanded; `nil` when that failed.
        let expanded: Tree?
        let configuration: CollectorConfiguration?
        let diagnostics: [Diagnostic]
        let texts: [ConfigurationSource: String]
    }

    /// Files, directories and addresses; later ones win.
    public let sources: [String]
    /// Single values, as in `--set`; these win over all sources.
    public let sets: [String]
    private let providers: [any Provider]
    private let decoder: ConfigurationDecoder

    public init(
        sources: [String], sets: [String], providers: [any Provider], catalog: ComponentCatalog
    ) {
        self.sources = sources
        self.sets = sets
        self.providers = providers
        decoder = ConfigurationDecoder(catalog: catalog)
    }

    /// The command line as revisions remember it: a relative path means another file in another directory.
    var commandLine: [String] {
        sources.map { Self.isRelative($0) ? "\(Self.workingDirectory)/\($0)" : $0 }
            + sets.map { "--set \($0)" }
    }

    private static func isRelative(_ source: String) -> Bool {
        !source.hasPrefix("/") && !source.prefix { $0 != "/" }.contains(":")
    }

    private static var workingDirectory: String {
        guard let path = getcwd(nil, 0) else { return "." }
        defer { free(path) }
        return String(cString: path)
    }

    /// What the sources say now, merged, `${…}` not expanded.
    func readSources() async -> RawConfiguration {
        await ConfigurationLoader.read(sources: sources, sets: sets, providers: providers)
    }

    /// Expands a raw configuration and decodes it, unless that could only tell what is known already.
    func read(_ raw: Tree, decodes: Bool = true) async -> Reading {
        let loaded = await ConfigurationLoader.expand(raw, providers: providers)
        guard decodes, let tree = loaded.tree else {
            return Reading(
                raw: raw, expanded: nil, configuration: nil, diagnostics: loaded.diagnostics,
                texts: loaded.texts)
        }
        let decoded = decoder.decode(tree)
        return Reading(
            raw: raw, expanded: tree, configuration: decoded.configuration,
            diagnostics: loaded.diagnostics + decoded.diagnostics, texts: loaded.texts)
    }
}
