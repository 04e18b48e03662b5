internal import Pipeline
internal import Transport
internal import Wire

/// The health service of gRPC (grpc/health/v1/health.proto), with a service for each pipeline.
///
/// `""` stands for the whole collector.
struct HealthGRPCService: GRPCService {
    /// The most bytes of a request.
    static let maxMessageSize = 8 << 10
    private static let checkPath = "/grpc.health.v1.Health/Check"
    private static let watchPath = "/grpc.health.v1.Health/Watch"

    let rules: HealthRules
    let clock: any PipelineClock
    let health: @Sendable () -> CollectorHealth

    func admit(path: String, fields: HTTPFields, peer: String) -> GRPCStatus? {
        switch path {
        case Self.checkPath: nil
        case Self.watchPath: GRPCStatus(.unimplemented, "Watch is not part of this version; use Check")
        default: GRPCStatus(.unimplemented, "there is no method \(path)")
        }
    }

    func call(_ request: GRPCRequest, reply: GRPCReply) {
        guard let name = Self.service(in: request.message) else {
            return reply.fail(GRPCStatus(.invalidArgument, "the request is not a HealthCheckRequest"))
        }
        guard let status = status(of: name) else {
            return reply.fail(GRPCStatus(.notFound, "there is no pipeline '\(name)'"))
        }
        reply.succeed(Self.message(status))
    }

    /// The status of a service; `nil` when there is none of that name.
    private func status(of name: String) -> HealthRules.ServingStatus? {
        HealthTree(health(), recoverableFirst: rules.recoverableComesFirst).scope(name).map {
            rules.servingStatus($0, at: clock.unixNanoseconds)
        }
    }

    /// The only field of `HealthCheckRequest`; `nil` when the message is malformed.
    private static func service(in message: Bytes) -> String? {
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

    /// `HealthCheckResponse`: field 1 is the status.
    private static func message(_ status: HealthRules.ServingStatus) -> Bytes {
        Bytes([8, UInt8(status.rawValue)])
    }
}
