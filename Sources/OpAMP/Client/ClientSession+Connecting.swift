internal import Wire

extension ClientSession {
    /// Begins to connect.
    public mutating func start(now: Duration) {
        guard phase == .idle else { return }
        attempt(.server(0), now)
    }

    /// Says good-bye and ends; the session does nothing any more.
    public mutating func stop(now: Duration) {
        if case .connected(let route) = phase {
            // A request that is under way is given up for the last one.
            if transport(of: route) == .http, underway != nil { actions.append(.disconnect(code: 1000)) }
            sayGoodbye(route, now)
            if transport(of: route) == .webSocket { actions.append(.disconnect(code: 1000)) }
        } else if case .connecting = phase {
            actions.append(.disconnect(code: 1000))
        }
        phase = .stopped
    }

    /// The WebSocket is open.
    public mutating func opened(now: Duration) {
        guard case .connecting(let route, _) = phase else { return }
        enter(route, now)
    }

    /// The attempt to connect failed, the connection ended, or a request has no answer of status 200.
    public mutating func failed(_ failure: ClientFailure, now: Duration) {
        switch phase {
        case .connecting(let route, _): leave(route, failure, now)
        case .connected(let route):
            if let underway, giveUp(underway, after: failure) { return proceed(now) }
            leave(route, failure, now)
        case .idle, .waiting, .stopped: return
        }
    }

    /// Something came from the server that is not a message, such as a pong.
    public mutating func heard(now: Duration) {
        lastHeard = now
        hasPinged = false
    }

    /// Does what is due.
    public mutating func tick(now: Duration) {
        if let candidate, now >= candidate.deadline {
            return abandonCandidate(now)
        }
        switch phase {
        case .idle, .stopped: return
        case .waiting(let route, let time): if now >= time { attempt(route, now) }
        case .connecting(let route, let since):
            guard now >= since + settings.answerTimeout else { return }
            actions.append(.disconnect(code: 1000))
            leave(route, .silent, now)
        case .connected(let route):
            guard !isSilent(route, now) else {
                actions.append(.disconnect(code: 1000))
                return leave(route, .silent, now)
            }
            pingIfQuiet(route, now)
            proceed(now)
        }
    }

    mutating func attempt(_ route: ClientRoute, _ now: Duration) {
        switch transport(of: route) {
        case .webSocket:
            phase = .connecting(route, since: now)
            actions.append(.connect(route))
        case .http: enter(route, now)
        }
    }

    /// A connection begins: the first message goes out even when there is nothing to say.
    private mutating func enter(_ route: ClientRoute, _ now: Duration) {
        phase = .connected(route)
        isEstablished = false
        answersAll = true
        hasPinged = false
        lastHeard = now
        if let underway, underway.message.instanceUID == uid {
            self.underway?.since = now
            transmit(underway.bytes, route, now)
        } else {
            underway = nil
            isUrgent = true
            proceed(now)
        }
    }

    /// A connection, or an attempt at one, is over.
    mutating func leave(_ route: ClientRoute, _ failure: ClientFailure, _ now: Duration) {
        let worked = isEstablished
        isEstablished = false
        serverCapabilities = nil
        serverCustomCapabilities = nil
        switch route {
        case .candidate:
            candidate?.reason = "\(failure)"
            if failure.isRefusal {
                phase = .idle
                return abandonCandidate(now)
            }
            wait(.candidate, delay.next(random: random.fraction()), failure, now)
        case .server(let index):
            if let pause = ReconnectDelay.pause(after: failure, random: random.fraction()) {
                notBefore[index] = now + pause
            }
            if worked {
                delay.succeeded()
                wait(.server(0), delay.afterConnection(random: random.fraction()), failure, now)
            } else if index + 1 < settings.servers.count {
                wait(.server(index + 1), ReconnectDelay.base * random.fraction(), failure, now)
            } else {
                wait(.server(0), delay.next(random: random.fraction()), failure, now)
            }
        }
    }

    private mutating func wait(
        _ route: ClientRoute, _ time: Duration, _ failure: ClientFailure, _ now: Duration
    ) {
        var until = now + time
        if case .server(let index) = route, let rest = notBefore[index] { until = max(until, rest) }
        phase = .waiting(route, until: until)
        actions.append(.note(.waiting(failure, until - now)))
    }

    // MARK: Quiet connections

    /// Whether so little was heard that the other side must be gone.
    private func isSilent(_ route: ClientRoute, _ now: Duration) -> Bool {
        if transport(of: route) == .http {
            return underway.map { now >= $0.since + settings.answerTimeout } ?? false
        }
        return now >= lastHeard + silence
    }

    private var silence: Duration { (settings.heartbeat ?? Self.quietTime) * 2.5 }
    private var pingTime: Duration { lastHeard + (settings.heartbeat ?? Self.quietTime) * 1.5 }

    private mutating func pingIfQuiet(_ route: ClientRoute, _ now: Duration) {
        guard transport(of: route) == .webSocket, !hasPinged, now >= pingTime else { return }
        hasPinged = true
        actions.append(.ping)
    }

    /// When something is due on a connection.
    func connectedDeadline(_ route: ClientRoute) -> Duration? {
        var time = nextSend(route)
        if transport(of: route) == .http {
            return earliest(time, underway.map { $0.since + settings.answerTimeout })
        }
        time = earliest(time, hasPinged ? nil : pingTime)
        return earliest(time, lastHeard + silence)
    }
}
