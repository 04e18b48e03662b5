internal import FleetStore
internal import Pipeline
internal import Synchronization

/// The tokens of people and programs.
///
/// All are in memory, so that a request is answered without asking the store; what other managers revoke is
/// known here within seconds.
public final class UserTokens: Sendable {
    /// The most tokens there may be.
    public static let limit = 10_000

    /// A token and when it was used last, in nanoseconds since 1970; that is known in memory only, by each
    /// manager for itself.
    public typealias Listed = (token: UserToken, lastUsed: UInt64?)

    let table: DocumentTable<UserToken>
    private let clock: any PipelineClock
    private let uses = Mutex<[String: UInt64]>([:])
    private let onRevocation = Mutex<@Sendable (String) -> Void>({ _ in })

    init(_ store: FleetStore, clock: any PipelineClock) {
        table = DocumentTable(store)
        self.clock = clock
    }

    /// All tokens, the oldest first.
    public func list() -> [Listed] {
        let uses = uses.withLock { $0 }
        return table.rows.sorted { ($0.created, $0.id) < ($1.created, $1.id) }.map { ($0, uses[$0.id]) }
    }

    /// A token by its id.
    public func token(_ id: String) -> Listed? {
        table[id].map { entry in (entry.row, uses.withLock { $0[id] }) }
    }

    /// Makes a token.
    ///
    /// - Parameters:
    ///   - request: What it is to be.
    ///   - author: Who makes it.
    /// - Returns: The token and its text, which is kept nowhere.
    /// - Throws: `AccessError`.
    public func create(
        _ request: UserTokenRequest, by author: String
    ) async throws(AccessError) -> (token: UserToken, text: String) {
        try await create(request, by: author, id: nil)
    }

    /// Makes a token with a certain id, which is a conflict when there is one.
    func create(
        _ request: UserTokenRequest, by author: String, id: String?
    ) async throws(AccessError) -> (token: UserToken, text: String) {
        guard FleetName.isName(request.name) else { throw .invalid("the name \(FleetName.rule)") }
        guard !request.roles.isEmpty else { throw .invalid("a token needs a role") }
        guard request.owner.utf8.count <= 256 else { throw .invalid("the owner has more than 256 bytes") }
        if let life = request.life, life <= .zero { throw .invalid("a token must be valid for some time") }
        guard table.first(where: { $0.name == request.name }) == nil else {
            throw .invalid("there is a token named '\(request.name)'; revoke it first")
        }
        guard table.count < Self.limit else { throw .full("there are \(Self.limit) tokens; revoke some") }
        let secure = SecureToken.make(.user, id: id)
        let now = clock.unixNanoseconds
        let token = UserToken(
            id: secure.id, name: request.name, owner: request.owner.isEmpty ? request.name : request.owner,
            roles: request.roles, author: author, created: now,
            expires: request.life.map { AccessText.time(now, plus: $0) },
            hash: SecureToken.hash(secure.text))
        do throws(StoreError) { try await table.put(token, expecting: .absent) } catch {
            throw AccessError(error, "the token '\(request.name)'")
        }
        return (token, secure.text)
    }

    /// Takes a token away, by its id or its name; requests with it fail from now on and streams end.
    @discardableResult
    public func revoke(_ name: String) async throws(AccessError) -> UserToken {
        guard let entry = table[name] ?? table.first(where: { $0.name == name }) else {
            throw .notFound("token '\(name)'")
        }
        do throws(StoreError) { try await table.delete(entry.row.id, expecting: .any) } catch {
            throw AccessError(error, "the token '\(name)'")
        }
        ended(entry.row.id)
        return entry.row
    }

    /// Says what to do when a token is gone, with its id: whoever holds a stream open with it has to go.
    public func onRevocation(_ body: @escaping @Sendable (String) -> Void) {
        onRevocation.withLock { $0 = body }
    }

    /// Who comes with this text; `nil` when it is no token that is valid.
    func user(_ text: some StringProtocol) -> FleetUser? {
        guard let id = SecureToken.id(in: text, .user), let token = table[id]?.row,
            SecureToken.matches(text, token.hash)
        else { return nil }
        let now = clock.unixNanoseconds
        guard !token.hasExpired(at: now) else { return nil }
        uses.withLock { $0[id] = now }
        return token.user
    }

    /// Whether the token of a user is still valid; one without a token is.
    func isValid(_ user: FleetUser) -> Bool {
        guard !user.token.isEmpty else { return true }
        guard let token = table[user.token]?.row else { return false }
        return !token.hasExpired(at: clock.unixNanoseconds)
    }

    func load() async throws(StoreError) { try await table.load() }

    func note(_ change: StoreChange) async throws(StoreError) {
        switch change {
        case .document(.userToken, _), .everything: break
        default: return
        }
        let before = table.rows
        try await table.note(change)
        for token in before where table[token.id] == nil { ended(token.id) }
    }

    private func ended(_ id: String) {
        uses.withLock { $0[id] = nil }
        onRevocation.withLock { $0 }(id)
    }
}
