/// The type in `Content-Type` or `Accept`.
public struct MediaType {
    public static let json = "application/json"
    public static let yaml: Set<String> = [
        "application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml",
    ]
    public static let mergePatch = "application/merge-patch+json"
    public static let jsonPatch = "application/json-patch+json"
    public static let bytes = "application/octet-stream"

    /// In lower case, without parameters.
    public let name: String
    /// The `charset`, in lower case.
    public let charset: String?

    public init(_ text: String) {
        let parts = text.lowercased().split(separator: ";").map { part in
            String(part.filter { $0 != " " && $0 != "\t" && $0 != "\"" })
        }
        name = parts.first ?? ""
        charset = parts.dropFirst().first { $0.hasPrefix("charset=") }.map { String($0.dropFirst(8)) }
    }

    /// Whether text of this type is UTF-8.
    public var isUTF8: Bool { charset.map { $0 == "utf-8" || $0 == "utf8" || $0 == "us-ascii" } ?? true }
}
