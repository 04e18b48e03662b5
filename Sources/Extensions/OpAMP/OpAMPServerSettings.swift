internal import OpAMP
public import Pipeline
public import Settings

/// How one OpAMP server is reached.
public struct OpAMPServerSettings: SettingGroup, Equatable {
    public var endpoint = ""
    public var tls = TLSClientSettings()
    public var headers: OrderedPairs<Secret> = [:]
    public var auth = ""

    public init() {}

    public static var fields: [Field<OpAMPServerSettings>] {
        [
            Field(
                "endpoint", \.endpoint,
                "URL of the server, such as wss://fleet.example.org:4320/v1/opamp; http and https poll.",
                required: true
            ) { text in
                do throws(ComponentError) {
                    _ = try ServerURL(text)
                    return nil
                } catch {
                    return error.description
                }
            },
            Field("tls", \.tls, "Encryption, for wss:// and https:// URLs."),
            Field("headers", \.headers, "Header fields of every request.", check: HeaderRules.http),
            Field("auth", \.auth, "Id of the extension that sets credentials; none unless configured.") {
                $0.isEmpty || ComponentID(parsing: $0) != nil
                    ? nil : "must be the id of an extension, such as bearertokenauth"
            },
        ]
    }

    /// What is wrong with the scheme of the endpoint, or `nil`.
    func problem(schemes: [String]) -> String? {
        guard let url = try? ServerURL(endpoint), !schemes.contains(url.scheme) else { return nil }
        return "the endpoint must begin with \(schemes.map { "\($0)://" }.joined(separator: " or "))"
    }
}

/// The URL of an OpAMP server.
struct ServerURL: Sendable, Equatable, CustomStringConvertible {
    /// `ws`, `wss`, `http` or `https`.
    let scheme: String
    /// The same with the scheme of HTTP.
    let endpoint: Endpoint

    static let defaultPath = "/v1/opamp"

    /// Reads a URL; a missing port is that of the scheme, a missing path `/v1/opamp`.
    init(_ text: String) throws(ComponentError) {
        guard let separator = text.firstRange(of: "://") else {
            throw ComponentError("must be a URL that begins with ws://, wss://, http:// or https://")
        }
        scheme = text[..<separator.lowerBound].lowercased()
        switch scheme {
        case "ws", "http":
            endpoint = try Endpoint(parsing: "http\(text[separator.lowerBound...])", defaultPort: 80)
        case "wss", "https":
            endpoint = try Endpoint(parsing: "https\(text[separator.lowerBound...])", defaultPort: 443)
        default: throw ComponentError("must begin with ws://, wss://, http:// or https://")
        }
    }

    var isSecure: Bool { scheme == "wss" || scheme == "https" }
    var transport: ClientTransport { scheme.hasPrefix("ws") ? .webSocket : .http }
    var path: String { endpoint.path.isEmpty || endpoint.path == "/" ? Self.defaultPath : endpoint.path }

    /// With the port and the path that are used.
    var description: String { "\(scheme)://\(endpoint.target)\(path)" }
}
