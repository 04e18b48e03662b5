internal import Wire

extension ClientSession {
    /// The offered settings are in use, and the connection to the server need not change for them.
    ///
    /// - Parameters:
    ///   - hash: That of the offer.
    ///   - heartbeat: The interval that the offer named, 0 for never; `nil` leaves it as it is.
    ///   - now: The time.
    public mutating func applied(_ hash: [UInt8], heartbeat: Duration? = nil, now: Duration) {
        if let heartbeat { settings.heartbeat = heartbeat == .zero ? nil : heartbeat }
        update(now: now) {
            $0.connectionSettingsStatus = ConnectionSettingsStatus(lastHash: hash, status: .applied)
        }
    }

    /// The offered settings are not used; `reason` is for the people who made them.
    public mutating func refused(_ hash: [UInt8], reason: String, now: Duration) {
        update(now: now) {
            $0.connectionSettingsStatus = ConnectionSettingsStatus(
                lastHash: hash, status: .failed, errorMessage: reason)
        }
    }

    /// Leaves the server and tries the offered settings, kept beside those in use.
    ///
    /// They are in use when a message comes back within `ClientSettings.verificationTime`; otherwise the
    /// session returns to the servers it had.
    ///
    /// - Parameters:
    ///   - hash: That of the offer.
    ///   - transport: How the new server is reached.
    ///   - heartbeat: The interval that the offer named, 0 for never; `nil` leaves it as it is.
    ///   - now: The time.
    public mutating func verify(
        _ hash: [UInt8], transport: ClientTransport, heartbeat: Duration? = nil, now: Duration
    ) {
        guard phase != .stopped else { return }
        var interval: Duration??
        if let heartbeat { interval = .some(heartbeat == .zero ? nil : heartbeat) }
        candidate = Candidate(
            transport: transport, hash: hash, heartbeat: interval, deadline: now + settings.verificationTime)
        if case .connected(let route) = phase { sayGoodbye(route, now) }
        switch phase {
        case .connected, .connecting: actions.append(.disconnect(code: 1000))
        case .idle, .waiting, .stopped: break
        }
        forgetConnection()
        delay.succeeded()
        attempt(.candidate, now)
    }

    /// The candidate is what is used from now on.
    mutating func adoptCandidate() {
        guard let candidate else { return }
        self.candidate = nil
        settings.servers = [candidate.transport]
        notBefore = [:]
        if let heartbeat = candidate.heartbeat { settings.heartbeat = heartbeat }
        phase = .connected(.server(0))
        report.connectionSettingsStatus = ConnectionSettingsStatus(
            lastHash: candidate.hash, status: .applied)
        changed.insert(.connectionSettingsStatus)
        isUrgent = true
        actions.append(.candidateVerified(hash: candidate.hash))
    }

    /// The candidate does not work: back to what was there before.
    mutating func abandonCandidate(_ now: Duration) {
        guard let candidate else { return }
        self.candidate = nil
        switch phase {
        case .connected, .connecting: actions.append(.disconnect(code: 1000))
        case .idle, .waiting, .stopped: break
        }
        forgetConnection()
        report.connectionSettingsStatus = ConnectionSettingsStatus(
            lastHash: candidate.hash, status: .failed, errorMessage: candidate.reason)
        changed.insert(.connectionSettingsStatus)
        actions.append(.candidateFailed(hash: candidate.hash, reason: candidate.reason))
        delay.succeeded()
        attempt(.server(0), now)
    }

    private mutating func forgetConnection() {
        isEstablished = false
        underway = nil
        serverCapabilities = nil
        serverCustomCapabilities = nil
    }
}
