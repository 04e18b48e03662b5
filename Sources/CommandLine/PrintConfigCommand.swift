internal import ArgumentParser
internal import Engine
internal import Settings

/// `apus print-config`: the configuration as it is after reading, expanding and merging.
struct PrintConfigCommand: AsyncParsableCommand {
    /// The language of the output.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case yaml, json
    }

    /// Whether secrets are readable.
    enum Mode: String, CaseIterable, ExpressibleByArgument {
        case redacted, unredacted
    }

    static let configuration = CommandConfiguration(
        commandName: "print-config",
        abstract: "Print the configuration in force: read, merged, with every default.",
        discussion: "Secrets are shown as *** and a fingerprint unless --mode unredacted asks for them.")

    @OptionGroup var options: ConfigurationOptions

    @Option(help: "The language of the output: yaml or json.")
    var format = Format.yaml

    @Option(help: "Whether secrets are shown: redacted or unredacted.")
    var mode = Mode.redacted

    func run() async throws {
        let configuration = try await options.load().usable()
        let tree = configuration.tree(mode == .redacted ? .hidden : .revealed)
        print(format == .yaml ? tree.yaml() : tree.json(), terminator: format == .yaml ? "" : "\n")
    }
}
