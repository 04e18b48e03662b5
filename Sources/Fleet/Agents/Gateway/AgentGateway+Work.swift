internal import FleetModel
internal import FleetStore
internal import Logging
internal import OpAMP
internal import Pipeline
internal import Settings
internal import Synchronization
internal import Wire

/// What is done outside of the locks, and what takes time.
extension AgentGateway {
    /// Different builds of agents whose components are kept.
    static let mostComponents = 4096

    func perform(_ work: [GatewayWork]) {
        for item in work {
            switch item {
            case .ping(let connection): connection.ping()
            case .close(let connection, let code, let reason): connection.close(code: code, reason: reason)
            case .send(let connection, let chunks): _ = connection.send(chunks)
            case .refuseCertificate(let uid):
                refuseCertificate(uid, "the agent is not let in yet; ask again later")
            case .tell(let event): tell(event)
            case .validated(let uid, let answer): tell(uid, answer)
            default: performLater(item)
            }
        }
    }

    /// Work that takes time; when there is too much of it, the agent has to speak again first.
    private func performLater(_ item: GatewayWork) {
        let hasRoom = state.withLock { state in
            guard state.tasks < Self.mostTasks else { return false }
            state.tasks += 1
            return true
        }
        guard hasRoom else { return forget(item) }
        Task {
            await self.run(item)
            self.state.withLock { $0.tasks -= 1 }
        }
    }

    /// The next message of the agent brings the work up again.
    private func forget(_ item: GatewayWork) {
        switch item {
        case .enroll(let request): isNotEnrolling(request.uid)
        case .offerToken(let uid, _):
            inventory.state.withLock { $0.found(uid)?.agent.settingsConnection = 0 }
        case .keepComponents(let hash, _): _ = state.withLock { $0.knownComponents.remove(hash) }
        case .rekey(let uid, let connection):
            connection.close(code: 1013, reason: "another agent has the id \(uid); try again later")
        default: break
        }
    }

    private func isNotEnrolling(_ uid: InstanceUID) {
        inventory.state.withLock { $0.found(uid)?.agent.isEnrolling = false }
    }

    private func run(_ item: GatewayWork) async {
        switch item {
        case .enroll(let request): await enroll(request)
        case .offerToken(let uid, let connection): await offerSettings(uid, connection)
        case .certificate(let pem, let uid, let principal): await certify(pem, uid, principal)
        case .rekey(let uid, let connection): await rekey(uid, connection)
        case .fetchOffer(let hash, let uid): await fetch(hash, uid)
        case .fetchPackages(let hash, let uid): if await fetchPackages(hash) { await push([uid]) }
        case .keepComponents(let hash, let components): await keep(hash, components)
        case .ping, .close, .send, .tell, .validated, .refuseCertificate: break
        }
    }

    private func enroll(_ request: EnrollmentRequest) async {
        do throws(AccessError) {
            let standing = try await access.enroll(request)
            isNotEnrolling(request.uid)
            // Somebody may have decided since; only a refusal is nowhere but here.
            if case .refused = standing { reconsider(request.uid, standing) } else { reconsider(request.uid) }
        } catch {
            logger.warning(
                "an agent cannot be enrolled for now",
                metadata: ["agent": "\(request.uid)", "error": "\(error)"])
            isNotEnrolling(request.uid)
        }
    }

    /// Offers an agent a token of its own, or only the interval of its heartbeats.
    private func offerSettings(_ uid: InstanceUID, _ connection: any AgentConnection) async {
        var opamp = OpAMPConnectionSettings()
        opamp.heartbeatInterval = settings.heartbeatInterval
        var offers = ConnectionSettingsOffers()
        offers.hash = GatewaySettings.hash(settings.heartbeatInterval)
        if case .enrollment = connection.principal {
            do throws(AccessError) {
                let token = try await access.agentToken(for: uid)
                opamp.headers = [ConnectionHeader("Authorization", "Bearer \(token)")]
                offers.hash = ContentHash(of: Array("\(settings.heartbeatInterval) \(token)".utf8)).bytes
            } catch {
                logger.warning(
                    "an agent gets no token of its own for now",
                    metadata: ["agent": "\(uid)", "error": "\(error)"])
                return
            }
        }
        offers.opamp = opamp
        send(offers, to: uid)
    }

    private func send(_ offers: ConnectionSettingsOffers, to uid: InstanceUID) {
        inventory.state.withLock { $0.found(uid)?.agent.offeredSettings = offers.hash }
        var message = ServerToAgent()
        message.connectionSettings = offers
        deliver(GatewayMessage(fragment: message.encodedFragment()), to: uid)
    }

    private func certify(_ pem: String, _ uid: InstanceUID, _ principal: AgentPrincipal) async {
        do throws(AccessError) {
            let issued = try await access.issueCertificate(pem, for: uid, as: principal)
            var opamp = OpAMPConnectionSettings()
            opamp.heartbeatInterval = settings.heartbeatInterval
            opamp.certificate = TLSCertificate(
                certificate: Array(issued.certificate.utf8), authority: Array(issued.authority.utf8))
            var offers = ConnectionSettingsOffers()
            offers.hash = ContentHash(of: Array(issued.certificate.utf8)).bytes
            offers.opamp = opamp
            send(offers, to: uid)
        } catch {
            refuseCertificate(uid, "\(error)")
        }
    }

    private func refuseCertificate(_ uid: InstanceUID, _ reason: String) {
        var message = ServerToAgent()
        message.errorResponse = ServerErrorResponse(.badRequest, "the certificate is not issued: \(reason)")
        deliver(GatewayMessage(fragment: message.encodedFragment()), to: uid)
    }

    private func rekey(_ uid: InstanceUID, _ connection: any AgentConnection) async {
        let new = makeUID()
        do throws(AccessError) {
            if connection.principal.uid != nil { try await access.rename(uid, to: new) }
        } catch {
            connection.close(code: 1013, reason: "no other id can be given for now: \(error)")
            return
        }
        var message = ServerToAgent(instanceUID: uid)
        message.newInstanceUID = new
        guard connection.send([message.encoded()]) else { return }
        state.withLock { $0.statistics.rekeyed += 1 }
        tell(.rekeyed(uid, to: new))
    }

    private func fetch(_ hash: ContentHash, _ uid: InstanceUID) async {
        do throws(LibraryError) {
            _ = try await offers.offer(hash)
            failedFetches.succeeded(hash)
        } catch {
            failedFetches.failed(hash, at: clock.now)
            logger.error(
                "what an agent ought to run cannot be offered",
                metadata: ["agent": "\(uid)", "hash": "\(hash.short)", "error": "\(error)"])
            return
        }
        await push([uid])
    }

    /// The components of a build are a content, found by the hash that agents name them with.
    private func keep(_ hash: [UInt8], _ components: AvailableComponents) async {
        var report = AgentToServer(instanceUID: InstanceUID(high: 0, low: 0))
        report.availableComponents = components
        do throws(StoreError) {
            let content = try await inventory.store.putContent(report.encoded().array)
            try await inventory.store.write([
                .put(
                    .setting, "components/\(Hexadecimal.text(of: hash))",
                    .table(["content": .text(content.description)]),
                    expecting: .any, uses: [content])
            ])
        } catch {
            logger.warning("the components of agents cannot be kept for now", metadata: ["error": "\(error)"])
            _ = state.withLock { $0.knownComponents.remove(hash) }
        }
    }
}
