internal import AdminAPI
internal import ArgumentParser
internal import Pipeline
internal import Settings

/// `apus token create`: makes a token and prints it.
struct TokenCreateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a token and print it; it cannot be shown again.")

    @OptionGroup var options: TokenStoreOptions

    @Option(help: "What it may do: read, operate (also drain, log levels) or configure (everything).")
    var role: String

    @Option(help: "A name for lists and the audit log.")
    var name: String?

    @Option(
        name: .customLong("expires-in"),
        help: ArgumentHelp("How long it is valid, such as 12h; for ever without it.", valueName: "duration"))
    var expiresIn: String?

    func run() throws {
        guard let role = AdminRole(rawValue: role) else {
            let roles = AdminRole.allCases.map { $0.rawValue }.joined(separator: ", ")
            throw ValidationError("'\(role)' is not a role; there are \(roles)")
        }
        let life = expiresIn.flatMap { Duration(goSyntax: $0) }
        if let expiresIn, life == nil || life ?? .zero <= .zero {
            throw ValidationError("--expires-in takes a duration such as 12h or 30m, not '\(expiresIn)'")
        }
        if let name, !Self.isName(name) {
            throw ValidationError("a name has 1 to 100 letters, digits, or any of . _ - @")
        }
        do throws(TokenStoreError) {
            let made = try options.store.create(
                name: name, role: role, at: SystemClock().unixNanoseconds, life: life)
            print(made.text)
        } catch {
            throw error.reported()
        }
    }

    private static func isName(_ text: String) -> Bool {
        (1...100).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "._-@".utf8.contains(byte)
            }
    }
}
