public import ArgumentParser
public import Pipeline

/// The program: a name, and one command for each thing it can do.
public struct Apus: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "apus",
        abstract: "A telemetry collector with its control plane inside.",
        discussion: """
            Receives, processes and exports traces, metrics and logs. Reads the YAML of the OpenTelemetry \
            Collector.

              apus --config agent.yaml                 run with a configuration
              apus validate --config agent.yaml        check a configuration and say everything that is wrong
              apus components                          what can be used in a configuration
              apus schema processor batch              every key of a component, with defaults
              apus explain --config agent.yaml receivers::otlp::protocols::grpc::endpoint
                                                       where a value comes from
              apus ottl check 'set(span.name, "x")'     whether a statement is right; eval: what it does
              apus dead-letter list DIRECTORY          what backends refused for good
              apus status                              how a running collector does
              apus top                                 the same, live
              apus config apply agent.yaml             another configuration while it runs
              apus fleet serve                         the manager of many collectors; apus fleet --help

            Exit codes: 0 success, 1 the collector could not start, stopped because of an error, or refused, \
            2 the configuration is wrong, 3 the collector cannot be reached, 4 it does not allow it, 64 the \
            command line is wrong, 130 a second signal ended it at once.
            """,
        version: Version.current,
        subcommands: [
            RunCommand.self, ValidateCommand.self, ComponentsCommand.self, PrintConfigCommand.self,
            SchemaCommand.self, ExplainCommand.self, DeadLetterCommand.self, TokenCommand.self,
            PageCommand.self, OTTLCommand.self,
            AuditCommand.self, StatusCommand.self, TopCommand.self, ConfigCommand.self, EventsCommand.self,
            TapCommand.self, DropsCommand.self, LogCommand.self, LogLevelCommand.self,
            DiagnosticsCommand.self, DrainCommand.self, FleetCommand.self, VersionCommand.self,
        ],
        defaultSubcommand: RunCommand.self)

    public init() {}

    /// Runs the program with the components of a distribution and ends the process.
    public static func main(_ catalog: ComponentCatalog) async {
        await Distribution.$catalog.withValue(catalog) {
            guard let command = runCommand(Array(Swift.CommandLine.arguments.dropFirst())) else {
                return await Self.main()
            }
            do {
                try await command.run()
            } catch {
                Self.exit(withError: error)
            }
        }
    }

    /// What runs the collector, when arguments ask for just that and are right; `nil` for everything else.
    ///
    /// Reading them as one of all commands takes two thirds of the time of a start: each of a hundred
    /// commands is looked at by reflection.
    static func runCommand(_ arguments: [String]) -> RunCommand? {
        let own = arguments.first == RunCommand._commandName ? arguments.dropFirst() : arguments[...]
        guard own.first?.hasPrefix("-") ?? true else { return nil }
        return try? RunCommand.parse(Array(own))
    }
}

/// What this build consists of.
enum Distribution {
    /// The components of the distribution that runs; set once, around the whole program.
    @TaskLocal static var catalog = ComponentCatalog()
}

/// The version of the program.
public enum Version {
    /// As in `0.1.0`; follows semantic versioning.
    public static let current = "0.1.0"
}
