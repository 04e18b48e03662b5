internal import Pipeline
internal import Telemetry
internal import Transport
internal import Wire

/// OTLP/gRPC: the `Export` method of each signal.
struct OTLPGRPCService: GRPCService {
    private let intake: OTLPIntake
    private let signals: [String: Signal]
    private let authentication: ServerAuthentication?

    init(intake: OTLPIntake, authentication: ServerAuthentication?) {
        self.intake = intake
        self.authentication = authentication
        signals = Dictionary(uniqueKeysWithValues: Signal.allCases.map { ($0.exportMethod, $0) })
    }

    func admit(path: String, fields: HTTPFields, peer: String) -> GRPCStatus? {
        if let refusal = authentication?.refusal(fields: fields, peer: peer) {
            return Self.status(for: refusal)
        }
        guard let signal = signals[path] else {
            return Self.unknown(path)
        }
        guard intake.takes(signal) else {
            return GRPCStatus(.unimplemented, "no pipeline takes \(signal.rawValue) from this receiver")
        }
        return nil
    }

    func call(_ request: GRPCRequest, reply: GRPCReply) {
        guard let authentication else { return take(request, of: .anonymous, reply) }
        authentication.decide(fields: request.fields, peer: request.peer, on: request.lane) { answer in
            switch answer {
            case .success(let principal): take(request, of: principal, reply)
            case .failure(let refusal): reply.fail(Self.status(for: refusal))
            }
        }
    }

    private func take(_ request: GRPCRequest, of principal: Principal, _ reply: GRPCReply) {
        guard let signal = signals[request.path] else {
            return reply.fail(Self.unknown(request.path))
        }
        let sender = OTLPIntake.Sender(
            peer: request.peer, lane: request.lane, fields: request.fields, principal: principal)
        intake.take(signal, request.message, isJSON: false, from: sender) { outcome in
            switch outcome {
            // The response of a full success has no fields.
            case .accepted: reply.succeed(.empty)
            case .partly(let partialSuccess): reply.succeed(partialSuccess.encoded())
            case .invalid(let error): reply.fail(Self.status(for: error))
            case .refused(let rejection): reply.fail(Self.status(for: rejection))
            }
        }
    }

    /// Clients bound the headers they read, so a long path is not sent back whole.
    private static func unknown(_ path: String) -> GRPCStatus {
        GRPCStatus(.unimplemented, "there is no method \(path.prefix(100))")
    }

    private static func status(for error: InvalidTelemetry) -> GRPCStatus {
        let violation = RPCStatus.FieldViolation(field: "", description: error.description)
        return GRPCStatus(.invalidArgument, error.description, details: [.badRequest([violation])])
    }

    private static func status(for refusal: AuthenticationRefusal) -> GRPCStatus {
        switch refusal {
        case .unauthenticated(let reason, _): GRPCStatus(.unauthenticated, reason)
        case .later(let reason):
            GRPCStatus(.unavailable, reason, details: [.retryInfo(delay: .seconds(1))])
        }
    }

    private static func status(for rejection: Rejection) -> GRPCStatus {
        switch rejection {
        case .later(let reason, let delay):
            GRPCStatus(.unavailable, reason, details: [.retryInfo(delay: delay ?? .seconds(1))])
        case .never(let reason, _):
            GRPCStatus(.internal, reason)
        }
    }
}
