internal import Wire

/// A field of HTTP requests.
public struct ConnectionHeader: Sendable, Hashable {
    public var key = ""
    public var value = ""

    public init() {}

    public init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }
}

/// A certificate for a client to show, in PEM.
public struct TLSCertificate: Sendable, Hashable {
    public var certificate: [UInt8] = []
    /// Empty when the agent made the key itself.
    public var privateKey: [UInt8] = []
    /// The authority that signed it, for information.
    public var authority: [UInt8] = []

    public init() {}

    public init(certificate: [UInt8], privateKey: [UInt8] = [], authority: [UInt8] = []) {
        self.certificate = certificate
        self.privateKey = privateKey
        self.authority = authority
    }
}

/// How a client is to do TLS.
public struct TLSConnectionSettings: Sendable, Hashable {
    /// Authorities to trust, in PEM.
    public var authorities = ""
    public var includesSystemAuthorities = false
    public var skipsVerification = false
    /// Such as `1.2`.
    public var minimumVersion = ""
    public var maximumVersion = ""
    public var cipherSuites: [String] = []

    public init() {}
}

/// The proxy that a client is to go through.
public struct ProxyConnectionSettings: Sendable, Hashable {
    public var url = ""
    /// Fields of the request that asks the proxy to connect.
    public var connectHeaders: [ConnectionHeader]?

    public init() {}
}

/// How an agent is to reach its server.
public struct OpAMPConnectionSettings: Sendable, Hashable {
    /// A URL of ws, wss, http or https; empty is unchanged.
    public var endpoint = ""
    /// `nil` is unchanged.
    public var headers: [ConnectionHeader]?
    /// `nil`: no certificate is to be shown.
    public var certificate: TLSCertificate?
    /// Seconds; 0 is never.
    public var heartbeatInterval: UInt64 = 0
    public var tls: TLSConnectionSettings?
    public var proxy: ProxyConnectionSettings?

    public init() {}
}

/// Where an agent is to send telemetry of its own.
public struct TelemetryConnectionSettings: Sendable, Hashable {
    /// A URL of OTLP over HTTP.
    public var endpoint = ""
    public var headers: [ConnectionHeader]?
    public var certificate: TLSCertificate?
    public var tls: TLSConnectionSettings?
    public var proxy: ProxyConnectionSettings?

    public init() {}
}

/// How an agent is to reach something else.
public struct OtherConnectionSettings: Sendable, Hashable {
    public var endpoint = ""
    public var headers: [ConnectionHeader]?
    public var certificate: TLSCertificate?
    public var otherSettings: [String: String] = [:]
    public var tls: TLSConnectionSettings?
    public var proxy: ProxyConnectionSettings?

    public init() {}
}

/// All connections that a server wants changed.
public struct ConnectionSettingsOffers: Sendable, Hashable {
    /// Names all settings together, those that are not sent included.
    public var hash: [UInt8] = []
    public var opamp: OpAMPConnectionSettings?
    public var ownMetrics: TelemetryConnectionSettings?
    public var ownTraces: TelemetryConnectionSettings?
    public var ownLogs: TelemetryConnectionSettings?
    public var otherConnections: [String: OtherConnectionSettings] = [:]

    public init() {}
}

/// What became of the connection settings that a server offered.
public struct ConnectionSettingsStatus: Sendable, Hashable {
    public enum Status: UInt64, Sendable, Hashable, CaseIterable {
        /// Nothing has been said, or something of a later version of the protocol.
        case unset = 0
        case applied, applying, failed
    }

    public var lastHash: [UInt8] = []
    public var status = Status.unset
    /// Why they failed.
    public var errorMessage = ""

    public init() {}

    public init(lastHash: [UInt8], status: Status, errorMessage: String = "") {
        self.lastHash = lastHash
        self.status = status
        self.errorMessage = errorMessage
    }
}

/// What an agent wants for its connection to the server: a certificate.
public struct ConnectionSettingsRequest: Sendable, Hashable {
    /// A certificate signing request in PEM (RFC 2986); `nil` when none is made.
    public var certificateSigningRequest: [UInt8]?

    public init() {}

    public init(certificateSigningRequest: [UInt8]?) {
        self.certificateSigningRequest = certificateSigningRequest
    }
}
