/// One operation of an API.
public struct APIRoute<Context: APIContext>: Sendable {
    public typealias Handler = @Sendable (APICall<Context>) async throws(APIProblem) -> APIReply

    /// The `operationId` of the description.
    public let id: String
    /// `GET` also stands for `HEAD`.
    public let method: String
    /// Such as `/v1/config/components/{kind}/{id}`; a parameter is one segment, or its beginning.
    public let template: String
    /// What its caller has to have; `nil` is nothing, and stands for what says nothing of the subject.
    public let right: Context.Caller.Right?
    public let body: APIBody
    /// Whether it may answer with a stream.
    public let streams: Bool
    /// Whether it may change something; every other one is a plain look.
    public let changes: Bool
    /// Whether its answer has a secret that is shown once: it is waited for, and no operation shows it again.
    public let hasSecretAnswer: Bool
    let handler: Handler

    /// Makes a route.
    ///
    /// - Parameters:
    ///   - id: The `operationId` of the description.
    ///   - method: Such as `GET`.
    ///   - template: The path with its parameters.
    ///   - right: What its caller has to have; `nil` is nothing.
    ///   - body: What its body may be.
    ///   - streams: Whether it may answer with a stream.
    ///   - changes: Whether it may change something; all methods but `GET` do unless this says otherwise.
    ///   - hasSecretAnswer: Whether the answer has a secret that is shown once.
    ///   - handler: What it does.
    public init(
        _ id: String, _ method: String, _ template: String, _ right: Context.Caller.Right?,
        body: APIBody = .none, streams: Bool = false, changes: Bool? = nil, hasSecretAnswer: Bool = false,
        _ handler: @escaping Handler
    ) {
        self.id = id
        self.method = method
        self.template = template
        self.right = right
        self.body = body
        self.streams = streams
        self.changes = changes ?? (method != "GET")
        self.hasSecretAnswer = hasSecretAnswer
        self.handler = handler
    }
}
