internal import NIOSSL

/// Turns PEM files and names of versions and suites into what NIOSSL wants, with an error for each mistake
/// that says which file it is in.
enum TLSLoading {
    static func certificates(
        from source: PEMSource, purpose: String
    ) throws(TransportError) -> [NIOSSLCertificate] {
        let content = try source.read(as: purpose)
        let certificates: [NIOSSLCertificate]
        do {
            certificates = try NIOSSLCertificate.fromPEMBytes(content)
        } catch {
            certificates = []
        }
        guard !certificates.isEmpty else {
            throw TransportError(.tls, "\(source.name) holds no PEM certificate to use as \(purpose)")
        }
        return certificates
    }

    /// Sets certificate and key, after checking that they belong together.
    static func apply(
        _ identity: TLSIdentity, to configuration: inout TLSConfiguration
    ) throws(TransportError) {
        let pair = try pair(identity)
        configuration.certificateChain = pair.chain
        configuration.privateKey = pair.key
    }

    /// Reads certificate and key and checks that they belong together.
    static func pair(
        _ identity: TLSIdentity
    ) throws(TransportError) -> (chain: [NIOSSLCertificateSource], key: NIOSSLPrivateKeySource) {
        let chain = try certificates(from: identity.certificate, purpose: "certificate")
        let key: NIOSSLPrivateKey
        let content = try identity.key.read(as: "private key")
        do {
            key = try NIOSSLPrivateKey(bytes: content, format: .pem)
        } catch {
            let name = identity.key.name
            throw TransportError(.tls, "\(name) holds no PEM private key, or it is encrypted")
        }
        // A context with nothing else in it: what fails now can only be that the two do not match.
        var pair = TLSConfiguration.makeClientConfiguration()
        pair.certificateChain = chain.map { .certificate($0) }
        pair.privateKey = .privateKey(key)
        do {
            _ = try NIOSSLContext(configuration: pair)
        } catch {
            throw TransportError(
                .tls,
                "the private key in \(identity.key.name) does not match the certificate in "
                    + identity.certificate.name)
        }
        return (pair.certificateChain, .privateKey(key))
    }

    static func apply(
        _ policy: TLSPolicy, to configuration: inout TLSConfiguration
    ) throws(TransportError) {
        configuration.minimumTLSVersion = version(policy.minVersion)
        configuration.maximumTLSVersion = policy.maxVersion.map { version($0) }
        if let newest = policy.maxVersion, newest.rawValue < policy.minVersion.rawValue {
            throw TransportError(
                .tls,
                "TLS max_version \(newest.rawValue) is older than min_version \(policy.minVersion.rawValue)")
        }
        let suites = policy.cipherSuites.filter { !TLSPolicy.suitesOfTLS13.contains($0) }
        guard !suites.isEmpty else { return }
        // NIOSSL stops the process over a name that it does not know, so none may get there.
        if let unknown = suites.first(where: { !TLSPolicy.knownCipherSuites.contains($0) }) {
            let known = TLSPolicy.knownCipherSuites.joined(separator: ", ")
            throw TransportError(.tls, "there is no cipher suite \"\(unknown)\"; use some of \(known)")
        }
        configuration.cipherSuites = suites.joined(separator: ":")
    }

    static func context(_ configuration: TLSConfiguration) throws(TransportError) -> NIOSSLContext {
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw TransportError(.tls, "cannot use the TLS settings: \(error)")
        }
    }

    private static func version(_ version: TLSProtocolVersion) -> TLSVersion {
        switch version {
        case .tls10: .tlsv1
        case .tls11: .tlsv11
        case .tls12: .tlsv12
        case .tls13: .tlsv13
        }
    }
}
