internal import AdminAPI
internal import ArgumentParser
internal import Control

/// `apus token`: the bearer tokens of the admin API.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Make, list and revoke the bearer tokens of the admin API.",
        discussion: """
            Over the unix socket the user who runs Apus needs no token. Everybody else does:

              apus token create --role read --name dashboard    prints the token, once
              apus token list
              apus token revoke dashboard

            A collector that runs knows a new token, and no longer knows a revoked one, from the next \
            request on. The tokens are in the state directory of the collector, as hashes.
            """,
        subcommands: [TokenCreateCommand.self, TokenListCommand.self, TokenRevokeCommand.self])
}

/// Where the tokens are, shared by the commands about them.
struct TokenStoreOptions: ParsableArguments {
    @Option(
        name: .customLong("state-directory"),
        help: ArgumentHelp("The state directory of the collector, as given to apus run.", valueName: "dir"))
    var stateDirectory: String?

    /// The store in that directory.
    var store: TokenStore {
        TokenStore(directory: StateDirectory.Place.ofProcess(option: stateDirectory).path)
    }
}

extension TokenStoreError {
    /// Tells the error and returns what ends the program.
    func reported() -> ExitCode {
        Report.write("error: \(self)\n")
        return ExitCode(ExitCodes.failure)
    }
}
