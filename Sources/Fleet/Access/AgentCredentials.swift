internal import FleetModel
internal import FleetStore
public import OpAMP
internal import Pipeline
internal import Synchronization

/// The credentials of all agents that have some of their own.
///
/// All are in memory, so that a connection is decided about at once.
public final class AgentCredentials: Sendable {
    /// The most agents with credentials of their own.
    public static let limit = 1_000_000
    /// How long an old token still counts after the agent came with a newer one.
    static let overlap = Duration.seconds(3600)
    /// Certificates of one agent that are remembered.
    static let mostCertificates = 16

    let table: DocumentTable<AgentCredential>
    private let clock: any PipelineClock
    private let onRevocation = Mutex<@Sendable (InstanceUID) -> Void>({ _ in })

    init(_ store: FleetStore, clock: any PipelineClock) {
        table = DocumentTable(store)
        self.clock = clock
    }

    /// What an agent has; `nil` when it has nothing of its own.
    public func credential(of uid: InstanceUID) -> AgentCredential? { table[uid.description]?.row }

    /// Says what to do when the credentials of an agent are taken away: its sessions have to end.
    func onRevocation(_ body: @escaping @Sendable (InstanceUID) -> Void) {
        onRevocation.withLock { $0 = body }
    }

    // MARK: - Checking

    /// The agent whose own token this is, and whether it is here with it for the first time.
    func agent(token text: some StringProtocol) -> (uid: InstanceUID, isFirstUse: Bool)? {
        guard let id = SecureToken.id(in: text, .agent), let uid = InstanceUID(dashless: id),
            let credential = table[uid.description]?.row, credential.revoked == nil
        else { return nil }
        let now = clock.unixNanoseconds
        var found: AgentCredential.Token?
        // All are compared, so that the time does not tell which one it is.
        for token in credential.tokens where SecureToken.matches(text, token.hash) { found = token }
        guard let found, found.expires.map({ $0 > now }) ?? true else { return nil }
        return (uid, !found.isUsed)
    }

    /// The agent of a certificate that was verified against the manager's authority.
    ///
    /// - Parameters:
    ///   - name: The common name in its subject.
    ///   - serial: Its serial number in hexadecimal: it has to be one that was issued to this agent and is
    ///     not taken away.
    /// - Returns: Who it is.
    func agent(certificate name: String, serial: String) -> (uid: InstanceUID, isFirstUse: Bool)? {
        guard let uid = InstanceUID(name), let credential = table[uid.description]?.row,
            credential.revoked == nil
        else { return nil }
        let now = clock.unixNanoseconds
        let found = credential.certificates.first { certificate in
            certificate.serial == serial && certificate.expires > now
        }
        return found.map { (uid, !$0.isUsed) }
    }

    // MARK: - Changing

    /// A new token for an agent, beside those it has.
    ///
    /// Of those that it never came with only the newest stays beside it, so that offers that were lost do not
    /// pile up.
    func makeToken(for uid: InstanceUID) async throws(AccessError) -> String {
        let secure = SecureToken.make(.agent, id: uid.dashless)
        let now = clock.unixNanoseconds
        try await change(uid) { credential in
            let newest = credential.tokens.last { !$0.isUsed }
            credential.tokens.removeAll { token in
                !token.isUsed && token != newest || token.expires.map { $0 <= now } ?? false
            }
            credential.tokens.append(
                AgentCredential.Token(
                    hash: SecureToken.hash(secure.text), created: now, expires: nil, isUsed: false))
        }
        return secure.text
    }

    /// Takes note that an agent came with a token: those before it count for `overlap` only.
    func noteUse(of text: String, by uid: InstanceUID) async throws(AccessError) {
        let hash = SecureToken.hash(text)
        let end = AccessText.time(clock.unixNanoseconds, plus: Self.overlap)
        try await change(uid) { credential in
            guard let place = credential.tokens.firstIndex(where: { $0.hash == hash }) else { return }
            credential.tokens[place].isUsed = true
            for index in credential.tokens.indices where index < place {
                credential.tokens[index].expires = min(credential.tokens[index].expires ?? .max, end)
            }
        }
    }

