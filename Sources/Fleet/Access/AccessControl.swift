public import FleetStore
public import Logging
public import OpAMP
public import Pipeline
internal import Synchronization

/// Who may use the fleet manager, and which agents are let in.
///
/// All it needs to decide is in memory; the store has the truth, and `follow()` keeps both alike, so that
/// what one manager revokes is refused by all within seconds.
public final class AccessControl: Sendable {
    /// The tokens of people and programs.
    public let users: UserTokens
    /// The tokens that new agents come with.
    public let enrollmentTokens: EnrollmentTokens
    /// The agents that came with them.
    public let enrollments: Enrollments
    /// What agents have of their own.
    public let credentials: AgentCredentials
    /// Issues certificates to agents.
    public let authority: CertificateAuthority

    let clock: any PipelineClock
    let allowsAnyAgent: Bool
    private let duties: DutySettings
    private let tries: FailedTries
    private let requests: RequestQuota
    let onCertificate = Mutex<@Sendable (InstanceUID, IssuedCertificate) -> Void>({ _, _ in })
    private let follower: StoreFollower

    private init(
        _ store: FleetStore, authority: CertificateAuthority, allowsAnyAgent: Bool,
        clock: any PipelineClock, logger: Logger
    ) {
        users = UserTokens(store, clock: clock)
        enrollmentTokens = EnrollmentTokens(store, clock: clock)
        enrollments = Enrollments(store, tokens: enrollmentTokens, clock: clock)
        credentials = AgentCredentials(store, clock: clock)
        duties = DutySettings(store)
        tries = FailedTries(clock: clock)
        requests = RequestQuota(clock: clock)
        follower = StoreFollower(store: store, clock: clock, logger: logger)
        self.authority = authority
        self.allowsAnyAgent = allowsAnyAgent
        self.clock = clock
    }

    /// Reads who has access from a store.
    ///
    /// - Parameters:
    ///   - store: Where everything but the authority's key is kept.
    ///   - stateDirectory: Where the authority's key is, or is made.
    ///   - allowsAnyAgent: Whether agents without any credential are let in; for loopback only.
    ///   - certificateLife: How long agents' certificates are valid.
    ///   - clock: The time.
    ///   - logger: Where trouble with the store is told of.
    /// - Returns: What is ready to decide.
    /// - Throws: `AccessError`, such as for an authority that is not that of the store.
    public static func open(
        _ store: FleetStore, stateDirectory: String, allowsAnyAgent: Bool = false,
        certificateLife: Duration = CertificateAuthority.life, clock: any PipelineClock, logger: Logger
    ) async throws(AccessError) -> AccessControl {
        let access = AccessControl(
            store,
            authority: try CertificateAuthority.open(
                in: stateDirectory, life: certificateLife, clock: clock),
            allowsAnyAgent: allowsAnyAgent, clock: clock, logger: logger)
        do throws(StoreError) {
            try await access.users.load()
            try await access.enrollmentTokens.table.load()
            try await access.enrollments.load()
            try await access.credentials.table.load()
            try await access.duties.load()
        } catch {
            throw .store(error)
        }
        try await AuthorityAgreement(store).check(access.authority, in: stateDirectory)
        return access
    }

    /// Takes over what other managers change, until the task is cancelled.
    public func follow() async {
        await follower.follow { (change) async throws(StoreError) in try await self.note(change) }
    }

    func note(_ change: StoreChange) async throws(StoreError) {
        try await users.note(change)
        try await enrollmentTokens.table.note(change)
        try await enrollments.note(change)
        try await credentials.note(change)
        try await duties.note(change)
    }

    // MARK: - People

    /// Makes the first token, with the role admin, when there is none at all.
    ///
    /// - Returns: Its text, to be written where only its owner can read it; `nil` when there are tokens.
    public func firstToken() async throws(AccessError) -> String? {
        guard users.table.count == 0 else { return nil }
        do throws(AccessError) {
            return try await users.create(
                UserTokenRequest(name: "admin", owner: "admin", roles: [.admin]), by: "system", id: "first"
            ).text
        } catch {
            // Another manager of the same store was faster.
            if case .conflict = error { return nil }
            throw error
        }
    }

    /// Why a request has no user.
    public enum UserRefusal: Error, Sendable, Hashable {
        /// There is nothing that says who it is.
        case missing
        /// What there is, is not valid (any more).
        case invalid
    }

