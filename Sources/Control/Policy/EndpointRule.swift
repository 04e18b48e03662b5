internal import Pipeline
internal import Transport

/// Where something connects to, as far as it can be told without asking a name server.
struct RemotePlace: Sendable, Equatable {
    /// In lower case, without brackets and the dot at the end.
    let host: String
    let port: Int?
    /// The path of a unix socket; the host is empty then.
    let socket: String?

    /// Reads a URL or `host:port`; `nil` when it is neither.
    init?(_ text: String) {
        let defaultPort = 0
        if text.hasPrefix("unix:") {
            let path = text.dropFirst(5)
            socket = PathRule.normalised(path.hasPrefix("//") ? String(path.dropFirst(2)) : String(path))
            host = ""
            port = nil
            return
        }
        var rest = text[...]
        var scheme = ""
        if let mark = rest.firstRange(of: "://") {
            scheme = rest[..<mark.lowerBound].lowercased()
            rest = rest[mark.upperBound...]
            if scheme == "dns", let slash = rest.firstIndex(of: "/") {
                rest = rest[rest.index(after: slash)...]
            }
        }
        rest = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let user = rest.lastIndex(of: "@") { rest = rest[rest.index(after: user)...] }
        guard !rest.isEmpty else { return nil }
        let parsed = Self.split(rest)
        guard let host = parsed.host else { return nil }
        self.host = host
        let known = ["http": 80, "https": 443][scheme] ?? defaultPort
        port = parsed.port ?? (known == 0 ? nil : known)
        socket = nil
    }

    private static func split(_ text: Substring) -> (host: String?, port: Int?) {
        var host = text
        var port: Int?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return (nil, nil) }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            port = rest.hasPrefix(":") ? Int(rest.dropFirst()) : nil
        } else if let colon = text.lastIndex(of: ":"), text.filter({ $0 == ":" }).count == 1 {
            host = text[..<colon]
            port = Int(text[text.index(after: colon)...])
        }
        var name = host.lowercased()
        while name.hasSuffix(".") { name.removeLast() }
        return (name, port)
    }

    var address: NetworkAddress? { NetworkAddress(host) }

    /// Whether it is this machine.
    var isLoopback: Bool {
        host.isEmpty && socket == nil || host == "localhost" || host.hasSuffix(".localhost")
            || address?.isLoopback == true
    }
}

/// One entry of a list of endpoints: a host, `*.domain`, an address, a CIDR or a unix socket, and maybe a
/// port.
struct EndpointRule: Sendable, Equatable {
    private enum Host: Sendable, Equatable {
        case any
        case name(String)
        case below(String)
        case range(AddressRange)
        case socket(String)
    }

    private let host: Host
    private let port: Int?

    /// Reads an entry; `nil` when it is none.
    init?(_ text: String) {
        if text.hasPrefix("unix:"), let place = RemotePlace(text), let socket = place.socket {
            host = .socket(socket)
            port = nil
            return
        }
        if let range = AddressRange(text) {
            host = .range(range)
            port = nil
            return
        }
        var name = text[...]
        var port: Int?
        if let colon = text.lastIndex(of: ":") {
            guard let number = Int(text[text.index(after: colon)...]), (1...65535).contains(number) else {
                return nil
            }
            port = number
            name = text[..<colon]
        }
        if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
        let lower = name.lowercased()
        guard !lower.isEmpty, !lower.contains(" "), !lower.contains("://") else { return nil }
        self.port = port
        if let range = AddressRange(lower) {
            host = .range(range)
        } else if lower == "*" {
            host = .any
        } else if lower.hasPrefix("*.") {
            host = .below(String(lower.dropFirst(1)))
        } else {
            guard !lower.contains("/"), !lower.contains("*") else { return nil }
            host = .name(lower)
        }
    }

    func matches(_ place: RemotePlace) -> Bool {
        if let port, place.port != port { return false }
        switch host {
        case .any: return place.socket == nil
        case .name(let name): return place.host == name
        case .below(let suffix): return place.host.hasSuffix(suffix)
        case .socket(let path): return place.socket == path
        case .range(let range):
            if let address = place.address { return range.contains(address) }
            return place.isLoopback && range.base.isLoopback && place.socket == nil
        }
    }

    static func problem(in texts: [String]) -> String? {
        texts.first { EndpointRule($0) == nil }.map {
            "'\($0)' is no endpoint; write host, *.domain, address or CIDR, maybe with :port, or unix:///path"
        }
    }
}
