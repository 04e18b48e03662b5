internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

extension ConnectionAttempt {
    /// Puts the handlers into a new channel; those that need a protocol first come once it is known.
    func prepare(_ channel: any Channel, _ round: Int) throws {
        guard plan.needsTunnel, let proxy = plan.proxy,
            case .tcp(let host, let port) = plan.configuration.target
        else { return try secure(channel, round) }
        let target = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        let tunnel = ProxyTunnelHandler(target: target, authorization: proxy.authorization) {
            context, error in
            if let error { return self.failed(error, round) }
            do { try self.secure(context.channel, round) } catch {
                self.failed(self.connectError(error), round)
            }
        }
        try channel.pipeline.syncOperations.addHandler(tunnel)
    }

    private func secure(_ channel: any Channel, _ round: Int) throws {
        let configuration = plan.configuration
        guard let tls = configuration.tls else {
            return try speak(self, configuration.versions == .http2 ? "h2" : nil, channel, round)
        }
        let handler = try tls.makeHandler(
            host: configuration.host, applicationProtocols: plan.applicationProtocols)
        let negotiation = ProtocolNegotiation(server: name) { context, result in
            switch result {
            case .failure(let error): self.failed(error, round)
            case .success(let negotiated):
                do { try self.speak(self, negotiated, context.channel, round) } catch {
                    self.failed(self.connectError(error), round)
                }
            }
        }
        try channel.pipeline.syncOperations.addHandlers([handler, negotiation])
    }

}

// The handlers of connections that carry requests.
extension ConnectionAttempt where Connection == any ClientConnection {
    /// Speaks the version of HTTP that was agreed on; connections report to `owner`.
    static func http(owner: any ClientConnectionOwner) -> Speaker {
        { attempt, negotiated, channel, round in
            // A server that knows no ALPN but was told to speak HTTP/2 may do so, as gRPC expects.
            let isTold = attempt.plan.configuration.versions == .http2 && negotiated == nil
            if negotiated == "h2" || isTold {
                try attempt.speakHTTP2(channel, round, owner)
            } else {
                try attempt.speakHTTP1(channel, round, owner)
            }
        }
    }

    private func speakHTTP1(
        _ channel: any Channel, _ round: Int, _ owner: any ClientConnectionOwner
    ) throws {
        let connection = HTTP1ClientConnection(plan: plan, peer: name) { connection in
            guard round == self.round else { return connection.close() }
            connection.owner = owner
            self.finish(.success(connection))
        }
        let decoder = HTTPResponseDecoder(
            leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .drop)
        try channel.pipeline.syncOperations.addHandlers([
            HTTPRequestEncoder(), ByteToMessageHandler(decoder), NIOHTTPRequestHeadersValidator(), connection,
        ])
    }

    private func speakHTTP2(
        _ channel: any Channel, _ round: Int, _ owner: any ClientConnectionOwner
    ) throws {
        let configuration = plan.configuration
        var limits = HTTP2Limits()
        limits.maxHeaderBytes = configuration.maxHeaderBytes
        limits.maxResponseBytes = configuration.maxResponseBytes
        let connection = try HTTP2ClientConnection(
            limits: limits, keepalive: configuration.keepalive.map(HTTP2ClientConnection.Keepalive.init),
            room: configuration.room)
        let link = HTTP2ClientLink(
            connection, scheme: configuration.scheme, authority: configuration.authorityText, peer: name)
        connection.onChange = { [unowned connection] in
            if connection.isReady {
                guard round == self.round else { return connection.close() }
                link.join(owner)
                self.finish(.success(link))
            } else if connection.isClosed {
                let reason = connection.failure?.message ?? "it closed the connection"
                let error = TransportError(
                    connection.failure?.kind ?? .connectFailed,
                    "no HTTP/2 connection to \(self.name): \(reason)")
                self.failed(error, round)
            }
        }
        try channel.pipeline.syncOperations.addHandler(connection.makeHandler())
    }
}

extension HTTP2ClientConnection.Keepalive {
    fileprivate init(_ keepalive: ClientConfiguration.Keepalive) {
        self.init(
            time: TimeAmount(keepalive.time), timeout: TimeAmount(keepalive.timeout),
            permitWithoutStream: keepalive.permitWithoutStream)
    }
}
