internal import Compression
internal import Formats
public import Pipeline
internal import Settings
public import Telemetry
internal import Transport
internal import Wire

/// Sends logs over the Forward protocol, to Fluentd, Fluent Bit and other collectors.
///
/// A batch becomes one message for each tag in it (mode PackedForward or CompressedPackedForward). With
/// `require_ack` it is delivered when all of them are acknowledged; what is not in time is sent again, so the
/// server may have some twice.
public struct FluentForwardExporter: Exporter {
    public static let name = "fluent_forward"
    public static let summary = "Sends logs over the Forward protocol, to Fluentd and Fluent Bit."
    public static let signals: [Signal] = [.logs]
    public static let differences = [
        "otelcol has no such exporter: its keys are those of Fluentd's out_forward where they mean the same.",
        "Attributes are fields of the record and the body is message, as the receiver reads them;"
            + " severity_number, severity_text, trace_id, span_id, event_name, resource and scope are fields"
            + " beside them, and go before attributes of the same name.",
    ]

    public let delivery: DeliverySettings
    private let pool: ForwardPool
    private let tag: String
    private let isAcknowledged: Bool
    private let compressor: Compressor?
    private let messageLimit: Int
    private let clock: any PipelineClock

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        delivery = configuration.delivery
        tag = configuration.tag
        isAcknowledged = configuration.requireAck
        messageLimit = configuration.maxMessageSize.bytes
        clock = context.clock
        var stream = StreamClient.Configuration(target: try configuration.address().target)
        if let tls = configuration.tls, !tls.insecure { stream.tls = try tls.make(context.logger) }
        let hostname = configuration.selfHostname
        let identity = ForwardIdentity(
            sharedKey: configuration.sharedKey,
            hostname: hostname.isEmpty ? ForwardHandshake.machineName : hostname,
            username: configuration.username, password: configuration.password)
        pool = ForwardPool(
            stream, identity: configuration.sharedKey.isEmpty ? nil : identity,
            limit: configuration.delivery.attemptTimeout, lanes: context.lanes)
        do throws(CompressionError) {
            compressor = configuration.compression == .gzip ? try Compressor(.gzip) : nil
        } catch {
            throw ComponentError(error.description, key: "compression")
        }
    }

    public func export(_ batch: Batch, on lane: Int) async throws(ExportFailure) -> ExportOutcome {
        let messages = try messages(of: batch)
        guard !messages.isEmpty else { return .delivered }
        if let link = await pool.idle(on: lane) {
            do throws(ForwardLink.Failure) {
                return try await deliver(messages, over: link, lane)
            } catch {
                // The server may have closed it at the same moment; a new connection shows that.
                guard error.isGone else { throw error.failure }
            }
        }
        let link = try await pool.connect(on: lane)
        do throws(ForwardLink.Failure) {
            return try await deliver(messages, over: link, lane)
        } catch {
            throw error.failure
        }
    }

    private func deliver(
        _ messages: [ForwardLink.Message], over link: ForwardLink, _ lane: Int
    ) async throws(ForwardLink.Failure) -> ExportOutcome {
        try await link.deliver(messages, limit: delivery.attemptTimeout)
        pool.giveBack(link, on: lane)
        return .delivered
    }

    public func close() async { pool.close() }

    /// The messages of a batch.
    private func messages(of batch: Batch) throws(ExportFailure) -> [ForwardLink.Message] {
        var encoder = ForwardEncoder(tag: tag, limit: messageLimit, now: clock.unixNanoseconds)
        var messages: [ForwardLink.Message] = []
        for entries in encoder.encode(batch) {
            var packed = entries.bytes
            if let compressor {
                do throws(CompressionError) {
                    packed = try compressor.compress([packed])
                } catch {
                    throw .permanent(reason: "cannot compress the entries: \(error)")
                }
            }
            var chunk: String?
            if isAcknowledged {
                let name = Base64Variant.standard.encode(ForwardDigest.randomBytes())
                chunk = String(decoding: name, as: UTF8.self)
            }
            let parts = entries.message(packed, isCompressed: compressor != nil, chunk: chunk)
            messages.append(ForwardLink.Message(parts: parts, chunk: chunk))
        }
        return messages
    }
}
