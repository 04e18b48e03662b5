internal import Wire

/// gRPC's outcomes as HTTP responses.
enum GRPCResponse {
    private static let fields: HTTPFields = ["content-type": "application/grpc"]
    private static let okTrailers: HTTPFields = ["grpc-status": "0"]

    /// A message and the status OK in the trailers.
    static func success(_ message: Bytes) -> ServerResponse {
        ServerResponse(
            status: 200, fields: fields, body: GRPCFraming.frame(message), trailers: okTrailers)
    }

    /// Only the status, in the header fields ("Trailers-Only").
    static func failure(_ status: GRPCStatus) -> ServerResponse {
        var fields = fields
        fields.add("grpc-status", String(status.code.rawValue))
        if !status.message.isEmpty { fields.add("grpc-message", GRPCText.percentEncoded(status.message)) }
        if let details = status.details {
            fields.add("grpc-status-details-bin", GRPCText.base64(details.array))
        }
        if status.code == .unimplemented {
            fields.add("grpc-accept-encoding", GRPCFraming.acceptedEncodings)
        }
        return ServerResponse(status: 200, fields: fields)
    }
}
