/// What it takes to connect to a client's target: worked out once, the same for every connection.
struct ConnectionPlan: Sendable {
    let configuration: ClientConfiguration
    let proxy: Proxy?

    init(
        _ configuration: ClientConfiguration, environment: (String) -> String?
    ) throws(TransportError) {
        self.configuration = configuration
        switch configuration.target {
        case .unix: proxy = nil
        case .tcp(let host, let port):
            proxy = try configuration.proxy.proxy(
                host: host, port: port, isSecure: configuration.tls != nil, environment: environment)
        }
    }

    /// Whether requests go to the proxy as they are, which it does for plain HTTP/1.1 only.
    var forwardsThroughProxy: Bool {
        proxy != nil && configuration.tls == nil && configuration.versions != .http2
    }

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