    /// Who makes a request; whoever asks slows down those who guess.
    ///
    /// - Parameter authorization: The field of that name.
    /// - Returns: The user with what they may do.
    /// - Throws: `UserRefusal`.
    public func user(authorization: String?) throws(UserRefusal) -> FleetUser {
        guard let authorization else { throw .missing }
        if let text = SecureToken.bearer(authorization), let user = users.user(text) { return user }
        throw .invalid
    }

    /// Whether somebody who was let in still would be: for streams, which outlive their request.
    public func isValid(_ user: FleetUser) -> Bool { users.isValid(user) }

    /// Who has to say yes to what, and the version of that for `ETag`.
    public var separationOfDuties: (settings: SeparationOfDuties, version: Int64) { duties.current }

    /// Says who has to say yes to what.
    @discardableResult
    public func setSeparationOfDuties(
        _ settings: SeparationOfDuties, over version: Int64?
    ) async throws(AccessError) -> Int64 {
        try await duties.put(settings, over: version)
    }

    // MARK: - Agents

    /// What a connection of agents has proved; decided at once, for the head of a request.
    ///
    /// - Parameters:
    ///   - authorization: The field of that name.
    ///   - certificateName: The common name of its certificate, verified against the authority.
    ///   - certificateSerial: The serial number of it in hexadecimal, without leading zero bytes.
    ///   - address: From where it comes.
    /// - Returns: Who it is.
    /// - Throws: `AgentRefusal`.
    public func agent(
        authorization: String?, certificateName: String? = nil, certificateSerial: String? = nil,
        address: String
    ) throws(AgentRefusal) -> AgentPrincipal {
        if let certificateName, let certificateSerial,
            let found = credentials.agent(certificate: certificateName, serial: certificateSerial)
        {
            if found.isFirstUse { noteFirstUse(ofCertificate: certificateSerial, by: found.uid) }
            return .certificate(found.uid)
        }
        if let authorization {
            if let text = SecureToken.bearer(authorization) {
                if let found = credentials.agent(token: text) {
                    if found.isFirstUse { noteFirstUse(of: String(text), by: found.uid) }
                    return .agent(found.uid)
                }
                if let token = enrollmentTokens.token(text: text, address: address) {
                    return .enrollment(
                        token: token.id, labels: token.labels, isApproved: token.isAutomatic,
                        keep: token.keep)
                }
            }
            throw refusal("the token is not valid, or not any more, or not from this address", address)
        }
        if certificateName != nil { throw refusal("the certificate is not valid any more", address) }
        if allowsAnyAgent { return .anyone }
        throw refusal("send an enrollment token, the agent's own token or its certificate", address)
    }

    private func refusal(_ reason: String, _ address: String) -> AgentRefusal {
        tries.note(address).map { .throttled(after: $0) } ?? .unauthenticated(reason)
    }

    // The answer does not wait for these, and nothing is lost with one: the next connection notes it again.
    private func noteFirstUse(of token: String, by uid: InstanceUID) {
        Task { try? await credentials.noteUse(of: token, by: uid) }
    }

    private func noteFirstUse(ofCertificate serial: String, by uid: InstanceUID) {
        Task { try? await credentials.noteUse(ofCertificate: serial, by: uid) }
    }

    /// Says what to do when an agent's credentials are taken away: its sessions have to end.
    public func onRevocation(_ body: @escaping @Sendable (InstanceUID) -> Void) {
        credentials.onRevocation(body)
    }

    /// Says whom to tell of every certificate that is issued.
    public func onCertificate(_ body: @escaping @Sendable (InstanceUID, IssuedCertificate) -> Void) {
        onCertificate.withLock { $0 = body }
    }

    /// Whether an agent may have its one certificate a minute; noted when it may.
    func takeRequest(_ uid: InstanceUID) throws(AccessError) {
        if let wait = requests.take(uid) { throw .tooMany(after: wait) }
    }
}

/// One request for a certificate a minute for each agent.
///
/// Bounded: at most `limit` agents are remembered; those whose minute is over are forgotten, then all.
final class RequestQuota: Sendable {
    static let pause = Duration.seconds(60)
    static let limit = 100_000

    private let clock: any PipelineClock
    private let last = Mutex<[InstanceUID: Instant]>([:])

    init(clock: any PipelineClock) { self.clock = clock }

    /// The time to wait; `nil` when the agent may.
    func take(_ uid: InstanceUID) -> Duration? {
        let now = clock.now
        return last.withLock { last in
            if let before = last[uid], now - before < Self.pause { return Self.pause - (now - before) }
            if last.count >= Self.limit {
                last = last.filter { now - $0.value < Self.pause }
                if last.count >= Self.limit { last = [:] }
            }
            last[uid] = now
            return nil
        }
    }
}
