internal import Compression
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

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        let settings = configuration.client
        delivery = configuration.delivery
        maxRequestBytes = configuration.maxRequestSizeMiB << 20
        var metadata = HTTPFields()
        for pair in settings.headers.pairs { metadata.add(pair.name, pair.value.reveal()) }
        self.metadata = metadata
        let target = try settings.client(context.logger)
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
            let outcome = try await call(batch.signal, body, lane)
            rejected += outcome.rejectedItems
            if !outcome.message.isEmpty { message = outcome.message }
        }
        return ExportOutcome(rejectedItems: rejected, message: message)
    }

    public func close() async { await client.close() }

    private func call(_ signal: Signal, _ body: [Bytes], _ lane: Int) async throws(ExportFailure)
        -> ExportOutcome
    {
        let response: Bytes
        do throws(GRPCStatus) {
            response = try await calls.call(
                path: signal.exportMethod, message: body, metadata: metadata, lane: lane,
                timeout: delivery.attemptTimeout)
        } catch {
            throw Self.failure(error, client.target)
        }
        do throws(WireError) {
            return try PartialSuccess.outcome(of: response)
        } catch {
            throw .permanent(reason: "the response of \(client.target) is not OTLP: \(error)")
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
