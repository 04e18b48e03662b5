/// The target of a request (RFC 9110 section 7.1).
enum RequestTarget {
    /// Splits a target into its path and what follows the first `?`.
    static func split(_ target: String) -> (path: String, query: String?) {
        guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return (target, nil) }
        return (String(target[..<mark]), String(target[target.index(after: mark)...]))
    }

    /// The path and query of a target that may be a whole URL, as proxies are sent.
    static func originForm(_ target: String) -> String {
        guard target.utf8.first != UInt8(ascii: "/"), target != "*" else { return target }
        guard let scheme = target.firstRange(of: "://") else { return target }
        guard let slash = target[scheme.upperBound...].firstIndex(of: "/") else { return "/" }
        return String(target[slash...])
    }
}
