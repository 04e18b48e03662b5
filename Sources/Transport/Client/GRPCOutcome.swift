internal import Wire

/// What an HTTP response means to a gRPC client ("HTTP to gRPC Status Code Mapping", "Responses").
enum GRPCOutcome {
    /// The message of a successful call.
    static func message(of response: ClientResponse, limit: Int) throws(GRPCStatus) -> Bytes {
        let end = response.trailers ?? response.fields
        guard let code = end["grpc-status"] ?? response.fields["grpc-status"] else {
            throw withoutStatus(response)
        }
        guard code == "0" else { throw status(code, end) }
        guard response.status == 200 else { throw withoutStatus(response) }
        return try GRPCFraming.message(
            in: response.body, encoding: { response.fields["grpc-encoding"] }, limit: limit)
    }

    private static func status(_ code: String, _ fields: HTTPFields) -> GRPCStatus {
        let known = Int(code).flatMap { GRPCStatus.Code(rawValue: $0) }
        let details = fields["grpc-status-details-bin"].flatMap { GRPCText.base64Decoded($0) }
        let message = fields["grpc-message"].map { GRPCText.percentDecoded($0) } ?? ""
        return GRPCStatus(
            known ?? .unknown, known == nil ? "status \(code): \(message)" : message,
            details: details.map { Bytes($0) })
    }

    private static func withoutStatus(_ response: ClientResponse) -> GRPCStatus {
        let type = response.fields["content-type"] ?? "none"
        let description = "the server answered with HTTP status \(response.status), content-type \(type)"
        guard response.status != 200 else {
            return GRPCStatus(.unknown, description + " and no grpc-status; is it a gRPC server?")
        }
        let code: GRPCStatus.Code =
            switch response.status {
            case 400: .internal
            case 401: .unauthenticated
            case 403: .permissionDenied
            case 404: .unimplemented
            case 429, 502, 503, 504: .unavailable
            default: .unknown
            }
        return GRPCStatus(code, description)
    }
}

extension GRPCStatus {
    /// The status of a call that failed on the way.
    init(_ error: TransportError) {
        let code: Code =
            switch error.kind {
            case .timeout: .deadlineExceeded
            case .cancelled: .cancelled
            case .tooLarge: .resourceExhausted
            case .reset: Self.code(ofReset: error.http2ErrorCode ?? HTTP2ErrorCode.internalError)
            case .invalidAddress, .addressInUse, .listenFailed: .internal
            case .connectFailed, .tls, .closedBeforeResponse, .notProcessed, .protocolError, .overloaded:
                .unavailable
            }
        self.init(code, error.message)
    }

    private static func code(ofReset code: UInt32) -> Code {
        switch code {
        case HTTP2ErrorCode.refusedStream: .unavailable
        case HTTP2ErrorCode.cancel: .cancelled
        case HTTP2ErrorCode.enhanceYourCalm: .resourceExhausted
        // INADEQUATE_SECURITY
        case 0xc: .permissionDenied
        default: .internal
        }
    }
}
