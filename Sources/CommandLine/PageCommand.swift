internal import AdminAPI
internal import ArgumentParser
internal import Pipeline
internal import Settings

/// `apus page`: an address that opens the page, with a token for it.
struct PageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "page",
        abstract: "Print an address that opens the page of a collector in a browser, token included.",
        discussion: """
            The token stands behind the # of the address, which browsers keep to themselves. It is made for \
            the page, valid for 12 hours, and in `apus token list` like every other one.
            """)

    @OptionGroup var options: TokenStoreOptions

    @Option(help: "What the page may do: read, operate or configure.")
    var role = AdminRole.configure.rawValue

    @Option(help: "Where the admin API is.")
    var address = "http://localhost:4319"

    func run() throws {
        guard let role = AdminRole(rawValue: role) else {
            let roles = AdminRole.allCases.map { $0.rawValue }.joined(separator: ", ")
            throw ValidationError("'\(role)' is not a role; there are \(roles)")
        }
        guard address.hasPrefix("http://") || address.hasPrefix("https://") else {
            throw ValidationError("--address takes http://host:port or https://host:port, not '\(address)'")
        }
        do throws(TokenStoreError) {
            let made = try options.store.create(
                name: "page", role: role, at: SystemClock().unixNanoseconds, life: .seconds(12 * 3600))
            print("\(address.hasSuffix("/") ? address : address + "/")#token=\(made.text)")
        } catch {
            throw error.reported()
        }
    }
}
