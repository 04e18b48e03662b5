/// `google.rpc.Status`: a code, a message and details, as OTLP uses it in gRPC trailers and HTTP bodies.
public struct RPCStatus: Sendable, Hashable {
    /// A detail of a status.
    ///
    /// Details of other types are kept as they are.
    public enum Detail: Sendable, Hashable {
        /// `google.rpc.RetryInfo`: how long the client should wait before it tries again.
        case retryInfo(delay: Duration)
        /// `google.rpc.BadRequest`: what is wrong with the request.
        case badRequest([FieldViolation])
        /// Any other message: its type URL and its bytes.
        case other(typeURL: String, value: [UInt8])
    }

    /// What is wrong with one field of a request.
    public struct FieldViolation: Sendable, Hashable {
        /// The path of the field.
        public var field: String
        /// Why it is wrong.
        public var description: String

        /// Makes a violation.
        public init(field: String, description: String) {
            self.field = field
            self.description = description
        }
    }

    /// A gRPC status code; 0 in HTTP bodies that leave it out.
    public var code: Int
    /// What went wrong, for developers.
    public var message: String
    /// The details, in order.
    public var details: [Detail]

    /// Makes a status.
    public init(code: Int, message: String, details: [Detail] = []) {
        self.code = code
        self.message = message
        self.details = details
    }

    /// The delay of the first `RetryInfo`.
    public var retryDelay: Duration? {
        for case .retryInfo(let delay) in details { return delay }
        return nil
    }
}
