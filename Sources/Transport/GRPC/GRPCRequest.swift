public import Wire

/// A unary gRPC call as a service sees it.
public struct GRPCRequest: Sendable {
    /// `/package.Service/Method`.
    public let path: String
    /// The message, decompressed and without its prefix; a slice of the body where nothing had to be
    /// decompressed.
    public let message: Bytes
    /// The request's fields (metadata).
    public let fields: HTTPFields
    /// Who is at the other end, as `ip:port`.
    public let peer: String
    /// The index of the event loop the call runs on.
    public let lane: Int
    /// How long the client is going to wait, counted from the arrival of the headers.
    public let timeout: Duration?
    /// Whether the connection is encrypted.
    public let isTLS: Bool
}

/// What answers gRPC calls.
///
/// The methods are called on the connection's loop and must not block it.
public protocol GRPCService: Sendable {
    /// Called before the message is read: a status refuses the call, `nil` lets it come. Paths that the
    /// service does not have are refused with `.unimplemented`.
    func admit(path: String, fields: HTTPFields, peer: String) -> GRPCStatus?

    /// Called with the whole message. The outcome goes to `reply`, at once or later, from any thread.
    func call(_ request: GRPCRequest, reply: GRPCReply)
}
