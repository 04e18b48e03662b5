public import Settings
public import Transport

/// What a handler answers.
public struct APIReply: Sendable {
    /// The body.
    public enum Content: Sendable {
        case none
        /// JSON.
        case tree(Tree)
        /// JSON, or YAML for clients that prefer it.
        case configuration(Tree)
        case text(String, type: String)
        /// A body that goes on until the client or the handler ends it.
        case stream(type: String, @Sendable (ResponseStream) async -> Void)
    }

    public var status = 200
    public var fields: HTTPFields = [:]
    public var content: Content
    /// The version of the resource, without quotes; what is not given is made of the body.
    public var version: String?
    /// Whether the body says more than what `version` is about, so that the same version is no reason to
    /// leave it out.
    public var isVolatile = false
    /// For the audit log: what came of it.
    public var detail = ""

    public init(_ content: Content, version: String? = nil) {
        self.content = content
        self.version = version
    }

    /// JSON.
    public static func tree(_ tree: Tree, version: String? = nil) -> APIReply {
        APIReply(.tree(tree), version: version)
    }

    /// Done, and there is nothing to say.
    public static let nothing: APIReply = {
        var reply = APIReply(.none)
        reply.status = 204
        return reply
    }()
}
