internal import OpAMP
internal import Pipeline

/// Decides about connection settings that a server offers, before anything is tried.
///
/// A server that was taken over must not be able to lead agents elsewhere unprotected, so whatever would make
/// the connection less safe than it is configured is refused, with the names of the fields.
struct ConnectionReview {
    /// What is to be done.
    enum Verdict: Equatable {
        /// Nothing about the connection changes but perhaps the interval of heartbeats.
        case keep
        /// The settings have to be tried.
        case verify(AcceptedConnection)
        case refuse(String)
    }

    /// The URL that is used now.
    let url: ServerURL
    /// The settings in force that a server gave earlier.
    let accepted: AcceptedConnection?
    /// Names the configured servers, see `AcceptedConnection.origin`.
    let origin: String
    /// The oldest version of TLS that the configuration allows.
    var minimumVersion = "1.2"
    /// The key of a certificate that was asked for, in PEM; whether a certificate fits it.
    var pendingKey: String?
    var fits: (_ certificate: String, _ key: String) -> Bool = { _, _ in false }

    func review(_ offer: OpAMPConnectionSettings, hash: [UInt8]) -> Verdict {
        var faults: [String] = []
        var next = AcceptedConnection(
            hash: hash, endpoint: accepted?.endpoint ?? "\(url)", heartbeat: offer.heartbeatInterval,
            origin: origin)
        next.headers = accepted?.headers
        next.tls = accepted?.tls
        if !offer.endpoint.isEmpty { endpoint(offer.endpoint, &next, &faults) }
        if let headers = offer.headers { self.headers(headers, &next, &faults) }
        if let tls = offer.tls { self.tls(tls, &next, &faults) }
        if let proxy = offer.proxy, !proxy.url.isEmpty || proxy.connectHeaders?.isEmpty == false {
            faults.append("proxy: another proxy than the configured one is not accepted")
        }
        certificate(offer.certificate, &next, &faults)
        guard faults.isEmpty else { return .refuse(faults.joined(separator: "; ")) }
        return isSame(next) ? .keep : .verify(next)
    }

    private func isSame(_ next: AcceptedConnection) -> Bool {
        var present =
            accepted
            ?? AcceptedConnection(
                hash: [], endpoint: "\(url)", heartbeat: 0, origin: origin)
        present.hash = next.hash
        present.heartbeat = next.heartbeat
        return present == next
    }

    private func endpoint(_ text: String, _ next: inout AcceptedConnection, _ faults: inout [String]) {
        do throws(ComponentError) {
            let offered = try ServerURL(text)
            if url.isSecure, !offered.isSecure {
                faults.append("destination_endpoint: '\(offered)' is not encrypted, and the present one is")
            }
            next.endpoint = "\(offered)"
        } catch {
            faults.append("destination_endpoint: \(error)")
        }
    }

    private func headers(
        _ headers: [ConnectionHeader], _ next: inout AcceptedConnection, _ faults: inout [String]
    ) {
        for header in headers {
            if let problem = HeaderRules.problem(ofName: header.key) { faults.append("headers: \(problem)") }
            if let problem = HeaderRules.problem(ofValue: header.value) {
                faults.append("headers: the value of \(header.key.prefix(64)) \(problem)")
            }
        }
        next.headers = headers
    }

    private func tls(
        _ tls: TLSConnectionSettings, _ next: inout AcceptedConnection, _ faults: inout [String]
    ) {
        if tls.skipsVerification {
            faults.append("tls.insecure_skip_verify: the certificate of the server is always checked")
        }
        let versions = ["1.0", "1.1", "1.2", "1.3"]
        let least = versions.firstIndex(of: minimumVersion) ?? 2
        for (name, version) in [
            ("min_version", tls.minimumVersion), ("max_version", tls.maximumVersion),
        ] where !version.isEmpty {
            // Some write TLSv1.2.
            let number = version.drop { !$0.isNumber }
            guard let rank = versions.firstIndex(of: String(number)) else {
                faults.append("tls.\(name): '\(version.prefix(20))' is no version of TLS")
                continue
            }
            if rank < least {
                faults.append("tls.\(name): versions below \(minimumVersion) are not accepted")
            }
        }
        var kept = tls
        kept.minimumVersion = String(tls.minimumVersion.drop { !$0.isNumber })
        kept.maximumVersion = String(tls.maximumVersion.drop { !$0.isNumber })
        next.tls = kept
    }

    private func certificate(
        _ offered: TLSCertificate?, _ next: inout AcceptedConnection, _ faults: inout [String]
    ) {
        guard let offered, !offered.certificate.isEmpty else {
            // An offer without a certificate says that none is to be shown; one that the agent asked for and
            // was given is not dropped for that, because the next offer without it would lock it out.
            next.certificate = accepted?.certificate ?? ""
            next.key = accepted?.key ?? ""
            return
        }
        guard offered.privateKey.isEmpty else {
            faults.append("certificate.private_key: keys are made here and are not taken from a server")
            return
        }
        let text = String(decoding: offered.certificate, as: UTF8.self)
        if let accepted, accepted.certificate == text {
            next.certificate = text
            next.key = accepted.key
        } else if let pendingKey, fits(text, pendingKey) {
            next.certificate = text
            next.key = pendingKey
        } else {
            faults.append("certificate.cert: it does not belong to a key of this agent")
        }
    }
}
