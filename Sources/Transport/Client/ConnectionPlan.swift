/// What it takes to connect to a client's target: worked out once, the same for every connection.
struct ConnectionPlan: Sendable {
    let configuration: ClientConfiguration
    let proxy: Proxy?
    /// Whether a proxy has to join the two ends whatever is spoken, as for WebSockets.
    private let alwaysTunnels: Bool
    /// Whether it is HTTP that is spoken.
    private let speaksHTTP: Bool

    init(
        _ configuration: ClientConfiguration, alwaysTunnels: Bool = false, speaksHTTP: Bool = true,
        environment: (String) -> String?
    ) throws(TransportError) {
        self.configuration = configuration
        self.alwaysTunnels = alwaysTunnels
        self.speaksHTTP = speaksHTTP
        switch configuration.target {
        case .unix: proxy = nil
        case .tcp(let host, let port):
            proxy = try configuration.proxy.proxy(
                host: host, port: port, isSecure: configuration.tls != nil, environment: environment)
        }
    }

    /// Whether requests go to the proxy as they are, which it does for plain HTTP/1.1 only.
    var forwardsThroughProxy: Bool {
        proxy != nil && configuration.tls == nil && configuration.versions != .http2 && !alwaysTunnels
    }

    /// What ALPN offers: nothing for protocols that it has no names for.
    var applicationProtocols: [String] { speaksHTTP ? configuration.applicationProtocols : [] }

    /// Whether the proxy is asked to join the two ends (`CONNECT`).
    var needsTunnel: Bool { proxy != nil && !forwardsThroughProxy }

    /// Whether one connection carries many requests, as far as is known before there is one.
    var multiplexes: Bool {
        switch configuration.versions {
        case .http2: true
        case .http1: false
        case .negotiated: configuration.tls != nil
        }
    }
}
