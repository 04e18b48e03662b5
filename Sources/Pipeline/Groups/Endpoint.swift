public import Transport

/// An address as users write it for a client: `host:port`, a URL, or the path of a unix socket.
public struct Endpoint: Sendable, Equatable {
    /// What comes before `://`.
    public enum Scheme: String, Sendable {
        case http, https, unix, dns
    }

    /// The scheme; `nil` for a bare `host:port`.
    public let scheme: Scheme?
    public let target: ListenAddress
    /// Path and query of a URL, without a slash at the end; empty when there is none.
    public let path: String

    /// Reads an endpoint.
    ///
    /// - Parameters:
    ///   - text: `host:port`, `http[s]://host[:port][/path]`, `dns://[server]/host:port` or `unix:///path`.
    ///   - defaultPort: The port of a bare host; URLs have 80 and 443.
    public init(parsing text: String, defaultPort: Int) throws(ComponentError) {
        guard let separator = text.firstRange(of: "://") else {
            scheme = nil
            path = ""
            target = try Self.address(text[...], defaultPort, text)
            return
        }
        guard let scheme = Scheme(rawValue: text[..<separator.lowerBound].lowercased()) else {
            throw ComponentError("'\(text)' has an unknown scheme; use http://, https://, dns:///, unix:// or host:port")
        }
        self.scheme = scheme
        let rest = text[separator.upperBound...]
        switch scheme {
        case .unix:
            guard rest.hasPrefix("/") else { throw ComponentError("'\(text)' needs an absolute path: unix:///path") }
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
                throw ComponentError("'\(text)' must not have a user in it; use headers")
            }
            target = try Self.address(host, scheme == .http ? 80 : 443, text)
            path = rest[host.endIndex...].hasSuffix("/")
                ? String(rest[host.endIndex...].dropLast()) : String(rest[host.endIndex...])
        }
    }

    private static func address(
        _ text: Substring, _ defaultPort: Int, _ whole: String
    ) throws(ComponentError) -> ListenAddress {
        guard !text.isEmpty else { throw ComponentError("'\(whole)' has no host") }
        let afterBrackets = text.lastIndex(of: "]").map { text[$0...] } ?? text
        let hasPort = afterBrackets.contains(":")
        do throws(TransportError) {
            let address = try ListenAddress(parsing: hasPort ? String(text) : "\(text):\(defaultPort)")
            // Without a host it is this machine, as Go's dialer has it.
            if case .tcp(let host, let port) = address, host.isEmpty { return .tcp(host: "localhost", port: port) }
            return address
        } catch {
            throw ComponentError(error.description)
        }
    }
}
