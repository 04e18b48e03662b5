/// Where a server listens, as configurations write it.
///
/// | text | meaning |
/// |---|---|
/// | `localhost:4317` | the loopback interface only |
/// | `0.0.0.0:4317`, `[::1]:4317`, `collector.example:4317` | that address or name |
/// | `:4317` | every interface |
/// | `unix:///run/apus.sock`, `unix:relative.sock` | a unix socket |
public enum ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// A TCP port; an empty `host` stands for every interface, port 0 for one that the system picks.
    case tcp(host: String, port: Int)
    /// A socket in the file system; the path has at most 107 bytes.
    case unix(path: String)

    /// Reads an address as it is written in a configuration.
    ///
    /// - Throws: `.invalidAddress`, with the form that is expected.
    public init(parsing text: String) throws(TransportError) {
        if let path = Self.unixPath(of: text) {
            guard !path.isEmpty, path.utf8.count <= 107 else {
                throw Self.invalid(text, "a unix socket needs a path of 1 to 107 bytes")
            }
            self = .unix(path: path)
            return
        }
        guard let colon = text.lastIndex(of: ":") else {
            throw Self.invalid(text, "the port is missing")
        }
        let digits = text[text.index(after: colon)...]
        guard let port = UInt16(digits), digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
            throw Self.invalid(text, "the port has to be a number from 0 to 65535")
        }
        self = .tcp(host: try Self.host(of: text, before: colon), port: Int(port))
    }

    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix://\(path)"
        }
    }

    /// The port, for TCP.
    public var port: Int? {
        if case .tcp(_, let port) = self { port } else { nil }
    }

    private static func unixPath(of text: String) -> String? {
        if text.hasPrefix("unix://") { return String(text.dropFirst(7)) }
        if text.hasPrefix("unix:") { return String(text.dropFirst(5)) }
        return nil
    }

    private static func host(of text: String, before colon: String.Index) throws(TransportError) -> String {
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]"), host.count > 2 {
            return String(host.dropFirst().dropLast())
        }
        guard !host.contains(":") else {
            throw Self.invalid(text, "an IPv6 address goes into brackets, as in [::1]:4317")
        }
        guard !host.contains(where: { $0 == "/" || $0 == "[" || $0 == "]" || $0.isWhitespace }) else {
            throw Self.invalid(text, "the host is not a name or an address")
        }
        return String(host)
    }

    private static func invalid(_ text: String, _ reason: String) -> TransportError {
        TransportError(
            .invalidAddress,
            "cannot listen on \"\(text)\": \(reason); write host:port, :port or unix:///path")
    }
}
