public import Wire

/// What a server application answers.
///
/// `content-length` is added by the transport when `fields` do not have it. The body of an answer to `HEAD`
/// is not sent, only counted.
public struct ServerResponse: Sendable {
    /// The status code, 200...599.
    public var status: Int
    /// The header fields.
    public var fields: HTTPFields
    /// The body, sent as it is.
    public var body: Bytes
    /// Fields after the body.
    ///
    /// Over HTTP/1.1 they are sent only with a chunked body.
    public var trailers: HTTPFields?

    /// Makes a response.
    public init(status: Int, fields: HTTPFields = [:], body: Bytes = .empty, trailers: HTTPFields? = nil) {
        self.status = status
        self.fields = fields
        self.body = body
        self.trailers = trailers
    }

    /// A short text answer, for failures that have no better form.
    public static func text(_ status: Int, _ text: String) -> ServerResponse {
        ServerResponse(
            status: status, fields: ["content-type": "text/plain; charset=utf-8"], body: Bytes(utf8: text))
    }
}
