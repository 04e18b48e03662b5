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
            return try speak(configuration.versions == .http2 ? "h2" : nil, channel, round)
        }
        let handler = try tls.makeHandler(
            host: configuration.host, applicationProtocols: configuration.applicationProtocols)
        let negotiation = ProtocolNegotiation(server: name) { context, result in
            switch result {
            case .failure(let error): self.failed(error, round)
            case .success(let negotiated):
                do { try self.speak(negotiated, context.channel, round) } catch {
                    self.failed(self.connectError(error), round)
                }
            }
        }
        try channel.pipeline.syncOperations.addHandlers([handler, negotiation])
    }

    private func speak(_ negotiated: String?, _ channel: any Channel, _ round: Int) throws {
        let configuration = plan.configuration
        if negotiated == "h2" { return try speakHTTP2(channel, round) }
        // A server that knows no ALPN but was told to speak HTTP/2 may do so all the same, as gRPC expects.
        if configuration.versions == .http2, negotiated == nil { return try speakHTTP2(channel, round) }
        let connection = HTTP1ClientConnection(plan: plan, peer: name) { connection in
            guard round == self.round else { return connection.close() }
            connection.owner = self.owner
            self.finish(.success(connection))
        }
        let decoder = HTTPResponseDecoder(
            leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .drop)
        try channel.pipeline.syncOperations.addHandlers([
            HTTPRequestEncoder(), ByteToMessageHandler(decoder), NIOHTTPRequestHeadersValidator(), connection,
        ])
    }

    private func speakHTTP2(_ channel: any Channel, _ round: Int) throws {
        let configuration = plan.configuration
        var limits = HTTP2Limits()
        limits.maxHeaderBytes = configuration.maxHeaderBytes
        limits.maxResponseBytes = configuration.maxResponseBytes
        let connection = try HTTP2ClientConnection(
            limits: limits, keepalive: configuration.keepalive.map(HTTP2ClientConnection.Keepalive.init))
        let link = HTTP2ClientLink(
            connection, scheme: configuration.scheme, authority: configuration.authorityText, peer: name)
        connection.onChange = { [unowned connection] in
            if connection.isReady {
                guard round == self.round else { return connection.close() }
                link.join(self.owner)
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
