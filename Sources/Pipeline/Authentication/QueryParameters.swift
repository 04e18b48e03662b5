internal import Wire

/// The parameters of a URL's query (the URL standard, application/x-www-form-urlencoded).
public struct QueryParameters: Sendable {
    private let pairs: [(name: String, value: String)]

    /// Reads a query; one that is absent has no parameters, and escapes that are none stand for themselves.
    public init(_ query: String?) {
        pairs = (query ?? "").split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.decoded(parts[0]), parts.count > 1 ? Self.decoded(parts[1]) : "")
        }
    }

    /// The first value of a parameter; upper and lower case are different names.
    public subscript(name: String) -> String? { pairs.first { $0.name == name }?.value }

    /// Whether there is a parameter of a name, with a value or without.
    public func has(_ name: String) -> Bool { pairs.contains { $0.name == name } }

    /// All values of a parameter, in their order.
    public func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map { $0.value } }

    private static func decoded(_ text: Substring) -> String {
        PercentDecoding.lenient(text, plusIsSpace: true)
    }
}
