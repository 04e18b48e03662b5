public import Wire

extension ClientSession {
    /// A message came, without the header of a frame.
    public mutating func received(_ bytes: Bytes, now: Duration) {
        guard case .connected(let route) = phase else { return }
        heard(now: now)
        let message: ServerToAgent
        do throws(OpAMPError) {
            message = try ServerToAgent(decoding: bytes, limits: settings.limits)
        } catch {
            return unreadable(error, route, now)
        }
        if let other = message.instanceUID, other != uid, other != message.newInstanceUID {
            actions.append(.note(.foreign(other)))
            if transport(of: route) == .http { underway = nil }
            return proceed(now)
        }
        if let error = message.errorResponse { return serverRefused(error, route, now) }
        // Whatever comes counts as the answer: it is the sign that the server keeps up.
        underway = nil
        establish(route, message, now)
        take(message, now)
        proceed(now)
    }

    private mutating func unreadable(_ error: OpAMPError, _ route: ClientRoute, _ now: Duration) {
        underway = nil
        actions.append(.note(.unreadable(error)))
        guard error.kind == .tooLarge, transport(of: route) == .webSocket else { return proceed(now) }
        actions.append(.disconnect(code: 1009))
        leave(route, .tooLarge, now)
    }

    private mutating func serverRefused(
        _ error: ServerErrorResponse, _ route: ClientRoute, _ now: Duration
    ) {
        actions.append(.note(.serverError(error)))
        guard error.kind == .unavailable else {
            underway = nil
            return proceed(now)
        }
        // The message stays under way: it is sent again when the server is back.
        let delay = error.retryAfter.map { Duration.nanoseconds(Int64(clamping: $0)) }
        if transport(of: route) == .webSocket { actions.append(.disconnect(code: 1000)) }
        leave(route, .unavailable(retryAfter: delay), now)
    }

    /// The first message over a connection shows that it works.
    private mutating func establish(_ route: ClientRoute, _ message: ServerToAgent, _ now: Duration) {
        if !message.capabilities.isEmpty, message.capabilities != serverCapabilities {
            // What a server could not take so far was not sent.
            if let before = serverCapabilities, !message.capabilities.isSubset(of: before) {
                changed.formUnion(report.parts)
            }
            serverCapabilities = message.capabilities
        }
        if let custom = message.customCapabilities?.capabilities {
            if custom != serverCustomCapabilities { actions.append(.customCapabilities(custom)) }
            serverCustomCapabilities = custom
        } else if serverCustomCapabilities == nil, !message.capabilities.isEmpty {
            // It has introduced itself, and said nothing of them. An acknowledgement alone decides nothing.
            serverCustomCapabilities = []
        }
        if !custom.isEmpty, serverCustomCapabilities != nil { isUrgent = true }
        if connectionRequest != nil, allowsRequest { isUrgent = true }
        guard !isEstablished else { return }
        isEstablished = true
        delay.succeeded()
        if route == .candidate { adoptCandidate() }
        actions.append(.established(route == .candidate ? .server(0) : route))
    }

    private mutating func take(_ message: ServerToAgent, _ now: Duration) {
        if let command = message.command {
            // A command stands alone: what else there may be is ignored.
            if command == .restart, settings.capabilities.contains(.acceptsRestartCommand) {
                actions.append(.restart)
            }
            return
        }
        if let new = message.newInstanceUID { adopt(new) }
        if message.flags.contains(.reportFullState) { reportEverything(now) }
        if message.flags.contains(.reportAvailableComponents),
            settings.capabilities.contains(.reportsAvailableComponents), report.availableComponents != nil
        {
            changed.insert(.availableComponents)
            sendsAllComponents = true
            isUrgent = true
        }
        if let config = message.remoteConfig { take(config, now) }
        if let offers = message.connectionSettings { take(offers) }
        if let packages = message.packagesAvailable, settings.capabilities.contains(.acceptsPackages) {
            actions.append(.packages(packages))
        }
        if let custom = message.customMessage { actions.append(.custom(custom)) }
    }

    private mutating func adopt(_ new: InstanceUID) {
        requestsUID = false
        guard new != uid else { return }
        uid = new
        actions.append(.newInstanceUID(new))
        changed.formUnion(report.parts)
        isUrgent = true
    }

    /// A server that asks again and again gets its answers with the heartbeats.
    private mutating func reportEverything(_ now: Duration) {
        changed.formUnion(report.parts)
        if lastFullReport.map({ now >= $0 + Self.patience }) ?? true {
            lastFullReport = now
            isUrgent = true
        }
    }

    private mutating func take(_ config: AgentRemoteConfig, _ now: Duration) {
        guard settings.capabilities.contains(.acceptsRemoteConfig) else { return }
        if let last = lastOffer, last.hash == config.hash, now < last.time + Self.patience { return }
        lastOffer = (config.hash, now)
        if let status = report.remoteConfigStatus, status.lastHash == config.hash, !config.hash.isEmpty {
            switch status.status {
            case .applying: return
            case .applied:
                // The server does not seem to know.
                changed.insert(.remoteConfigStatus)
                isUrgent = true
                return
            case .failed, .unset: break
            }
        }
        actions.append(.remoteConfig(config))
    }

    private mutating func take(_ offers: ConnectionSettingsOffers) {
        hasConnectionOffers = true
        guard let permitted = offers.permitted(for: settings.capabilities) else { return }
        if let status = report.connectionSettingsStatus, status.lastHash == offers.hash,
            !offers.hash.isEmpty
        {
            // Said before; the server is told once more what became of it, with the next message.
            changed.insert(.connectionSettingsStatus)
            return
        }
        report.connectionSettingsStatus = ConnectionSettingsStatus(lastHash: offers.hash, status: .applying)
        changed.insert(.connectionSettingsStatus)
        isUrgent = true
        actions.append(.connectionSettings(permitted))
    }
}
