internal import ArgumentParser
internal import Control
internal import Engine
internal import Glibc
internal import Settings

/// The options that say where the configuration is, shared by all commands that read one.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            """
            A file, a directory of *.yaml files, or a URI (file:, env:, yaml:, http:, https:). May be \
            repeated; later ones win.
            """,
            valueName: "source"))
    var config: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Sets one value, as in processors.batch.timeout=2s. May be repeated; wins over every source.",
            valueName: "key=value"))
    var set: [String] = []

    /// What may stand before the colon of an address.
    private static var providers: [any Provider] {
        ConfigurationLoader.standardProviders + [HTTPProvider(scheme: "http"), HTTPProvider(scheme: "https")]
    }

    /// Nothing says what to run.
    var missing: ValidationError {
        ValidationError(
            "no configuration; give one with --config, for example --config config/quickstart.yaml")
    }

    /// Reads the sources now and whenever they are wanted again.
    var reader: ConfigurationReader {
        ConfigurationReader(
            sources: config, sets: set, providers: Self.providers, catalog: Distribution.catalog)
    }

    /// Reads the sources; prints everything that is wrong with them and throws when they cannot be used.
    func load() async throws -> ReadConfiguration {
        guard !config.isEmpty else { throw missing }
        let loaded = await ConfigurationLoader.load(sources: config, sets: set, providers: Self.providers)
        guard let tree = loaded.tree, !loaded.diagnostics.hasErrors else {
            Report.print(loaded.diagnostics, texts: loaded.texts)
            throw ExitCode(ExitCodes.configuration)
        }
        let decoded = ConfigurationDecoder(catalog: Distribution.catalog).decode(tree)
        return ReadConfiguration(
            tree: tree, texts: loaded.texts, configuration: decoded.configuration,
            diagnostics: loaded.diagnostics + decoded.diagnostics)
    }
}

/// A configuration that could be read, whether or not it can be used.
struct ReadConfiguration: Sendable {
    let tree: Tree
    /// The texts of the sources, to show the lines that messages are about.
    let texts: [ConfigurationSource: String]
    let configuration: CollectorConfiguration?
    let diagnostics: [Diagnostic]

    /// The configuration, after printing the diagnostics; throws when there are errors.
    func usable() throws -> CollectorConfiguration {
        Report.print(diagnostics, texts: texts)
        guard let configuration, !diagnostics.hasErrors else { throw ExitCode(ExitCodes.configuration) }
        return configuration
    }
}

/// What the process ends with.
enum ExitCodes {
    /// The collector could not start, or stopped because of an error.
    static let failure: Int32 = 1
    /// The configuration is wrong.
    static let configuration: Int32 = 2
    /// The collector that a command is about cannot be reached.
    static let unreachable: Int32 = 3
    /// That collector does not know who asks, or does not allow it.
    static let notAllowed: Int32 = 4
}

/// Messages for people, on standard error.
enum Report {
    /// Writes every diagnostic but notes, with the line it is about.
    static func print(_ diagnostics: [Diagnostic], texts: [ConfigurationSource: String]) {
        let shown = diagnostics.filter { $0.severity > .note }
        guard !shown.isEmpty else { return }
        let errors = shown.count { $0.severity == .error }
        write(DiagnosticRenderer(texts: texts).render(shown))
        if errors > 0 { write("\(errors) error\(errors == 1 ? "" : "s") in the configuration\n") }
    }

    /// Writes `text` to standard error.
    static func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in _ = Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
    }
}
