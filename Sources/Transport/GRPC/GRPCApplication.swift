internal import Wire

/// Serves unary gRPC calls: framing, compression, timeouts and statuses around a `GRPCService`.
public struct GRPCApplication: ServerApplication {
    private let service: any GRPCService
    private let maxMessageSize: Int
    private let memory: (any ServerMemory)?
    private let room: @Sendable () -> Int

    /// - Parameters:
    ///   - service: what answers the calls.
    ///   - maxMessageSize: the most bytes of a message, before and after decompression.
    ///   - memory: what knows how much memory there is for decompressed messages; `nil` sets no limit.
    public init(service: any GRPCService, maxMessageSize: Int, memory: (any ServerMemory)? = nil) {
        self.service = service
        self.maxMessageSize = maxMessageSize
        self.memory = memory
        room = { memory?.room ?? .max }
    }

    public func admit(_ head: ServerRequestHead) -> Admission {
        guard head.httpVersion == .http2 else {
            return .refuse(.text(505, "gRPC needs HTTP/2"))
        }
        guard head.method == "POST" else {
            var response = ServerResponse.text(405, "gRPC calls are POST requests")
            response.fields.add("allow", "POST")
            return .refuse(response)
        }
        guard head.fields.withValue(of: "content-type", Self.isGRPC) ?? false else {
            return .refuse(.text(415, "the content-type of a gRPC call is application/grpc"))
        }
        if let text = head.fields["grpc-timeout"], GRPCTimeout.parse(text) == nil {
            return refuse(
                GRPCStatus(.internal, "grpc-timeout is not a number of at most 8 digits and a unit"))
        }
        if let status = service.admit(path: head.path, fields: head.fields, peer: head.peer) {
            return refuse(status)
        }
        return .accept(
            maxBodySize: maxMessageSize + GRPCFraming.prefixLength, framing: .lengthPrefixed)
    }

    public func respond(to request: ServerRequest, with responder: Responder) {
        let fields = request.fields
        do throws(GRPCStatus) {
            let message = try GRPCFraming.message(
                in: request.body, encoding: { fields["grpc-encoding"] }, limit: maxMessageSize, room: room)
            let call = GRPCRequest(
                path: request.path, message: message, fields: fields, peer: request.peer,
                lane: request.lane, timeout: fields["grpc-timeout"].flatMap(GRPCTimeout.parse),
                isTLS: request.isTLS)
            service.call(call, reply: GRPCReply(responder: responder))
        } catch {
            // The framing knows one reason to try again later: memory.
            if error.code == .unavailable { memory?.countRefusal() }
            responder.send(GRPCResponse.failure(error))
        }
    }

    public func bodyTooLarge(_ head: ServerRequestHead, limit: Int) -> ServerResponse {
        GRPCResponse.failure(GRPCFraming.tooLarge(limit: maxMessageSize))
    }

    public func unanswered() -> ServerResponse {
        GRPCResponse.failure(GRPCStatus(.internal, "the call was not answered"))
    }

    public func overloaded(_ head: ServerRequestHead) -> ServerResponse {
        GRPCResponse.failure(GRPCFraming.noMemory)
    }

    private func refuse(_ status: GRPCStatus) -> Admission { .refuse(GRPCResponse.failure(status)) }

    /// Whether a content type is `application/grpc`, `application/grpc+proto` or either with parameters.
    private static func isGRPC(_ value: UnsafeRawBufferPointer) -> Bool {
        guard value.begins(with: "application/grpc") else { return false }
        let rest = UnsafeRawBufferPointer(rebasing: value[16...])
        let next = rest.begins(with: "+proto") ? rest.dropFirst(6).first : rest.first
        return next == nil || next == UInt8(ascii: ";") || next == UInt8(ascii: " ")
    }
}
