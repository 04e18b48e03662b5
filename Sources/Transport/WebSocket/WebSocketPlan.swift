/// What it takes to open a client's WebSocket, worked out from its request.
struct WebSocketPlan: Sendable {
    let request: WebSocketClient.Request
    let connection: ConnectionPlan
    /// The path and query.
    let target: String

    /// - Throws: `.invalidAddress` when the URL, a field or the proxy cannot be used.
    init(_ request: WebSocketClient.Request) throws(TransportError) {
        self.request = request
        let (isSecure, authority, target) = try Self.parts(of: request.url)
        let isBare = authority.hasSuffix("]") || !authority.contains(":")
        guard
            case .tcp(let host, let port)? = try? ListenAddress(
                parsing: isBare ? "\(authority):\(isSecure ? 443 : 80)" : authority),
            !host.isEmpty, port != 0
        else { throw Self.invalid(request.url, "it has no host, or no proper port") }
        var configuration = ClientConfiguration(target: .tcp(host: host, port: port))
        configuration.versions = .http1
        configuration.proxy = request.proxy
        configuration.connectTimeout = request.connectTimeout
        if isSecure {
            guard let tls = request.tls else { throw Self.invalid(request.url, "wss needs settings for TLS") }
            configuration.tls = tls
        }
        if let fault = ClientRequest(method: "GET", path: target, fields: request.fields).fault {
            throw Self.invalid(request.url, fault)
        }
        self.target = target
        connection = try ConnectionPlan(
            configuration, alwaysTunnels: true, environment: ProxyChoice.processEnvironment)
    }

    /// Divides a URL into what the plan is made of.
    private static func parts(
        of url: String
    ) throws(TransportError) -> (isSecure: Bool, authority: String, target: String) {
        guard let mark = url.firstRange(of: "://") else { throw invalid(url, "it does not begin with ws://") }
        let isSecure: Bool
        switch url[..<mark.lowerBound].lowercased() {
        case "ws", "http": isSecure = false
        case "wss", "https": isSecure = true
        default: throw invalid(url, "it begins neither with ws:// nor with wss://")
        }
        let rest = url[mark.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.contains("@") else {
            throw invalid(String(url[..<mark.upperBound]) + "…", "give credentials as a header field")
        }
        let target = rest.dropFirst(authority.count)
        guard !target.contains("#") else { throw invalid(url, "it has a fragment") }
        return (isSecure, String(authority), target.hasPrefix("/") ? String(target) : "/" + target)
    }

    private static func invalid(_ url: String, _ reason: String) -> TransportError {
        TransportError(
            .invalidAddress, "cannot open a WebSocket to \"\(url)\": \(reason); write ws://host:port/path")
    }
}
