internal import Logging
internal import NIOCore

extension ClientLane {
    /// Connects when requests wait that no connection will take soon.
    func connectIfUseful() {
        let isEmpty = connections.allSatisfy(\.isDraining) && attempts.isEmpty
        guard !isClosing || isEmpty else { return }
        if NIODeadline.now() < nextAttempt { return waitForNextAttempt() }
        let open = connections.count { !$0.isDraining } + attempts.count
        let room = plan.configuration.connectionsPerLane - open
        let wanted = multiplexes ? 1 - attempts.count : waiting.count - attempts.count
        guard room > 0, wanted > 0 else { return }
        for _ in 0..<min(room, wanted) { connect() }
    }

    private func waitForNextAttempt() {
        if let lastFailure { failWaiting(lastFailure) }
        guard retryTimer == nil, !waiting.isEmpty else { return }
        retryTimer = loop.assumeIsolated().scheduleTask(deadline: nextAttempt) {
            self.retryTimer = nil
            self.dispatch()
        }
    }

    private func connect() {
        var key: ObjectIdentifier?
        let attempt = ConnectionAttempt<any ClientConnection>(
            plan: plan, loop: loop, rotation: rotation, speak: ConnectionAttempt.http(owner: self)
        ) { result in
            if let key { self.attempts[key] = nil }
            self.attempted(result)
        }
        key = ObjectIdentifier(attempt)
        rotation &+= 1
        attempts[ObjectIdentifier(attempt)] = attempt
        attempt.start()
    }

    private func attempted(_ result: Result<any ClientConnection, TransportError>) {
        switch result {
        case .success(let connection):
            guard !isClosing || !active.isEmpty else { return connection.close() }
            lastFailure = nil
            delay.reset()
            multiplexes = connection is HTTP2ClientLink
            connections.append(connection)
            armIdleTimer()
        case .failure(let error):
            if lastFailure == nil { logger.warning("\(error.message)") }
            lastFailure = error
            nextAttempt = .now() + delay.next(random: .random(in: 0...1))
            failWaiting(error)
        }
        dispatch()
    }

    /// Fails those that do not want to wait for a server to come back.
    private func failWaiting(_ error: TransportError) {
        let waits = plan.configuration.waitsForConnection
        for exchange in waiting where !waits || exchange.deadline == nil {
            complete(exchange, .failure(error))
        }
        waiting.removeAll { $0.isFinished }
    }

    private func armIdleTimer() {
        guard let limit = plan.configuration.idleTimeout.map({ TimeAmount($0) }), idleTimer == nil,
            !connections.isEmpty
        else { return }
        let oldest = connections.lazy.filter { $0.inFlight == 0 }.map(\.idleSince).min()
        idleTimer = loop.assumeIsolated().scheduleTask(deadline: (oldest ?? .now()) + limit) {
            self.idleTimer = nil
            let now = NIODeadline.now()
            for connection in self.connections
            where connection.inFlight == 0 && connection.idleSince + limit <= now { connection.close() }
            self.connections.removeAll { $0.isClosed || ($0.isDraining && $0.inFlight == 0) }
            self.armIdleTimer()
        }
    }
}

extension ClientLane: ClientConnectionOwner {
    func finished(_ exchange: ClientExchange, _ outcome: ClientExchange.Outcome) {
        if case .failure(let error) = outcome, error.kind == .notProcessed, !exchange.wasRetried,
            !exchange.isFinished
        {
            // The server has said that it did nothing with it, so once more is safe.
            exchange.wasRetried = true
            exchange.connection = nil
            waiting.prepend(exchange)
            return
        }
        complete(exchange, outcome)
    }

    func changed(_ connection: any ClientConnection) {
        if connection.isClosed { connections.removeAll { $0 === connection } }
        dispatch()
    }
}
