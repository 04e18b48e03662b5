public import Logging
public import NIOSSL

/// The server's end of TLS: its certificate, and whom it lets in.
///
/// Files are read again when they change, so a renewed certificate needs no restart; connections that are
/// open keep what they were made with.
public struct ServerTLS: Sendable {
    /// What a server needs to know for TLS.
    public struct Options: Sendable, Hashable {
        /// The certificate that is shown to clients.
        public var identity: TLSIdentity
        /// The authorities that client certificates have to come from; nil asks for no certificate.
        public var clientAuthorities: PEMSource?
        /// Whether clients without a certificate are let in, too; one that is shown has to be valid.
        public var clientCertificateIsOptional = false
        /// Versions, suites, and how often files are looked at.
        public var policy = TLSPolicy()
        /// What ALPN offers, best first.
        public var applicationProtocols = ["h2", "http/1.1"]

        public init(identity: TLSIdentity) {
            self.identity = identity
        }
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
            sources: [options.identity.certificate, options.identity.key, options.clientAuthorities],
            protocols: options.applicationProtocols, interval: options.policy.reloadInterval, logger: logger
        ) { protocols throws(TransportError) in
            try Self.context(options, protocols)
        }
    }

    /// The handler for one new connection, made from the files as they are now.
    ///
    /// - Returns: a handler that goes first into the pipeline.
    /// - Throws: `.tls` when a context cannot be made.
    public func makeHandler() throws(TransportError) -> NIOSSLServerHandler {
        NIOSSLServerHandler(context: try context())
    }

    /// As `makeHandler`, for a protocol that ALPN has no name for: nothing is offered.
    func makeBareHandler() throws(TransportError) -> NIOSSLServerHandler {
        NIOSSLServerHandler(context: try store.context([]))
    }

    /// The context for a connection that begins now.
    func context() throws(TransportError) -> NIOSSLContext {
        try store.context(options.applicationProtocols)
    }

    private static func context(
        _ options: Options, _ protocols: [String]
    ) throws(TransportError) -> NIOSSLContext {
        let pair = try TLSLoading.pair(options.identity)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: pair.chain, privateKey: pair.key)
        try TLSLoading.apply(options.policy, to: &configuration)
        configuration.applicationProtocols = protocols
        if let authorities = options.clientAuthorities {
            let certificates = try TLSLoading.certificates(from: authorities, purpose: "client authorities")
            configuration.trustRoots = .certificates(certificates)
            configuration.certificateVerification =
                options.clientCertificateIsOptional ? .optionalVerification : .noHostnameVerification
        }
        return try TLSLoading.context(configuration)
    }
}
