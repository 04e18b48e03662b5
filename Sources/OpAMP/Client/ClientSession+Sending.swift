internal import Wire

extension ClientSession {
    /// How often plain HTTP polls when there are no heartbeats.
    static let pollInterval: Duration = .seconds(30)

    /// Sends what there is to send, if it may be sent now.
    mutating func proceed(_ now: Duration) {
        guard case .connected(let route) = phase, !isHeldBack(route, now) else { return }
        let isDue = heartbeatTime(route).map { now >= $0 } ?? false
        guard isUrgent || isDue else { return }
        if underway != nil { answersAll = false }
        isUrgent = false
        let message = nextMessage()
        guard let bytes = encode(message) else { return }
        underway = Underway(message: message, bytes: bytes, since: now)
        transmit(bytes, route, now)
        // More than one custom message: each needs a message of its own.
        if !custom.isEmpty, serverCustomCapabilities != nil { isUrgent = true }
    }

    mutating func transmit(_ bytes: Bytes, _ route: ClientRoute, _ now: Duration) {
        lastSent = now
        switch transport(of: route) {
        case .webSocket: actions.append(.send(bytes))
        case .http: actions.append(.post(bytes, route))
        }
    }

    /// Whether a message is under way that the next one has to wait for.
    private func isHeldBack(_ route: ClientRoute, _ now: Duration) -> Bool {
        guard let underway else { return false }
        if transport(of: route) == .http { return true }
        return answersAll && now < underway.since + Self.answerPatience
    }

    /// When the next message is due without any news; `nil` for never.
    private func heartbeatTime(_ route: ClientRoute) -> Duration? {
        let interval =
            transport(of: route) == .http ? settings.heartbeat ?? Self.pollInterval : settings.heartbeat
        return interval.map { lastSent + $0 }
    }

    /// When the next message can be sent, or has to be; `nil` when that takes an event.
    func nextSend(_ route: ClientRoute) -> Duration? {
        guard let underway else { return heartbeatTime(route) }
        if transport(of: route) == .http { return nil }
        guard answersAll else { return heartbeatTime(route) }
        let free = underway.since + Self.answerPatience
        return isUrgent ? free : heartbeatTime(route).map { max($0, free) }
    }

    /// The message that says everything that has changed.
    private mutating func nextMessage() -> AgentToServer {
        sequence += 1
        var message = AgentToServer(instanceUID: uid)
        message.sequenceNumber = sequence
        message.capabilities = settings.capabilities
        if requestsUID { message.flags.insert(.requestInstanceUID) }
        let parts = changed.intersection(reportable)
        if parts.contains(.description) { message.agentDescription = report.description }
        if parts.contains(.health) { message.health = report.health }
        if parts.contains(.effectiveConfig) { message.effectiveConfig = report.effectiveConfig }
        if parts.contains(.remoteConfigStatus) { message.remoteConfigStatus = report.remoteConfigStatus }
        if parts.contains(.packageStatuses) { message.packageStatuses = report.packageStatuses }
        if parts.contains(.customCapabilities) { message.customCapabilities = report.customCapabilities }
        if parts.contains(.connectionSettingsStatus) {
            message.connectionSettingsStatus = report.connectionSettingsStatus
        }
        if parts.contains(.availableComponents), let all = report.availableComponents {
            message.availableComponents = sendsAllComponents ? all : AvailableComponents(hash: all.hash)
            sendsAllComponents = false
        }
        // What the server cannot take is forgotten: it comes again with a full report.
        changed = []
        message.customMessage = nextCustomMessage()
        if let request = connectionRequest, allowsRequest {
            message.connectionSettingsRequest = request
            connectionRequest = nil
        }
        return message
    }

    /// The parts that the agent says it reports, and that the server takes as far as it has said what it
    /// takes.
    private var reportable: ReportedParts {
        let own = settings.capabilities
        var parts: ReportedParts = [.description, .remoteConfigStatus, .customCapabilities]
        if own.contains(.reportsHealth) { parts.insert(.health) }
        if own.contains(.reportsEffectiveConfig), serverAllows(.acceptsEffectiveConfig) {
            parts.insert(.effectiveConfig)
        }
        if own.contains(.reportsPackageStatuses), serverAllows(.acceptsPackagesStatus) {
            parts.insert(.packageStatuses)
        }
        if own.contains(.reportsAvailableComponents) { parts.insert(.availableComponents) }
        // An offer that came counts for more than what the server says of itself.
        if own.contains(.reportsConnectionSettingsStatus),
            hasConnectionOffers || serverAllows(.offersConnectionSettings)
        {
            parts.insert(.connectionSettingsStatus)
        }
        return parts
    }

    /// Whether the server can do this; as long as it has not said anything it can.
    private func serverAllows(_ capability: ServerCapabilities) -> Bool {
        serverCapabilities?.contains(capability) ?? true
    }

    /// A request waits until the server has said what it can do.
    var allowsRequest: Bool {
        serverCapabilities?.contains(.acceptsConnectionSettingsRequest) == true
    }

    private mutating func nextCustomMessage() -> CustomMessage? {
        // Until the server has said what it knows, they wait.
        guard let known = serverCustomCapabilities else { return nil }
        while !custom.isEmpty {
            let message = custom.removeFirst()
            if known.contains(message.capability) { return message }
            actions.append(.note(.customDiscarded(capability: message.capability)))
        }
        guard let message = companion else { return nil }
        companion = nil
        return known.contains(message.capability) ? message : nil
    }

    /// The bytes of a message, without the parts that make it too large.
    private mutating func encode(_ message: AgentToServer) -> Bytes? {
        // One byte is for the header of a WebSocket message.
        let limit = settings.maximumMessageBytes - 1
        var message = message
        var bytes = message.encoded()
        let removals: [(String, (inout AgentToServer) -> Void)] = [
            ("effective_config", { $0.effectiveConfig = nil }),
            ("available_components", { $0.availableComponents = nil }),
            ("custom_message", { $0.customMessage = nil }),
            ("component_health_map", { $0.health?.components = [:] }),
            ("package_statuses", { $0.packageStatuses = nil }),
        ]
        for (name, remove) in removals where bytes.count > limit {
            remove(&message)
            let smaller = message.encoded()
            guard smaller.count < bytes.count else { continue }
            actions.append(.note(.discarded(name, bytes: bytes.count - smaller.count)))
            bytes = smaller
        }
        guard bytes.count <= limit else {
            actions.append(.note(.discarded("the message", bytes: bytes.count)))
            return nil
        }
        return bytes
    }

    /// Sends the last message of a connection.
    mutating func sayGoodbye(_ route: ClientRoute, _ now: Duration) {
        var message = nextMessage()
        message.isDisconnect = true
        guard let bytes = encode(message) else { return }
        transmit(bytes, route, now)
    }

    /// Whether a message that failed is not to be sent again, but the connection goes on.
    mutating func giveUp(_ underway: Underway, after failure: ClientFailure) -> Bool {
        guard case .status(let status, _) = failure, status == 413 || status == 400 else { return false }
        self.underway = nil
        actions.append(.note(.discarded("a message that the server refused", bytes: underway.bytes.count)))
        return true
    }
}
