internal import ArgumentParser
internal import Control
internal import Settings

/// The options of `apus fleet serve`.
struct FleetServeOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "A file with settings, such as config/fleet.yaml. May be repeated; later ones win.",
            valueName: "source"))
    var config: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Sets one value, as in agents.endpoint=0.0.0.0:4320. May be repeated; wins over every file.",
            valueName: "key=value"))
    var set: [String] = []

    @Option(
        name: .customLong("state-directory"),
        help: ArgumentHelp(
            """
            Where the database, the authority for agents' certificates and the first token are kept. Without \
            it: $STATE_DIRECTORY, else the directory fleet in that of apus run.
            """, valueName: "dir"))
    var stateDirectory: String?

    @Option(
        name: .customLong("secrets-directory"),
        help: ArgumentHelp(
            "Files whose texts configurations get with ${secret:NAME}; they are stored nowhere else.",
            valueName: "dir"))
    var secretsDirectory: String?

    @Option(
        help: ArgumentHelp(
            "The name of this manager among those that share a database; without it the host's name.",
            valueName: "name"))
    var replica: String?

    /// The settings; prints everything that is wrong with them and throws when they cannot be used.
    func load() async throws -> FleetServeSettings {
        let loaded = await ConfigurationLoader.load(sources: config, sets: set)
        guard let tree = loaded.tree, !loaded.diagnostics.hasErrors else {
            Report.print(loaded.diagnostics, texts: loaded.texts)
            throw ExitCode(ExitCodes.configuration)
        }
        let decoded = FleetServeSettings.decode(tree)
        Report.print(loaded.diagnostics + decoded.diagnostics, texts: loaded.texts)
        guard let settings = decoded.value, !decoded.diagnostics.hasErrors else {
            throw ExitCode(ExitCodes.configuration)
        }
        return settings
    }

    /// Where the state is.
    var place: StateDirectory.Place { Self.place(stateDirectory) }

    /// Where the state of a manager is; beside that of a collector on the same machine, unless it is named.
    static func place(_ option: String?) -> StateDirectory.Place {
        let place = StateDirectory.Place.ofProcess(option: option)
        return place.isNamed ? place : .init(path: "\(place.path)/fleet", isNamed: false)
    }
}
