internal import AdminAPI
internal import ArgumentParser
internal import Pipeline
internal import Settings

/// `apus token list`: what there is, without the tokens themselves.
struct TokenListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the tokens, the oldest first.")

    @OptionGroup var options: TokenStoreOptions

    @Flag(help: "Print a JSON array.")
    var json = false

    func run() throws {
        let now = SystemClock().unixNanoseconds
        do throws(TokenStoreError) {
            let tokens = try options.store.list()
            guard !json else {
                return print(Tree.list(tokens.map { Self.tree(of: $0, now) }).json(pretty: true))
            }
            guard !tokens.isEmpty else { return print("no tokens") }
            for token in tokens {
                let end =
                    token.hasExpired(at: now)
                    ? "expired" : token.expires.map { "until \(Self.time($0))" } ?? ""
                print(
                    "\(token.id)  \(token.role.rawValue)  \(token.name)  \(Self.time(token.created))  \(end)")
            }
        } catch {
            throw error.reported()
        }
    }

    private static func tree(of token: AdminToken, _ now: UInt64) -> Tree {
        .table([
            "id": .text(token.id), "name": .text(token.name), "role": .text(token.role.rawValue),
            "created": .text(time(token.created)), "expires": token.expires.map { .text(time($0)) } ?? .null,
            "expired": .bool(token.hasExpired(at: now)),
        ])
    }

    private static func time(_ time: UInt64) -> String { CalendarTime(unixNanoseconds: time).rfc3339 }
}
