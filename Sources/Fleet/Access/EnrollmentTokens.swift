internal import FleetStore
internal import Pipeline

/// The tokens that new agents come with.
public final class EnrollmentTokens: Sendable {
    /// The most tokens there may be.
    public static let limit = 10_000

    let table: DocumentTable<EnrollmentToken>
    private let clock: any PipelineClock

    init(_ store: FleetStore, clock: any PipelineClock) {
        table = DocumentTable(store)
        self.clock = clock
    }

    /// All tokens, the oldest first.
    public func list() -> [EnrollmentToken] {
        table.rows.sorted { ($0.created, $0.id) < ($1.created, $1.id) }
    }

    /// A token by its id.
    public func token(_ id: String) -> EnrollmentToken? { table[id]?.row }

    /// Makes a token.
    ///
    /// - Parameters:
    ///   - request: What it is to be.
    ///   - author: Who makes it.
    /// - Returns: The token and its text, which is kept nowhere.
    /// - Throws: `AccessError`.
    public func create(
        _ request: EnrollmentTokenRequest, by author: String
    ) async throws(AccessError) -> (token: EnrollmentToken, text: String) {
        guard FleetName.isName(request.name) else { throw .invalid("the name \(FleetName.rule)") }
        guard request.labels.count <= 64, request.networks.count <= 64 else {
            throw .invalid("a token has at most 64 labels and 64 networks")
        }
        for (key, value) in request.labels where key.isEmpty || key.utf8.count > 256 || value.utf8.count > 256
        {
            throw .invalid("the label '\(key.prefix(64))' has more than 256 bytes, or no name")
        }
        if let most = request.mostUses, most < 1 { throw .invalid("a token must be for at least one agent") }
        if let life = request.life, life <= .zero { throw .invalid("a token must be valid for some time") }
        guard table.first(where: { $0.name == request.name }) == nil else {
            throw .invalid("there is an enrollment token named '\(request.name)'; revoke it first")
        }
        guard table.count < Self.limit else {
            throw .full("there are \(Self.limit) enrollment tokens; revoke some")
        }
        let secure = SecureToken.make(.enrollment)
        let now = clock.unixNanoseconds
        let token = EnrollmentToken(
            id: secure.id, name: request.name, labels: request.labels, networks: request.networks,
            isAutomatic: request.isAutomatic, keep: request.keep, mostUses: request.mostUses, uses: 0,
            author: author, created: now, expires: request.life.map { AccessText.time(now, plus: $0) },
            hash: SecureToken.hash(secure.text))
        do throws(StoreError) { try await table.put(token, expecting: .absent) } catch {
            throw AccessError(error, "the enrollment token '\(request.name)'")
        }
        return (token, secure.text)
    }

    /// Takes a token away, by its id or its name; agents that stay with it are turned away from now on.
    @discardableResult
    public func revoke(_ name: String) async throws(AccessError) -> EnrollmentToken {
        guard let entry = table[name] ?? table.first(where: { $0.name == name }) else {
            throw .notFound("enrollment token '\(name)'")
        }
        do throws(StoreError) { try await table.delete(entry.row.id, expecting: .any) } catch {
            throw AccessError(error, "the enrollment token '\(name)'")
        }
        return entry.row
    }

    /// The token with this text, if it may be used from this address.
    ///
    /// One that has expired or is used up is still known: it lets nobody in who is new.
    func token(text: some StringProtocol, address: String) -> EnrollmentToken? {
        guard let id = SecureToken.id(in: text, .enrollment), let token = table[id]?.row,
            SecureToken.matches(text, token.hash)
        else { return nil }
        let isNear = token.networks.isEmpty || token.networks.contains { $0.contains(address) }
        return isNear ? token : nil
    }

    /// Counts agents that enroll; `false` when they are more than may.
    func count(_ agents: Int, on id: String) async throws(StoreError) -> Bool {
        for _ in 0..<16 {
            guard let entry = table[id] else { return false }
            guard entry.row.mostUses != nil else { return true }
            var row = entry.row
            row.uses += agents
            guard row.uses <= row.mostUses ?? .max else { return false }
            do throws(StoreError) {
                try await table.put(row, expecting: .version(entry.version))
                return true
            } catch .conflict {
                // It has been read again.
                continue
            }
        }
        return false
    }
}
