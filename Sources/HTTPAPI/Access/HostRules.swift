internal import Transport

/// Whom requests may be addressed to, and which pages may make a browser send them.
///
/// A web page can make a browser talk to this machine (DNS rebinding, forms, scripts). Browsers say whom they
/// believe to talk to and where the page is from; both are checked on every request.
struct HostRules: Sendable {
    /// Names that are allowed beside IP addresses and `localhost`, in lower case.
    let names: Set<String>
    /// The option that allows another one.
    let option: String

    /// What is wrong with a request; `nil` when nothing is.
    func objection(to head: ServerRequestHead) -> APIProblem? {
        if head.connection.userID == nil, !allows(authority: head.authority) {
            return APIProblem(
                403, "host-not-allowed", "The host of the request is not allowed",
                "the request is for '\(head.authority.prefix(253))'; use an IP address or localhost, or "
                    + "allow the name with \(option)")
        }
        if let origin = head.fields["origin"], !isSame(origin, as: head) {
            return APIProblem(
                403, "cross-origin", "The request comes from a page of another origin",
                "requests of browsers are taken only from pages of this server")
        }
        if let site = head.fields["sec-fetch-site"], site != "same-origin", site != "none" {
            return APIProblem(
                403, "cross-origin", "The request comes from a page of another origin",
                "requests of browsers are taken only from pages of this server")
        }
        return nil
    }

    private func allows(authority: String) -> Bool {
        let host = Self.host(of: authority)
        if host == "localhost" || names.contains(host) { return true }
        return Self.isAddress(host)
    }

    private func isSame(_ origin: String, as head: ServerRequestHead) -> Bool {
        origin.lowercased() == "\(head.isTLS ? "https" : "http")://\(head.authority.lowercased())"
    }

    /// The host without the port and without the dot at the end of a complete name.
    static func host(of authority: String) -> String {
        let text = authority.lowercased()
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") { return String(text[...end]) }
        let host = text.prefix { $0 != ":" }
        return host.hasSuffix(".") ? String(host.dropLast()) : String(host)
    }

    static func isAddress(_ host: String) -> Bool {
        if host.hasPrefix("["), host.hasSuffix("]") {
            return host.count > 2
                && host.dropFirst().dropLast().allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
        }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil && $0.allSatisfy(\.isNumber) }
    }
}
