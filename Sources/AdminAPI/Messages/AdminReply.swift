internal import Settings
internal import Transport
internal import Wire

/// What a handler answers.
struct AdminReply: Sendable {
    /// The body.
    enum Content: Sendable {
        case none
        /// JSON.
        case tree(Tree)
        /// JSON, or YAML for clients that prefer it.
        case configuration(Tree)
        case text(String, type: String)
        /// A body that goes on until the client or the handler ends it.
        case stream(type: String, @Sendable (ResponseStream) async -> Void)
    }

    var status = 200
    var fields: HTTPFields = [:]
    var content: Content
    /// The version of the resource, without quotes; what is not given is made of the body.
    var version: String?
    /// For the audit log: what came of it.
    var detail = ""

    init(_ content: Content, version: String? = nil) {
        self.content = content
        self.version = version
    }

    static func tree(_ tree: Tree, version: String? = nil) -> AdminReply {
        AdminReply(.tree(tree), version: version)
    }

    static let nothing: AdminReply = {
        var reply = AdminReply(.none)
        reply.status = 204
        return reply
    }()
}
