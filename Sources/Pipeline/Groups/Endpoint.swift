public import Transport

/// An address as users write it for a client: `host:port`, a URL, or the path of a unix socket.
public struct Endpoint: Sendable, Equatable {
    /// What comes before `://`.
    public enum Scheme: String, Sendable {
        case http, https, unix, dns
    }

    /// The scheme; `nil` for a bare `host:port`.
    public let scheme: Scheme?
    /// Where to connect.
    public let target: ListenAddress
    /// Path and query of a URL, exactly as written; empty when there is none.
    public let path: String

    /// What one client can reach: the same address with and without TLS are two.
    public struct Server: Sendable, Hashable {
        let scheme: Scheme?
        let target: ListenAddress
    }

    /// The server that the endpoint is on.
    public var server: Server { Server(scheme: scheme, target: target) }

    /// Reads an endpoint.
    ///
    /// - Parameters:
    ///   - text: `host:port`, `http[s]://host[:port][/path]`, `dns://[server]/host:port` or `unix:///path`.
    ///   - defaultPort: The port of a bare host; URLs have 80 and 443.
    /// - Throws: What is wrong with the text, and what to write.
    public init(parsing text: String, defaultPort: Int) throws(ComponentError) {
        guard let separator = text.firstRange(of: "://") else {
            scheme = nil
            path = ""
            target = try Self.address(text[...], defaultPort, text)
            return
        }
        guard let scheme = Scheme(rawValue: text[..<separator.lowerBound].lowercased()) else {
            throw ComponentError(
                "'\(text)' has an unknown scheme; use http://, https://, dns:///, unix:// or host:port")
        }
        self.scheme = scheme
        let rest = text[separator.upperBound...]
        switch scheme {
        case .unix:
            guard rest.hasPrefix("/") else {
                throw ComponentError("'\(text)' needs an absolute path: unix:///path")
            }
            target = .unix(path: String(rest))
            path = ""
        case .dns:
            guard let slash = rest.firstIndex(of: "/") else {
                throw ComponentError("'\(text)' needs three slashes: dns:///host:port")
            }
            target = try Self.address(rest[rest.index(after: slash)...], defaultPort, text)
            path = ""
        case .http, .https:
            let host = rest.prefix { $0 != "/" && $0 != "?" }
            guard !host.contains("@") else {
                // The text is not shown, because there may be a password in it.
                throw ComponentError("a URL must not have a user in it; use headers")
            }
            target = try Self.address(host, scheme == .http ? 80 : 443, text)
            path = try Self.path(rest[host.endIndex...], text)
        }
    }

    private static func path(_ text: Substring, _ whole: String) throws(ComponentError) -> String {
        let isUsable = text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F && $0 != "#" }
        guard isUsable else {
            throw ComponentError(
                "'\(whole)' has a space, a # or a letter in its path that must be written as %XX")
        }
        return text.hasPrefix("?") ? "/" + text : String(text)
    }

    private static func address(
        _ text: Substring, _ defaultPort: Int, _ whole: String
    ) throws(ComponentError) -> ListenAddress {
        guard !text.isEmpty else { throw ComponentError("'\(whole)' has no host") }
        let afterBrackets = text.lastIndex(of: "]").map { text[$0...] } ?? text
        let hasPort = afterBrackets.contains(":")
        let address: ListenAddress
        do throws(TransportError) {
            address = try ListenAddress(parsing: hasPort ? String(text) : "\(text):\(defaultPort)")
        } catch {
            throw ComponentError(
                "'\(whole)' is not an address; write host:port, with an IPv6 address in brackets, or a URL")
        }
        guard case .tcp(let host, let port) = address else { return address }
        guard port > 0 else { throw ComponentError("'\(whole)' has port 0, which nobody can connect to") }
        // Without a host it is this machine, as Go's dialer has it.
        return .tcp(host: host.isEmpty ? "localhost" : host, port: port)
    }
}
