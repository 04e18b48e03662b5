internal import NIOPosix
internal import Pipeline
internal import Synchronization

/// Checks names and passwords, and remembers the answers.
///
/// What is known is answered at once. Hashes are checked one after another on a thread that may wait; at
/// most 64 credentials that are new wait for that, senders of others are told to come again. 1024 right and
/// 1024 wrong credentials are remembered, as keyed hashes, until the users change.
final class PasswordVerifier: Sendable {
    private struct Check: Sendable {
        let digest: CredentialDigest
        let username: String
        let password: [UInt8]
        /// The hash of the user, or of another one when there is no such user, so that it takes as long.
        let hash: String
        let exists: Bool
        let answer = PendingAuthentication()
    }

    private struct State {
        var users = PasswordList()
        /// Counts the lists of users, so that an answer for an earlier one is not remembered.
        var generation = 0
        var accepted = BoundedMemory<Principal>(capacity: 1024)
        var rejected = BoundedMemory<Void>(capacity: 1024)
        /// In the order in which they are checked; the first one is being checked.
        var checks: [Check] = []
        /// Whether a thread works them off.
        var isWorking = false
    }

    private static let waitingLimit = 64
    private static let wrong = BasicAuth.refusal("the name or the password is wrong")

    let hasher = CredentialHasher()
    private let state = Mutex(State())

    /// From now on these are the users.
    func use(_ users: PasswordList) {
        state.withLock { state in
            state.users = users
            state.generation += 1
            state.accepted.removeAll()
            state.rejected.removeAll()
        }
    }

    /// Decides about a value of the field `authorization`.
    func verify(_ authorization: String) -> AuthenticationVerdict {
        let digest = hasher.digest(authorization)
        let (verdict, starts) = state.withLock { state -> (AuthenticationVerdict, Bool) in
            if let principal = state.accepted[digest] { return (.granted(principal), false) }
            if state.rejected[digest] != nil { return (.refused(Self.wrong), false) }
            if let check = state.checks.first(where: { $0.digest == digest }) {
                return (.pending(check.answer), false)
            }
            let verdict = decide(authorization, digest, &state)
            let starts = !state.isWorking && !state.checks.isEmpty
            if starts { state.isWorking = true }
            return (verdict, starts)
        }
        if starts { work() }
        return verdict
    }

    private func decide(
        _ authorization: String, _ digest: CredentialDigest, _ state: inout State
    ) -> AuthenticationVerdict {
        guard let (username, password) = Self.parse(authorization) else {
            return .refused(BasicAuth.refusal("the credentials are not those of Basic authentication"))
        }
        let hash: String
        let entry = state.users.entries[username]
        switch entry {
        case .plain(let expected):
            guard hasher.digest(password).matches(expected) else {
                state.rejected.insert((), for: digest)
                return .refused(Self.wrong)
            }
            let principal = Principal(attributes: ["username": username])
            state.accepted.insert(principal, for: digest)
            return .granted(principal)
        case .hashed(let own): hash = own
        case nil:
            guard let other = state.users.anyHash else { return .refused(Self.wrong) }
            hash = other
        }
        guard state.checks.count < Self.waitingLimit else {
            return .refused(.later(reason: "too many passwords are being checked"))
        }
        let check = Check(
            digest: digest, username: username, password: password, hash: hash, exists: entry != nil)
        state.checks.append(check)
        return .pending(check.answer)
    }

    /// Name and password of `Basic` credentials; `nil` when they are something else.
    private static func parse(_ authorization: String) -> (username: String, password: [UInt8])? {
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "basic",
            let bytes = Base64.decoded(String(parts[1])), let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        return (String(decoding: bytes[..<colon], as: UTF8.self), Array(bytes[(colon + 1)...]))
    }

    // MARK: - Hashes

    private func work() {
        NIOThreadPool.singleton.submit { [self] activity in
            if case .active = activity { while let check = next() { finish(check) } } else { giveUp() }
        }
    }

    private func next() -> (Check, generation: Int)? {
        state.withLock { state in
            state.isWorking = !state.checks.isEmpty
            return state.checks.first.map { ($0, state.generation) }
        }
    }

    private func finish(_ next: (Check, generation: Int)) {
        let (check, generation) = next
        let computed = PasswordHash.compute(check.password, like: check.hash).map { hasher.digest($0) }
        let isRight = (computed?.matches(hasher.digest(check.hash)) ?? false) && check.exists
        let principal = Principal(attributes: ["username": check.username])
        state.withLock { state in
            state.checks.removeFirst()
            guard state.generation == generation else { return }
            if isRight {
                state.accepted.insert(principal, for: check.digest)
            } else {
                state.rejected.insert((), for: check.digest)
            }
        }
        check.answer.decide(isRight ? .success(principal) : .failure(Self.wrong))
    }

    /// The threads are gone, so the process ends.
    private func giveUp() {
        let checks = state.withLock { state in
            defer {
                state.checks = []
                state.isWorking = false
            }
            return state.checks
        }
        for check in checks { check.answer.decide(.failure(.later(reason: "the collector stops"))) }
    }
}