    /// Takes note that an agent came with a certificate.
    func noteUse(ofCertificate serial: String, by uid: InstanceUID) async throws(AccessError) {
        try await change(uid) { credential in
            for index in credential.certificates.indices
            where credential.certificates[index].serial == serial {
                credential.certificates[index].isUsed = true
            }
        }
    }

    /// Registers a certificate, so that it can be taken away.
    func register(_ certificate: IssuedCertificate, for uid: InstanceUID) async throws(AccessError) {
        let now = clock.unixNanoseconds
        try await change(uid) { credential in
            credential.certificates.removeAll { $0.expires <= now }
            credential.certificates.append(
                AgentCredential.Certificate(
                    serial: certificate.serial, issued: now, expires: certificate.expires, isUsed: false))
            let tooMany = credential.certificates.count - Self.mostCertificates
            if tooMany > 0 { credential.certificates.removeFirst(tooMany) }
        }
    }

    /// Takes everything away that an agent has; its sessions end.
    func revoke(_ uid: InstanceUID, by user: String, reason: String) async throws(AccessError) {
        let now = clock.unixNanoseconds
        try await change(uid) { credential in
            credential.revoked = now
            credential.revoker = user
            credential.reason = String(reason.prefix(1000))
        }
        onRevocation.withLock { $0 }(uid)
    }

    /// Lets an agent begin anew: what it had before stays worthless.
    func reset(_ uid: InstanceUID) async throws(AccessError) {
        guard table[uid.description] != nil else { return }
        try await change(uid) { $0 = AgentCredential(uid: uid) }
    }

    /// Lets the credentials of an agent count for the id that the manager has given it instead.
    func addSuccessor(of uid: InstanceUID, _ successor: InstanceUID) async throws(AccessError) {
        guard table[uid.description] != nil else { return }
        try await change(uid) { credential in
            guard !credential.successors.contains(successor) else { return }
            credential.successors.append(successor)
            let tooMany = credential.successors.count - AgentCredential.mostSuccessors
            if tooMany > 0 { credential.successors.removeFirst(tooMany) }
        }
    }

    func note(_ change: StoreChange) async throws(StoreError) {
        guard case .document(.agentCredential, let id) = change else {
            let before = change == .everything ? table.rows.filter { $0.revoked == nil } : []
            try await table.note(change)
            for row in before where table[row.id]?.row.revoked != nil {
                onRevocation.withLock { $0 }(row.uid)
            }
            return
        }
        let wasRevoked = table[id]?.row.revoked != nil
        try await table.note(change)
        if let row = table[id]?.row, row.revoked != nil, !wasRevoked { onRevocation.withLock { $0 }(row.uid) }
    }

    private func change(
        _ uid: InstanceUID, _ body: (inout AgentCredential) -> Void
    ) async throws(AccessError) {
        for _ in 0..<16 {
            let entry = table[uid.description]
            guard entry != nil || table.count < Self.limit else {
                throw .full("\(Self.limit) agents have credentials of their own")
            }
            var credential = entry?.row ?? AgentCredential(uid: uid)
            body(&credential)
            guard credential != entry?.row else { return }
            do throws(StoreError) {
                try await table.put(credential, expecting: entry.map { .version($0.version) } ?? .absent)
                return
            } catch .conflict {
                // It has been read again.
                continue
            } catch {
                throw .store(error)
            }
        }
        throw .conflict("the credentials of \(uid)")
    }
}

extension InstanceUID {
    /// 32 hexadecimal digits.
    var dashless: String { description.filter { $0 != "-" } }

    /// Reads 32 hexadecimal digits; `nil` for another text.
    init?(dashless text: String) {
        guard text.utf8.count == 32, text.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let high = UInt64(text.prefix(16), radix: 16), let low = UInt64(text.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }
}
