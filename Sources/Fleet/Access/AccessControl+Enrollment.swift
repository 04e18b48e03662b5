public import OpAMP
internal import Pipeline
internal import Synchronization

extension AccessControl {
    /// What an agent may be that speaks over a connection with a certain credential; decided at once.
    public func standing(of uid: InstanceUID, as principal: AgentPrincipal) -> AgentStanding {
        let credential = credentials.credential(of: uid)
        if let credential, credential.revoked != nil {
            return .refused("the credentials of the agent were taken away")
        }
        switch principal {
        case .anyone: return allowsAnyAgent ? .admitted : .refused("the agent has no credential")
        case .agent(let own), .certificate(let own):
            let before = own == uid ? nil : credentials.credential(of: own)
            if let before, before.revoked != nil {
                return .refused("the credentials of the agent were taken away")
            }
            return own == uid || before?.successors.contains(uid) == true
                ? .admitted : .refused("the credential is that of another agent")
        case .enrollment(let id, _, _, _):
            guard let token = enrollmentTokens.token(id) else {
                return .refused("the enrollment token was revoked")
            }
            if credential?.isProved == true {
                return .refused("the agent has a credential of its own, so an enrollment token is not enough")
            }
            return standing(of: uid, with: token)
        }
    }

    private func standing(of uid: InstanceUID, with token: EnrollmentToken) -> AgentStanding {
        guard let enrollment = enrollments.enrollment(of: uid) else { return .new }
        // Who knows a token must not be able to be an agent that came with another.
        if enrollment.token != token.id {
            let former = enrollmentTokens.token(enrollment.token)
            return former == nil ? .new : .refused("the agent has enrolled with another token")
        }
        switch enrollment.state {
        case .waiting: return .waiting
        case .rejected: return .refused(enrollment.reason.isEmpty ? "it was turned away" : enrollment.reason)
        case .approved:
            guard token.keep || !token.hasExpired(at: clock.unixNanoseconds) else {
                return .refused("the enrollment token has expired and may not be kept")
            }
            return .admitted
        }
    }

    /// Decides about an agent whose standing is `.new`.
    public func enroll(_ request: EnrollmentRequest) async throws(AccessError) -> AgentStanding {
        let standing = standing(of: request.uid, as: request.principal)
        guard standing == .new, case .enrollment(let token, _, _, _) = request.principal else {
            return standing
        }
        do throws(AccessError) {
            let enrollment = try await enrollments.enroll(request, with: token)
            return enrollment.state == .approved ? .admitted : .waiting
        } catch {
            switch error {
            case .forbidden(let reason), .full(let reason): return .refused(reason)
            default: throw error
            }
        }
    }

    /// Lets an agent in that waits, was turned away, or had its credentials taken away; in the last case it
    /// begins anew and what it had before stays worthless.
    @discardableResult
    public func approve(_ uid: InstanceUID, by user: FleetUser) async throws(AccessError) -> Enrollment {
        let enrollment = try await enrollments.decide(uid, .approved, reason: "", by: user.name)
        if credentials.credential(of: uid)?.revoked != nil { try await credentials.reset(uid) }
        return enrollment
    }

    /// Turns an agent away that waits or was let in.
    @discardableResult
    public func reject(
        _ uid: InstanceUID, reason: String, by user: FleetUser
    ) async throws(AccessError) -> Enrollment {
        let enrollment = try await enrollments.decide(uid, .rejected, reason: reason, by: user.name)
        try await credentials.revoke(uid, by: user.name, reason: reason)
        return enrollment
    }

    /// Takes away all that an agent has; its sessions end, and it is refused until somebody approves it anew.
    public func revoke(_ uid: InstanceUID, reason: String, by user: FleetUser) async throws(AccessError) {
        try await credentials.revoke(uid, by: user.name, reason: reason)
        if enrollments.enrollment(of: uid) != nil {
            _ = try await enrollments.decide(uid, .rejected, reason: reason, by: user.name)
        }
    }

    /// A new token of an agent's own, to be offered to it; those it has stay valid until it comes with it.
    public func agentToken(for uid: InstanceUID) async throws(AccessError) -> String {
        if credentials.credential(of: uid)?.revoked != nil {
            throw .forbidden("the credentials of \(uid) were taken away")
        }
        return try await credentials.makeToken(for: uid)
    }

    /// Answers an agent's request for a certificate.
    ///
    /// - Parameters:
    ///   - pem: The request (PKCS #10) in PEM.
    ///   - uid: Who sent it.
    ///   - principal: The credential of its connection.
    /// - Returns: The certificate.
    /// - Throws: `.badRequest` for what is wrong with it, `.tooMany` for more than one a minute, `.forbidden`
    ///   for an agent that is not let in.
    public func issueCertificate(
        _ pem: String, for uid: InstanceUID, as principal: AgentPrincipal
    ) async throws(AccessError) -> IssuedCertificate {
        guard standing(of: uid, as: principal) == .admitted else {
            throw .forbidden("the agent is not let in")
        }
        // The quota comes first: requests that are wrong cost as much.
        try takeRequest(uid)
        let certificate = try authority.issue(pem, for: uid)
        try await credentials.register(certificate, for: uid)
        onCertificate.withLock { $0 }(uid, certificate)
        return certificate
    }

    /// Lets the credentials of an agent count for the id that the manager has given it instead, until it has
    /// some for that.
    public func rename(_ uid: InstanceUID, to successor: InstanceUID) async throws(AccessError) {
        try await credentials.addSuccessor(of: uid, successor)
    }
}
