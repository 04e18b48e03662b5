internal import AdminAPI
internal import ArgumentParser

/// `apus token revoke`: ends a token.
struct TokenRevokeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "End a token; a collector that runs refuses it from then on.")

    @OptionGroup var options: TokenStoreOptions

    @Argument(help: "The id or the name of the token.")
    var token: String

    func run() throws {
        let count: Int
        do throws(TokenStoreError) {
            count = try options.store.revoke(token)
        } catch {
            throw error.reported()
        }
        guard count > 0 else {
            Report.write("error: there is no token '\(token)'; apus token list shows them\n")
            throw ExitCode(ExitCodes.failure)
        }
        print("revoked \(count) token\(count == 1 ? "" : "s")")
    }
}
