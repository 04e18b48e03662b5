internal import Settings
internal import Synchronization

/// The tokens that are valid now.
final class TokenList: Sendable {
    private struct State {
        var first: Secret
        var digests: [CredentialDigest]
    }

    private let hasher = CredentialHasher()
    private let state: Mutex<State>

    init(_ tokens: [String]) {
        state = Mutex(Self.state(tokens, hasher))
    }

    var isEmpty: Bool { state.withLock { $0.digests.isEmpty } }

    /// The token to send; empty when there is none.
    var first: String { state.withLock { $0.first }.reveal() }

    /// From now on these are the tokens.
    func use(_ tokens: [String]) {
        let new = Self.state(tokens, hasher)
        state.withLock { $0 = new }
    }

    /// Whether `token` is one of them; takes the same time wherever it stands, and if it is none.
    func contains(_ token: String) -> Bool {
        let digest = hasher.digest(token)
        let digests = state.withLock { $0.digests }
        return digests.reduce(false) { found, one in
            let isSame = one.matches(digest)
            return found || isSame
        }
    }

    private static func state(_ tokens: [String], _ hasher: CredentialHasher) -> State {
        State(first: Secret(tokens.first ?? ""), digests: tokens.map { hasher.digest($0) })
    }
}
