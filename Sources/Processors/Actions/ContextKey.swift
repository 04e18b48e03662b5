internal import Pipeline
internal import Telemetry

/// Something about the request that brought a batch: what `from_context` names.
enum ContextKey {
    /// A header field, by its lower-case name.
    case metadata(String)
    /// What the authenticator of the receiver found out.
    case authentication(String)
    case clientAddress

    /// Reads `metadata.NAME`, `auth.NAME` and `client.address`; another name is a header field, as it was in
    /// earlier versions of otelcol.
    init(_ text: String) {
        if text == "client.address" {
            self = .clientAddress
        } else if text.hasPrefix("auth.") {
            self = .authentication(String(text.dropFirst("auth.".count)))
        } else {
            let name = text.hasPrefix("metadata.") ? String(text.dropFirst("metadata.".count)) : text
            self = .metadata(name.lowercased())
        }
    }

    /// What is wrong with a text; `nil` when it can be used.
    static func problem(of text: String) -> String? {
        ["metadata.", "auth."].contains(text) ? "must have a name after '\(text)'" : nil
    }

    /// The value, several joined with `;`; `nil` when there is none.
    func value(in origin: Origin?) -> String? {
        guard let origin else { return nil }
        switch self {
        case .metadata(let name):
            guard let values = origin.metadata[name], !values.isEmpty else { return nil }
            return values.joined(separator: ";")
        case .authentication(let name): return origin.attributes[name]
        case .clientAddress:
            let address = Self.host(of: origin.peer)
            return address.isEmpty ? nil : address
        }
    }

    /// `10.1.2.3` of `10.1.2.3:40312` and `::1` of `[::1]:40312`.
    private static func host(of peer: String) -> String {
        if peer.hasPrefix("["), let end = peer.firstIndex(of: "]") {
            return String(peer[peer.index(after: peer.startIndex)..<end])
        }
        guard let colon = peer.lastIndex(of: ":"), peer.firstIndex(of: ":") == colon else { return peer }
        return String(peer[..<colon])
    }
}
