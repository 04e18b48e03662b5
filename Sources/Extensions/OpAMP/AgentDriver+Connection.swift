internal import Logging
internal import OpAMP
internal import Pipeline

/// Settings of the connection that a server gives, and certificates.
extension AgentDriver {
    /// Files of settings for other configured servers than the present ones that are kept: a change of the
    /// configuration may be taken back.
    private static let acceptedLimit = 8
    private static let candidateFile = "candidate.json"
    /// How long a connection has to last before a certificate is asked for over it: over the first one a
    /// server may give other credentials at once, and what it answers after that is lost.
    static let orderDelay = Duration.seconds(5)
    /// How long to wait before a certificate is asked for again, twice as long each time, up to `longest`.
    static let orderPause = Duration.seconds(65)
    static let longestOrderPause = Duration.seconds(3600)

    // MARK: - Settings

    private var acceptedFile: String { Self.acceptedFile(settings.origin) }

    /// What was accepted counts for the servers that were configured then, so each set of them has its own.
    private static func acceptedFile(_ origin: String) -> String { "connection-\(origin.prefix(16)).json" }

    /// Finds what was accepted in an earlier process; it counts while the configured servers are the same.
    func restoreConnection() {
        guard let folder = parts.folder, settings.capabilities.contains(.acceptsOpAMPConnectionSettings)
        else {
            return
        }
        settings.pendingKey = read(CertificateOrder.keyFile, folder)
        if let candidate = read(Self.candidateFile, folder).flatMap({ AcceptedConnection(text: $0) }) {
            // Reported as failed: the process ended before they were found to work.
            settings.candidate = candidate
            folder.remove(Self.candidateFile)
        }
        guard let accepted = read(acceptedFile, folder).flatMap({ AcceptedConnection(text: $0) }),
            accepted.origin == settings.origin
        else { return }
        do throws(ComponentError) {
            // The configured servers stay behind it, for when it is not there any more.
            places.insert(try place(accepted), at: 0)
            settings.accepted = accepted
            setHeartbeat(accepted.heartbeat)
        } catch {
            logger.error(
                "the settings that the OpAMP server gave cannot be used", metadata: ["error": "\(error)"])
        }
    }

    private func read(_ name: String, _ folder: AgentFolder) -> String? {
        do throws(ComponentError) {
            return try folder.read(name)
        } catch {
            logger.error("\(error)")
            return nil
        }
    }

    private func place(_ accepted: AcceptedConnection) throws(ComponentError) -> AgentPlace {
        try accepted.place(
            over: parts.places[0], parts.configuration.places.first, logger)
    }

    private func setHeartbeat(_ seconds: UInt64) {
        guard settings.capabilities.contains(.reportsHeartbeat) else { return }
        settings.heartbeat = seconds == 0 ? nil : .seconds(Int64(clamping: min(seconds, 86_400)))
    }

    func review(_ offers: ConnectionSettingsOffers) {
        guard let offer = offers.opamp, let route = session?.route else { return }
        let current: AgentPlace =
            if case .server(let index) = route, places.indices.contains(index) { places[index] } else {
                places[0]
            }
        var review = ConnectionReview(
            url: current.url, accepted: settings.accepted, origin: settings.origin,
            pendingKey: settings.pendingKey)
        let configured = parts.configuration.places.first?.tls.common.minVersion.rawValue ?? ""
        if !configured.isEmpty { review.minimumVersion = configured }
        review.fits = CertificateOrder.fits
        let heartbeat = Duration.seconds(Int64(clamping: min(offer.heartbeatInterval, 86_400)))
        switch review.review(offer, hash: offers.hash) {
        case .keep:
            setHeartbeat(offer.heartbeatInterval)
            if var accepted = settings.accepted {
                accepted.hash = offers.hash
                accepted.heartbeat = offer.heartbeatInterval
                settings.accepted = accepted
                write(accepted.text, to: acceptedFile)
            }
            session?.applied(offers.hash, heartbeat: heartbeat, now: now)
        case .refuse(let reason):
            logger.warning(
                "connection settings of the OpAMP server are refused", metadata: ["reason": "\(reason)"])
            session?.refused(offers.hash, reason: reason, now: now)
        case .verify(let candidate): verify(candidate, heartbeat)
        }
    }

