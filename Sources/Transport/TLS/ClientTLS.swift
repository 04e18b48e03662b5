public import Logging
public import NIOSSL

/// The client's end of TLS: whom it trusts, and the certificate that it shows.
///
/// All files, those of the authorities too, are read again when they change.
public struct ClientTLS: Sendable {
    /// What a client needs to know for TLS.
    public struct Options: Sendable, Hashable {
        /// The authorities that are trusted; nil for those of the system.
        public var authorities: PEMSource?
        /// Whether the system's authorities are trusted beside `authorities`.
        public var includesSystemAuthorities = false
        /// The certificate that is shown to the server, for mutual TLS.
        public var identity: TLSIdentity?
        /// Whether any certificate is accepted, which gives up protection against a server in the middle.
        public var skipsVerification = false
        /// The name that the certificate has to be for, instead of the host that is connected to.
        public var serverName: String?
        /// Versions, suites, and how often files are looked at.
        public var policy = TLSPolicy()

        public init() {}
    }

    private let options: Options
    private let store: TLSContextStore

    /// Reads the files once, so that mistakes are found at the start.
    ///
    /// - Parameters:
    ///   - options: the files and rules.
    ///   - logger: hears about files that changed, and about those that cannot be used.
    /// - Throws: `.tls`, which names the file and what is wrong with it.
    public init(_ options: Options, logger: Logger) throws(TransportError) {
        self.options = options
        store = try TLSContextStore(
            sources: [options.authorities, options.identity?.certificate, options.identity?.key],
            protocols: ["h2", "http/1.1"], interval: options.policy.reloadInterval, logger: logger
        ) { protocols throws(TransportError) in
            try Self.context(options, protocols)
        }
    }

    /// The handler for one new connection to `host`.
    ///
    /// - Parameters:
    ///   - host: the name or address from the URL; `serverName` goes before it.
    ///   - applicationProtocols: what ALPN offers, best first.
    /// - Returns: a handler that goes first into the pipeline.
    /// - Throws: `.tls` when the name cannot be used or a context cannot be made.
    public func makeHandler(
        host: String, applicationProtocols: [String]
    ) throws(TransportError) -> NIOSSLClientHandler {
        let context = try store.context(applicationProtocols)
        let name = options.serverName ?? host
        do {
            // An address is compared with the peer's address; only names go into the handshake.
            let isAddress = AddressLiteral.isAddress(name)
            return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : name)
        } catch {
            throw TransportError(.tls, "\"\(name)\" cannot be the name of a TLS server: \(error)")
        }
    }

    private static func context(
        _ options: Options, _ protocols: [String]
    ) throws(TransportError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.applicationProtocols = protocols
        try TLSLoading.apply(options.policy, to: &configuration)
        if let identity = options.identity { try TLSLoading.apply(identity, to: &configuration) }
        if let authorities = options.authorities {
            let certificates = try TLSLoading.certificates(from: authorities, purpose: "authorities")
            if options.includesSystemAuthorities {
                configuration.trustRoots = .default
                configuration.additionalTrustRoots = [.certificates(certificates)]
            } else {
                configuration.trustRoots = .certificates(certificates)
            }
        }
        if options.skipsVerification { configuration.certificateVerification = .none }
        return try TLSLoading.context(configuration)
    }
}
