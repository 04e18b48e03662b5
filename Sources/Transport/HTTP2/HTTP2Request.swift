internal import Wire

/// A request as a client's connection sends it.
struct HTTP2Request: Sendable {
    var method: String
    var scheme: String
    var authority: String
    /// The path and query.
    var path: String
    /// The header fields, without pseudo fields.
    var fields: HTTPFields
    /// The body, sent part after part without joining them.
    var body: [Bytes]
}

/// A complete response as a client's connection received it.
struct HTTP2Response: Sendable {
    var status: Int
    var fields: HTTPFields
    var trailers: HTTPFields?
    var body: Bytes
}
