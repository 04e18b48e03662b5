internal import ArgumentParser
internal import Engine
internal import Logging

/// `apus validate`: checks a configuration as `run` would, without opening anything.
struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check a configuration and build its graph without starting it.",
        discussion: """
            Every mistake is reported at once as file:line:column. Exit code 0 means that `apus run` would \
            start unless an address is taken or a backend refuses; 2 means that the configuration is wrong.
            """)

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let configuration = try await options.load().usable()
        let collector = Collector(log: LogOutput(level: .error), threads: 1, version: Version.current)
        do throws(StartFailure) {
            try await collector.probe(configuration)
        } catch {
            Report.write("error: \(error)\n")
            throw ExitCode(ExitCodes.configuration)
        }
        _ = await collector.stop()
        print("valid: \(Summary.text(of: configuration))")
    }
}
