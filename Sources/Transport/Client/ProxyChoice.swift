internal import Glibc

/// Whether and which HTTP proxy a client goes through.
public enum ProxyChoice: Sendable, Hashable {
    /// What `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` say (lower case works too), for each target as Go's
    /// programs read them; loopback targets never go through a proxy.
    case fromEnvironment
    /// No proxy.
    case direct
    /// This one: `http://[user:password@]host:port`.
    case url(String)

    /// The proxy for a target, or nil to connect directly.
    ///
    /// - Throws: `.invalidAddress` when the URL is not one of an HTTP proxy.
    func proxy(
        host: String, port: Int, isSecure: Bool, environment: (String) -> String?
    ) throws(TransportError) -> Proxy? {
        switch self {
        case .direct: return nil
        case .url(let text): return try Proxy(url: text)
        case .fromEnvironment:
            func variable(_ name: String) -> String? {
                [name, name.lowercased()].lazy.compactMap(environment).first { !$0.isEmpty }
            }
            guard let text = variable(isSecure ? "HTTPS_PROXY" : "HTTP_PROXY") else { return nil }
            let exceptions = NoProxyList(variable("NO_PROXY") ?? "")
            guard !exceptions.contains(host: host, port: port) else { return nil }
            return try Proxy(url: text)
        }
    }

    /// Reads the environment of this process.
    static func processEnvironment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}

/// An HTTP proxy.
struct Proxy: Sendable, Hashable {
    let host: String
    let port: Int
    /// The value of `proxy-authorization`.
    let authorization: String?

    init(url text: String) throws(TransportError) {
        var rest = Substring(text)
        if let scheme = rest.firstRange(of: "://") {
            guard rest[..<scheme.lowerBound].lowercased() == "http" else {
                throw TransportError(
                    .invalidAddress, "proxies of this kind are not supported; use an http:// proxy")
            }
            rest = rest[scheme.upperBound...]
        }
        rest = rest.prefix { $0 != "/" }
        authorization = rest.lastIndex(of: "@").map { at in
            let user = GRPCText.percentDecoded(String(rest[..<at]))
            let encoded = GRPCText.base64(Array(user.utf8))
            return "Basic " + encoded + String(repeating: "=", count: (4 - encoded.utf8.count % 4) % 4)
        }
        if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        let hasPort = rest.hasSuffix("]") ? false : rest.contains(":")
        guard
            case .tcp(let host, let port)? = try? ListenAddress(
                parsing: hasPort ? String(rest) : rest + ":80"),
            !host.isEmpty
        else {
            throw TransportError(.invalidAddress, "the proxy is not an URL like http://host:port")
        }
        self.host = host
        self.port = port
    }
}
