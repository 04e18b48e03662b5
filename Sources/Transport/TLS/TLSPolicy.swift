/// A version of the TLS protocol; the raw value is how configurations write it.
public enum TLSProtocolVersion: String, CaseIterable, Sendable {
    case tls10 = "1.0"
    case tls11 = "1.1"
    case tls12 = "1.2"
    case tls13 = "1.3"
}

/// What both ends insist on when they negotiate a TLS connection.
public struct TLSPolicy: Sendable, Hashable {
    /// The oldest version that is accepted.
    public var minVersion = TLSProtocolVersion.tls12
    /// The newest version that is offered; nil for the newest there is.
    public var maxVersion: TLSProtocolVersion?
    /// IETF names of the cipher suites for TLS 1.2 and older; empty for a safe choice.
    ///
    /// Those of TLS 1.3 are fixed.
    public var cipherSuites: [String] = []
    /// The least time between two looks at the files; nil looks at every new connection, which costs
    /// microseconds.
    public var reloadInterval: Duration?

    public init() {}

    /// The suites for TLS 1.2 and older that can be chosen, strongest first.
    public static let knownCipherSuites = [
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
        "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
        "TLS_RSA_WITH_AES_256_GCM_SHA384", "TLS_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_RSA_WITH_AES_256_CBC_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA",
    ]

    /// The suites of TLS 1.3, which are always offered with it; naming them changes nothing.
    static let suitesOfTLS13: Set = [
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
    ]
}

/// A certificate with its chain, and the private key that belongs to it.
public struct TLSIdentity: Sendable, Hashable {
    /// The certificate, followed by the authorities between it and the root.
    public var certificate: PEMSource
    /// The private key of the certificate, not encrypted.
    public var key: PEMSource

    public init(certificate: PEMSource, key: PEMSource) {
        self.certificate = certificate
        self.key = key
    }
}
