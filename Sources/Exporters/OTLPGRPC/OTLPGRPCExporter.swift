internal import Compression
internal import Logging
public import Pipeline
public import Settings
public import Telemetry
internal import Transport
internal import Wire

/// Sends OTLP over gRPC (OTLP 1.11, section OTLP/gRPC).
///
/// The batch goes out in the form in which it came in: its chunks are written one after another. Which
/// failures are tried again follows the specification's table; `RetryInfo` is the least time until then, and
/// a partial success is never sent again. A batch above `max_request_size_mib` is not sent but given up with
/// that reason.
public struct OTLPGRPCExporter: Exporter {
    public static let name = "otlp_grpc"
    public static let aliases = ["otlp"]
    public static let summary = "Sends OTLP over gRPC."

    /// The keys of the exporter.
    public struct Configuration: SettingGroup {
        public var client = GRPCClientSettings()
        public var delivery = DeliverySettings()
        public var maxRequestSizeMiB = 64

        public init() {}

        public static var fields: [Field<Configuration>] {
            [
                Field(embedding: \.client),
                Field(embedding: \.delivery),
                Field(
                    "max_request_size_mib", \.maxRequestSizeMiB,
                    "Largest request in MiB before compression; an addition to otelcol's keys."
                ) { (1...2048).contains($0) ? nil : "must be from 1 to 2048" },
            ]
        }
    }

    public let delivery: DeliverySettings
    private let client: Client
    private let calls: GRPCClient
    private let metadata: HTTPFields
    private let maxRequestBytes: Int
    private let authentication: ClientAuthentication?
    private let target: ClientConfiguration
    private let logger: Logger

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        let settings = configuration.client
        delivery = configuration.delivery
        maxRequestBytes = configuration.maxRequestSizeMiB << 20
        var metadata = HTTPFields()
        for pair in settings.headers.pairs { metadata.add(pair.name, pair.value.reveal()) }
        self.metadata = metadata
        target = try settings.client(context.logger)
        authentication = try settings.auth?.client(in: context)
        logger = context.logger
        do throws(TransportError) {
            client = try Client(target, loops: context.eventLoops, logger: context.logger)
        } catch {
            throw ComponentError(error.description, key: "endpoint")
        }
        do throws(CompressionError) {
            calls = try GRPCClient(
                client: client, compression: settings.compression.algorithm,
                userAgent: settings.userAgent.isEmpty ? context.userAgent : settings.userAgent)
        } catch {
            throw ComponentError(error.description, key: "compression")
        }
    }

    public func open() async throws(ComponentError) { authentication?.warn(about: target, logger) }

    public func export(_ batch: Batch, on lane: Int) async throws(ExportFailure) -> ExportOutcome {
        guard batch.byteCount <= maxRequestBytes else {
            throw .permanent(
                reason:
                    "the request has \(batch.byteCount) bytes; max_request_size_mib allows \(maxRequestBytes)"
            )
        }
        var rejected = 0
        var message = ""
        for body in OTLPRequests.bodies(of: batch) {
            let outcome = try await call(batch.signal, body, batch.origin, lane)
            rejected += outcome.rejectedItems
            if !outcome.message.isEmpty { message = outcome.message }
        }
        return ExportOutcome(rejectedItems: rejected, message: message)
    }

    public func close() async { await client.close() }

    private func call(
        _ signal: Signal, _ body: [Bytes], _ origin: Origin?, _ lane: Int
    ) async throws(ExportFailure) -> ExportOutcome {
        var sent = metadata
        let answer: Result<Bytes, GRPCStatus>
        if let authentication {
            (answer, sent) = try await authentication.exchange(
                metadata, for: origin, isRefusal: { $0.isUnauthenticated }
            ) { (metadata) throws(ExportFailure) in await attempt(signal, body, metadata, lane) }
        } else {
            answer = await attempt(signal, body, metadata, lane)
        }
        let response: Bytes
        switch answer {
        case .success(let bytes): response = bytes
        case .failure(var status):
            status.message = SecretEcho.removed(from: status.message, sent: sent, plain: [:])
            throw Self.failure(status, client.target)
        }
        do throws(WireError) {
            return try PartialSuccess.outcome(of: response)
        } catch {
            throw .permanent(reason: "the response of \(client.target) is not OTLP: \(error)")
        }
    }

    private func attempt(
        _ signal: Signal, _ body: [Bytes], _ metadata: HTTPFields, _ lane: Int
    ) async -> Result<Bytes, GRPCStatus> {
        do throws(GRPCStatus) {
            return .success(
                try await calls.call(
                    path: signal.exportMethod, message: body, metadata: metadata, lane: lane,
                    timeout: delivery.attemptTimeout))
        } catch {
            return .failure(error)
        }
    }

    /// What a status means, by the table in OTLP/gRPC, section Failures.
    static func failure(_ status: GRPCStatus, _ target: ListenAddress) -> ExportFailure {
        let reason = "\(target): \(status)"
        let delay = status.details.flatMap { RPCStatus(decoding: $0) }?.retryDelay.map(RetryAfter.bounded)
        switch status.code {
        case .cancelled, .deadlineExceeded, .aborted, .outOfRange, .unavailable, .dataLoss:
            return .retryable(reason: reason, after: delay)
        case .resourceExhausted where delay != nil:
            return .retryable(reason: reason, after: delay)
        default:
            return .permanent(reason: reason)
        }
    }
}

extension Result<Bytes, GRPCStatus> {
    /// Whether the server does not accept the credentials of the call.
    fileprivate var isUnauthenticated: Bool {
        if case .failure(let status) = self { status.code == .unauthenticated } else { false }
    }
}