    private func verify(_ candidate: AcceptedConnection, _ heartbeat: Duration) {
        guard parts.folder != nil || candidate.certificate.isEmpty else {
            session?.refused(
                candidate.hash, reason: "certificate: there is no directory to keep it in", now: now)
            return
        }
        do throws(ComponentError) {
            settings.candidatePlace = try place(candidate)
        } catch {
            session?.refused(candidate.hash, reason: "\(error.key.map { "\($0): " } ?? "")\(error)", now: now)
            return
        }
        settings.candidate = candidate
        write(candidate.text, to: Self.candidateFile)
        guard let url = settings.candidatePlace?.url else { return }
        logger.info("trying connection settings of the OpAMP server", metadata: ["server": "\(url)"])
        session?.verify(candidate.hash, transport: url.transport, heartbeat: heartbeat, now: now)
    }

    func candidateVerified() {
        guard let candidate = settings.candidate, let place = settings.candidatePlace else { return }
        logger.info("the OpAMP connection has other settings now", metadata: ["server": "\(place.url)"])
        places = [place]
        settings.accepted = candidate
        setHeartbeat(candidate.heartbeat)
        write(candidate.text, to: acceptedFile)
        parts.folder?.prune(prefix: "connection-", keeping: acceptedFile, limit: Self.acceptedLimit)
        if candidate.key == settings.pendingKey {
            settings.pendingKey = nil
            settings.isOrderForced = false
            settings.orderPause = Self.orderPause
            settings.nextOrder = clock.now
            parts.folder?.remove(CertificateOrder.keyFile)
        }
        forgetCandidate()
    }

    func candidateFailed(_ reason: String) {
        logger.warning(
            "connection settings of the OpAMP server do not work; going on with those before",
            metadata: ["reason": "\(reason)"])
        forgetCandidate()
    }

    private func forgetCandidate() {
        settings.candidate = nil
        settings.candidatePlace = nil
        parts.folder?.remove(Self.candidateFile)
    }

    private func write(_ text: String, to name: String) {
        do throws(ComponentError) {
            try parts.folder?.write(text, to: name)
        } catch {
            logger.error(
                "settings of the OpAMP connection cannot be kept; they end with the process",
                metadata: ["error": "\(error)"])
        }
    }

    // MARK: - Certificates

    /// A connection stands: what it needs may be asked for soon.
    func planOrder() {
        guard parts.configuration.requestCertificate, parts.folder != nil else { return }
        let soon = clock.now + Self.orderDelay
        settings.nextOrder = settings.orderedAt.map { max($0 + Self.orderPause, soon) } ?? soon
    }

    /// Asks for a certificate when there is none, when two thirds of its life are over, and for another id;
    /// asks again when none came.
    func orderCertificate() {
        guard let next = settings.nextOrder, clock.now >= next, let uid = session?.uid else { return }
        if let certificate = settings.accepted?.certificate, !certificate.isEmpty, !settings.isOrderForced,
            let renewal = CertificateOrder.renewal(of: certificate), clock.unixNanoseconds < renewal
        {
            let rest = Duration.nanoseconds(Int64(clamping: renewal - clock.unixNanoseconds))
            settings.nextOrder = clock.now + min(rest, Self.longestOrderPause)
            return
        }
        settings.orderedAt = clock.now
        settings.nextOrder = clock.now + settings.orderPause
        settings.orderPause = min(settings.orderPause * 2, Self.longestOrderPause)
        do throws(ComponentError) {
            let (key, request) = try CertificateOrder.make(for: uid)
            try parts.folder?.write(key, to: CertificateOrder.keyFile)
            settings.pendingKey = key
            logger.info("asking the OpAMP server for a certificate", metadata: ["server": "\(server)"])
            session?.request(
                ConnectionSettingsRequest(certificateSigningRequest: Array(request.utf8)), now: now)
        } catch {
            logger.error("a certificate cannot be asked for", metadata: ["error": "\(error)"])
        }
    }
}
