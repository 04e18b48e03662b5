internal import Logging
internal import OpAMP
internal import Pipeline
internal import Transport
internal import Wire

/// Doing what the session wants.
extension AgentDriver {
    func perform() async {
        while let actions = session?.takeActions(), !actions.isEmpty {
            for action in actions { await perform(action) }
            await passOn()
        }
    }

    private func perform(_ action: ClientAction) async {
        switch action {
        case .connect(let route): connect(route)
        case .send(let message): send(message)
        case .post(let message, let route): request(message, route)
        case .ping: socket?.ping()
        case .disconnect(let code): disconnect(code)
        case .established(let route): await established(route)
        case .remoteConfig(let configuration): keep(configuration)
        case .connectionSettings(let offers): review(offers)
        case .candidateVerified: candidateVerified()
        case .candidateFailed(_, let reason): candidateFailed(reason)
        case .packages: break
        case .custom(let message): await take(message)
        case .customCapabilities:
            if let state = await parts.managed?.remoteState() { await tell(state.rollbacks) }
        case .newInstanceUID(let uid): adopt(uid)
        case .restart:
            await parts.managed?.restart(because: "the OpAMP server asked for it", by: server)
        case .note(let note): log(note)
        }
    }

    // MARK: - The connection

    private func place(_ route: ClientRoute) -> AgentPlace? {
        switch route {
        case .server(let index): places.indices.contains(index) ? places[index] : places.first
        case .candidate: settings.candidatePlace
        }
    }

    /// The server that is used now, for logs.
    var server: String {
        session?.route.flatMap { place($0) }.map { "\($0.url)" } ?? "the OpAMP server"
    }

    private func connect(_ route: ClientRoute) {
        link += 1
        guard let place = place(route) else { return }
        let (number, post, loop) = (link, post, parts.context.lanes[0].eventLoop)
        let userAgent = parts.context.userAgent
        attempt = Task {
            if let failure = await place.open(number, userAgent: userAgent, on: loop, post) {
                post(.failed(number, failure))
            }
        }
    }

    private func send(_ message: Bytes) {
        guard let socket, !socket.send([Framing.header, message]) else { return }
        // Whoever reads so slowly is as good as gone.
        socket.close(code: WebSocketCloseCode.goingAway)
    }

    private func request(_ message: Bytes, _ route: ClientRoute) {
        link += 1
        guard let place = place(route), let uid = session?.uid else { return }
        let (number, post, userAgent) = (link, post, parts.context.userAgent)
        if session?.isConnected != true { connectedAt = clock.now }
        let client: Client
        do throws(TransportError) {
            client = try self.client(for: place)
        } catch {
            return post(.failed(number, .network(error.message)))
        }
        attempt = Task {
            switch await place.exchange(message, uid, userAgent: userAgent, over: client) {
            case .message(let answer): post(.message(number, answer, nil))
            case .failure(let failure): post(.failed(number, failure))
            }
        }
    }

    private func client(for place: AgentPlace) throws(TransportError) -> Client {
        if let client, client.place.identity === place.identity { return client.client }
        if let old = client?.client { Task { await old.close(grace: .seconds(5)) } }
        client = nil
        let made = try place.client(on: parts.context.lanes[0].eventLoop, logger)
        client = (place, made)
        return made
    }

    private func disconnect(_ code: UInt16) {
        if let socket {
            socket.close(code: code)
            // At the very end its end is waited for.
            if isEnding { return }
        }
        attempt?.cancel()
        attempt = nil
        socket = nil
        link += 1
    }

    private func established(_ route: ClientRoute) async {
        hasComplained = false
        logger.info("connected with the OpAMP server", metadata: ["server": "\(server)"])
        planOrder()
        await parts.managed?.reached(server, connectedAt: connectedAt)
    }

    private func adopt(_ uid: InstanceUID) {
        logger.notice("the OpAMP server gave the agent another id", metadata: ["uid": "\(uid)"])
        do throws(ComponentError) {
            try AgentIdentity.keep(uid, instead: parts.configuration.instanceUID, in: parts.folder)
        } catch {
            logger.error("the id of the agent cannot be kept", metadata: ["error": "\(error)"])
        }
        settings.isOrderForced = true
        planOrder()
        post(.news(.configurationChanged))
    }

    private func log(_ note: ClientNote) {
        switch note {
        case .waiting:
            // Once, until it has worked again: whoever reads the log knows then.
            logger.log(
                level: hasComplained ? .debug : .warning, "no connection with the OpAMP server",
                metadata: ["server": "\(server)", "reason": "\(note)"])
            hasComplained = true
        case .customDiscarded: logger.debug("\(note)")
        case .serverError:
            // Perhaps the order of a certificate, because the agent is not let in yet: it need not wait for
            // the next one longer than until another connection stands.
            settings.orderedAt = nil
            logger.warning("OpAMP: \(note)", metadata: ["server": "\(server)"])
        default: logger.warning("OpAMP: \(note)", metadata: ["server": "\(server)"])
        }
    }

    // MARK: - Configurations

    /// Remembers a configuration until all of the message has been looked at.
    private func keep(_ configuration: AgentRemoteConfig) {
        let objects = configuration.config?.objects ?? [:]
        offer = RemoteConfiguration(
            hash: configuration.hash,
            files: objects.sorted { $0.key < $1.key }.map { name, object in
                RemoteFile(
                    name: name,
                    // Nobody has said what roles mean here, so an object with one is not understood.
                    contentType: object.role.isEmpty ? object.contentType : "role \(object.role)",
                    body: object.body)
            },
            carrier: parts.context.id, server: server)
    }

    /// Passes on what came, with what was said about it.
    private func passOn() async {
        guard let offer else { return }
        self.offer = nil
        logger.info(
            "the OpAMP server offers a configuration",
            metadata: [
                "hash": "\(Hexadecimal.text(of: offer.hash).prefix(12))", "server": "\(server)",
                "occasion": "\(offer.occasion ?? "")",
            ])
        await parts.managed?.offer(offer)
    }

    private func take(_ message: CustomMessage) async {
        if let watch = FlowWatch(message) { return flow.watch(watch, now: clock.now) }
        guard let managed = parts.managed, settings.capabilities.contains(.acceptsRemoteConfig) else {
            return
        }
        switch ConfigurationMessages.read(message) {
        case .offer(let hash, let occasion, let within, let expectsDrop):
            guard offer?.hash == hash else { return }
            offer?.occasion = occasion
            offer?.confirmWithin = within
            offer?.expectsDrop = expectsDrop
        case .confirm(let hash): _ = await managed.confirm(hash, by: server)
        case .validate(let id, let files): validate(files, id, managed)
        case nil: break
        }
    }

    /// How many checks may be under way.
    private static let validationLimit = 4

    private func validate(_ files: [RemoteFile], _ id: String, _ managed: any ManagedCollector) {
        guard validations < Self.validationLimit else {
            let refusal = RemoteDiagnostic(
                severity: .error, message: "too many checks are under way; try again")
            session?.send(ConfigurationMessages.validated(id, [refusal]), now: now)
            return
        }
        validations += 1
        let (post, server, carrier) = (post, server, parts.context.id)
        Task {
            let found = await managed.validate(files, for: carrier, from: server)
            post(.validated(ConfigurationMessages.validated(id, found)))
        }
    }
}
