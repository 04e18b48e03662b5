internal import Formats
internal import Pipeline
internal import Telemetry
internal import Transport
internal import Wire

/// Jaeger over gRPC: `CollectorService.PostSpans`, and `SamplingManager.GetSamplingStrategy` where there are
/// strategies.
struct JaegerGRPCService: GRPCService {
    private static let samplingPath = "/jaeger.api_v2.SamplingManager/GetSamplingStrategy"

    let intake: JaegerIntake
    let authentication: ServerAuthentication?
    let sampling: SamplingStore?
    /// The most bytes that the spans of a request may become.
    let outputLimit: Int

    func admit(path: String, fields: HTTPFields, peer: String) -> GRPCStatus? {
        if let refusal = authentication?.refusal(fields: fields, peer: peer) { return status(refusal) }
        if path == JaegerProtobuf.postSpans { return nil }
        guard path == Self.samplingPath else {
            // Clients bound the headers they read, so a long path is not sent back whole.
            return GRPCStatus(.unimplemented, "there is no method \(path.prefix(100))")
        }
        guard sampling != nil else {
            return GRPCStatus(.unimplemented, "there are no sampling strategies; configure remote_sampling")
        }
        return nil
    }

    func call(_ request: GRPCRequest, reply: GRPCReply) {
        guard let authentication else { return take(request, of: .anonymous, reply) }
        authentication.decide(fields: request.fields, peer: request.peer, on: request.lane) { answer in
            switch answer {
            case .success(let principal): take(request, of: principal, reply)
            case .failure(let refusal): reply.fail(status(refusal))
            }
        }
    }

    private func take(_ request: GRPCRequest, of principal: Principal, _ reply: GRPCReply) {
        if request.path == Self.samplingPath, let sampling { return ask(sampling, request, reply) }
        let batch: Batch
        do throws(JaegerError) {
            batch = try JaegerProtobuf.request(request.message, limit: outputLimit)
        } catch {
            intake.noteInvalid(error.description, from: request.peer)
            let violation = RPCStatus.FieldViolation(field: "", description: error.description)
            return reply.fail(
                GRPCStatus(.invalidArgument, error.description, details: [.badRequest([violation])]))
        }
        let sender = OTLPIntake.Sender(
            peer: request.peer, lane: request.lane, fields: request.fields, principal: principal)
        intake.send(batch, from: sender) { refusal in
            switch refusal {
            // PostSpansResponse has no fields.
            case nil: reply.succeed(.empty)
            case .later(let reason, let delay):
                let details = [RPCStatus.Detail.retryInfo(delay: delay ?? .seconds(1))]
                reply.fail(GRPCStatus(.unavailable, reason, details: details))
            case .never(let reason, _): reply.fail(GRPCStatus(.internal, reason))
            }
        }
    }

    /// Answers what a service should do: `SamplingStrategyParameters` has its name in field 1.
    private func ask(_ sampling: SamplingStore, _ request: GRPCRequest, _ reply: GRPCReply) {
        let message = request.message
        do throws(WireError) {
            let name = try message.withSpan { (span) throws(WireError) -> Range<Int> in
                var cursor = Cursor(0..<span.byteCount)
                var name = 0..<0
                while let tag = try cursor.readTag(span) {
                    if tag == Tag(1, .lengthDelimited) {
                        name = try cursor.readLengthDelimited(span)
                    } else {
                        try cursor.skip(tag, span)
                    }
                }
                return name
            }
            reply.succeed(sampling.strategies.strategy(of: message[name].string).protobuf)
        } catch {
            reply.fail(GRPCStatus(.invalidArgument, error.description))
        }
    }

    private func status(_ refusal: AuthenticationRefusal) -> GRPCStatus {
        switch refusal {
        case .unauthenticated(let reason, _): GRPCStatus(.unauthenticated, reason)
        case .later(let reason):
            GRPCStatus(.unavailable, reason, details: [.retryInfo(delay: .seconds(1))])
        }
    }
}
