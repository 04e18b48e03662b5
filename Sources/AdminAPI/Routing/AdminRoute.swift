/// One operation of the API.
struct AdminRoute: Sendable {
    typealias Handler = @Sendable (AdminCall) async throws(AdminProblem) -> AdminReply

    /// What a body may be.
    enum Body: Sendable, Equatable {
        case none
        /// A table in JSON or YAML; optional when the operation can do without.
        case document(isOptional: Bool)
        case patch
        /// A whole configuration, or a patch.
        case change

        /// The media types of it.
        var types: [String] {
            switch self {
            case .none: []
            case .document: [MediaType.json] + MediaType.yaml.sorted()
            case .patch: [MediaType.mergePatch, MediaType.jsonPatch]
            case .change:
                [MediaType.json] + MediaType.yaml.sorted() + [MediaType.mergePatch, MediaType.jsonPatch]
            }
        }
    }

    /// The `operationId` of the description.
    let id: String
    /// `GET` also stands for `HEAD`.
    let method: String
    /// Such as `/v1/config/components/{kind}/{id}`; a parameter is one segment, or its beginning.
    let template: String
    /// Who may use it; `nil` is everybody, and stands for the description of the API alone.
    let role: AdminRole?
    let body: Body
    /// Whether it may answer with a stream.
    let streams: Bool
    /// Whether it may change something; every other one is a plain look.
    let changes: Bool
    let handler: Handler

    init(
        _ id: String, _ method: String, _ template: String, _ role: AdminRole?, body: Body = .none,
        streams: Bool = false, changes: Bool? = nil, _ handler: @escaping Handler
    ) {
        self.id = id
        self.method = method
        self.template = template
        self.role = role
        self.body = body
        self.streams = streams
        self.changes = changes ?? (method != "GET")
        self.handler = handler
    }
}
