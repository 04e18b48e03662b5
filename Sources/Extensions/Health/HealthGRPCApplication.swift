internal import Pipeline
internal import Transport
internal import Wire

/// The health service of gRPC (grpc/health/v1/health.proto), with a service for each pipeline.
///
/// `""` stands for the whole collector. `Check` is a call like any other; `Watch` is a stream.
struct HealthGRPCApplication: ServerApplication {
    /// The most bytes of a request.
    private static let maxMessageSize = 8 << 10
    private static let prefixLength = 5
    fileprivate static let checkPath = "/grpc.health.v1.Health/Check"
    fileprivate static let watchPath = "/grpc.health.v1.Health/Watch"

    private let calls: GRPCApplication
    private let watch: HealthWatch

    /// - Parameters:
    ///   - watch: what feeds the streams.
    ///   - statuses: the status of each service at the moment of a call.
    init(watch: HealthWatch, statuses: @escaping @Sendable () -> HealthWatch.Statuses) {
        self.watch = watch
        calls = GRPCApplication(
            service: HealthGRPCService(statuses: statuses), maxMessageSize: Self.maxMessageSize)
    }

    func admit(_ head: ServerRequestHead) -> Admission { calls.admit(head) }

    func respond(to request: ServerRequest, with responder: Responder) {
        guard request.path == Self.watchPath else { return calls.respond(to: request, with: responder) }
        let body = request.body
        guard body.count >= Self.prefixLength, body[0] == 0,
            let service = HealthGRPCService.service(in: body[Self.prefixLength..<body.count])
        else {
            return Self.fail(responder, "3", "the request is not an uncompressed HealthCheckRequest")
        }
        let hasRoom = watch.add(service) {
            responder.beginStream(
                status: 200, fields: ["content-type": "application/grpc"],
                // The stream ends with the client or with the server.
                trailers: ["grpc-status": "1", "grpc-message": "Server shutting down"])
        }
        if !hasRoom { Self.fail(responder, "8", "too many streams are open") }
    }

    func bodyTooLarge(_ head: ServerRequestHead, limit: Int) -> ServerResponse {
        calls.bodyTooLarge(head, limit: limit)
    }

    func unanswered() -> ServerResponse { calls.unanswered() }

    func overloaded(_ head: ServerRequestHead) -> ServerResponse { calls.overloaded(head) }

    private static func fail(_ responder: Responder, _ code: String, _ message: String) {
        responder.send(
            ServerResponse(
                status: 200,
                fields: [
                    "content-type": "application/grpc", "grpc-status": code, "grpc-message": message,
                ]))
    }
}

/// `Check` of the health service.
struct HealthGRPCService: GRPCService {
    let statuses: @Sendable () -> HealthWatch.Statuses

    func admit(path: String, fields: HTTPFields, peer: String) -> GRPCStatus? {
        switch path {
        case HealthGRPCApplication.checkPath, HealthGRPCApplication.watchPath: nil
        default: GRPCStatus(.unimplemented, "there is no method \(path)")
        }
    }

    func call(_ request: GRPCRequest, reply: GRPCReply) {
        guard let name = Self.service(in: request.message) else {
            return reply.fail(GRPCStatus(.invalidArgument, "the request is not a HealthCheckRequest"))
        }
        guard let status = statuses()(name) else {
            return reply.fail(GRPCStatus(.notFound, "there is no pipeline '\(name)'"))
        }
        // `HealthCheckResponse`: field 1 is the status.
        reply.succeed(Bytes([8, UInt8(status.rawValue)]))
    }

    /// The only field of `HealthCheckRequest`; `nil` when the message is malformed.
    fileprivate static func service(in message: Bytes) -> String? {
        var name = ""
        do throws(WireError) {
            try message.withSpan { bytes throws(WireError) in
                var cursor = Cursor(0..<message.count)
                while let tag = try cursor.readTag(bytes) {
                    guard tag.number == 1, tag.type == .lengthDelimited else {
                        try cursor.skip(tag, bytes)
                        continue
                    }
                    name = message[try cursor.readLengthDelimited(bytes)].string
                }
            }
        } catch {
            return nil
        }
        return name
    }
}
