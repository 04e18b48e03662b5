/// What the body of a request may be.
public enum APIBody: Sendable, Equatable {
    case none
    /// A document in JSON or YAML; optional when the operation can do without.
    case document(isOptional: Bool)
    /// A JSON Merge Patch.
    case mergePatch
    /// A JSON Merge Patch or a JSON Patch.
    case patch
    /// A whole document, or a patch.
    case change
    /// Bytes that mean nothing to the API.
    case bytes

    /// The most bytes that a body may have, compressed and not.
    public static let limit = 8 << 20
    /// What is thrown away where no body is expected, in bytes.
    static let unusedLimit = 64 << 10

    /// The media types of it.
    public var types: [String] {
        switch self {
        case .none: []
        case .document: [MediaType.json] + MediaType.yaml.sorted()
        case .mergePatch: [MediaType.mergePatch]
        case .patch: [MediaType.mergePatch, MediaType.jsonPatch]
        case .bytes: [MediaType.bytes]
        case .change:
            [MediaType.json] + MediaType.yaml.sorted() + [MediaType.mergePatch, MediaType.jsonPatch]
        }
    }
}
