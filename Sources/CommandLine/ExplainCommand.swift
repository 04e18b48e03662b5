internal import ArgumentParser
internal import Engine
internal import Settings

/// `apus explain`: where a value of the configuration comes from.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Say where a value comes from and what it replaced.",
        discussion: """
            apus explain --config base.yaml --config site.yaml receivers::otlp::protocols::grpc::endpoint

            Keys are separated by :: or by dots.
            """)

    @OptionGroup var options: ConfigurationOptions

    @Argument(help: "The path of the value.")
    var path: String

    func run() async throws {
        let loaded = try await options.load()
        Report.print(loaded.diagnostics, texts: loaded.texts)
        let keys =
            path.contains("::")
            ? path.split(separator: "::").map(String.init) : path.split(separator: ".").map(String.init)
        let secrets = ConfigurationDecoder(catalog: Distribution.catalog).secrets(in: loaded.tree)
        guard let explanation = Explanation(of: keys, in: loaded.tree, hiding: secrets) else {
            Report.write("\(path) is not set; its default holds (see apus schema)\n")
            throw ExitCode(ExitCodes.failure)
        }
        print(explanation)
    }
}
