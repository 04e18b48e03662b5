public import Wire

/// A request to the target of a `Client`.
public struct ClientRequest: Sendable {
    /// Such as `POST`.
    public var method: String
    /// The path and query, beginning with a slash.
    public var path: String
    /// The header fields; `host` and `content-length` are added.
    public var fields: HTTPFields
    /// The body, sent part after part without joining them.
    public var body: [Bytes]

    public init(method: String = "POST", path: String, fields: HTTPFields = [:], body: [Bytes] = []) {
        self.method = method
        self.path = path
        self.fields = fields
        self.body = body
    }
}

/// A complete response.
public struct ClientResponse: Sendable {
    /// The HTTP status, from 200 up.
    public let status: Int
    public let fields: HTTPFields
    /// The fields after the body; nil when there were none.
    public let trailers: HTTPFields?
    /// The body as it was received: not decompressed, at most `maxResponseBytes` long.
    public let body: Bytes
}
