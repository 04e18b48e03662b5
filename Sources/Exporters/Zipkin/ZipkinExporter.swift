internal import Compression
internal import Formats
internal import Logging
public import Pipeline
internal import Settings
public import Telemetry
internal import Transport
internal import Wire

/// Sends traces to Zipkin, or to what speaks its API, as spans of version 2 in JSON or protobuf.
///
/// A batch is one request, or several of up to 8 MiB, since each span has the tags of its resource; they are
/// sent one after another, and those that were delivered not again. 408, 429 and statuses from 500 on are
/// tried again, after `Retry-After` at the earliest; every other status but a success gives the spans of the
/// request up. A connection that breaks before the response came is tried again, so the server may have some
/// spans twice, which Zipkin does not mind.
public struct ZipkinExporter: Exporter {
    public static let name = "zipkin"
    public static let summary = "Sends traces to Zipkin, as JSON or protobuf."
    public static let signals: [Signal] = [.traces]
    public static let differences = [
        "default_service_name is obeyed; otelcol reads it and writes OTLPResourceNoServiceName.",
        "Statuses from 400 to 499 give a request up, except 408 and 429; otelcol tries all of them again.",
        "A batch that becomes larger than 8 MiB is sent as several requests, and those that were delivered"
            + " are not sent again; a span that is larger alone, with the tags of its resource, is counted as"
            + " rejected.",
        "Spans without a trace id or a span id are counted as rejected; otelcol gives up the whole batch.",
        "Scopes are the tags otel.scope.name and otel.scope.version, and attributes of scopes are tags;"
            + " counts of what was dropped are the tags that the specification of OpenTelemetry names.",
        "net.host.ip, network.local.address and their likes become endpoints when they are addresses and"
            + " ports, and stay tags otherwise.",
        "The tag error keeps a text that is neither true nor false.",
        "Times that are negative or absent are left out, and durations below a microsecond are 1.",
    ]

    /// The most bytes of a request before it is compressed; Zipkin's server takes 10 MiB.
    private static let listLimit = 8 << 20

    public let delivery: DeliverySettings
    private let client: Client
    private let target: ClientConfiguration
    private let path: String
    private let fields: HTTPFields
    private let compressor: Compressor?
    private let encoder: ZipkinEncoder
    /// Values of `headers`, which no message may show.
    private let secrets: [String]
    private let authentication: ClientAuthentication?
    private let progress = ZipkinProgress()
    private let logger: Logger

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        delivery = configuration.delivery
        let endpoint = try configuration.address()
        let settings = configuration.client
        target = try settings.client(
            for: endpoint, connections: max(4, configuration.delivery.sendingQueue.numConsumers),
            context.logger)
        client = try OTLPHTTPExporter.client(for: target, context)
        path = endpoint.path.isEmpty ? "/" : endpoint.path
        fields = Self.fields(configuration, context)
        compressor = try OTLPHTTPExporter.compressor(settings)
        encoder = ZipkinEncoder(
            as: configuration.format == .json ? .json : .protobuf,
            defaultServiceName: configuration.defaultServiceName)
        secrets = settings.headers.pairs.map { $0.value.reveal() }
        authentication = try settings.auth?.client(in: context)
        logger = context.logger
    }

    public func open() async throws(ComponentError) { authentication?.warn(about: target, logger) }

    public func close() async { await client.close() }

    public func export(_ batch: Batch, on lane: Int) async throws(ExportFailure) -> ExportOutcome {
        guard batch.signal == .traces else {
            throw .permanent(reason: "Zipkin takes traces, not \(batch.signal.rawValue)")
        }
        var lists = encoder.lists(of: batch, limit: Self.listLimit)
        var standing = progress.take(batch)
        var count = 0
        while let list = lists.next() {
            count += 1
            guard count > standing.lists else { continue }
            do throws(ExportFailure) {
                try await send(list.body, of: batch.origin, lane)
                standing.isDelivered = true
            } catch {
                guard case .permanent(let reason) = error else {
                    progress.keep(standing, of: batch)
                    throw error
                }
                standing.refusedSpans += list.spanCount
                standing.reason = standing.reason ?? reason
            }
            standing.lists = count
        }
        return try Self.outcome(of: lists, standing)
    }

    /// What the answers to all lists mean for the batch.
    private static func outcome(
        of lists: ZipkinLists, _ standing: ZipkinStanding
    ) throws(ExportFailure) -> ExportOutcome {
        if let reason = standing.reason, !standing.isDelivered { throw .permanent(reason: reason) }
        var messages = [standing.reason].compactMap { $0 }
        if lists.withoutIDs > 0 { messages.append("spans without a trace id or a span id") }
        if lists.tooLarge > 0 {
            messages.append(
                "spans that have more than \(listLimit) bytes with the tags of their resource and scope")
        }
        return ExportOutcome(
            rejectedItems: standing.refusedSpans + lists.withoutIDs + lists.tooLarge,
            message: messages.joined(separator: "; "))
    }

    private func send(_ body: Bytes, of origin: Origin?, _ lane: Int) async throws(ExportFailure) {
        var request = ClientRequest(path: path, fields: fields, body: [body])
        if let compressor {
            do throws(CompressionError) {
                request.body = [try compressor.compress([body])]
            } catch {
                throw .permanent(reason: "cannot compress the request: \(error)")
            }
        }
        let (response, sent) = try await exchange(request, for: origin, lane)
        guard (200...299).contains(response.status) else { throw failure(response, sent) }
    }

    /// The response, and the header fields of the request that it answers.
    private func exchange(
        _ request: ClientRequest, for origin: Origin?, _ lane: Int
    ) async throws(ExportFailure) -> (ClientResponse, HTTPFields) {
        guard let authentication else { return (try await attempt(request, fields, lane), fields) }
        return try await authentication.exchange(
            fields, for: origin, isRefusal: { $0.status == 401 }
        ) { (fields) throws(ExportFailure) in try await attempt(request, fields, lane) }
    }

    private func attempt(
        _ request: ClientRequest, _ fields: HTTPFields, _ lane: Int
    ) async throws(ExportFailure) -> ClientResponse {
        var request = request
        request.fields = fields
        do throws(TransportError) {
            return try await client.send(request, lane: lane, timeout: delivery.attemptTimeout)
        } catch {
            throw error.kind == .tooLarge || error.kind == .invalidAddress
                ? .permanent(reason: error.description) : .retryable(reason: error.description)
        }
    }

    /// What a status that is no success stands for.
    private func failure(_ response: ClientResponse, _ sent: HTTPFields) -> ExportFailure {
        // What is hidden is taken out before the text is cut, because a half is not recognized any more.
        var said = SecretEcho.removed(secrets, from: String(response.body.string.prefix(8192)))
        said = SecretEcho.removed(from: said, sent: sent, plain: fields)
        let text = String(said.prefix(200).filter { !$0.isNewline })
        let reason =
            "\(client.target)\(path) answered with status \(response.status)"
            + (text.isEmpty ? "" : ": \(text)")
        guard response.status == 408 || response.status == 429 || response.status >= 500 else {
            return .permanent(reason: reason)
        }
        return .retryable(
            reason: reason, after: response.fields["retry-after"].flatMap { RetryAfter.delay($0) })
    }

    /// The header fields of every request; the user's come last and win.
    private static func fields(_ configuration: Configuration, _ context: Context) -> HTTPFields {
        var fields: HTTPFields = [
            "content-type": configuration.format == .json ? "application/json" : "application/x-protobuf",
            "user-agent": context.userAgent,
        ]
        if let algorithm = configuration.client.compression.algorithm {
            fields.add("content-encoding", algorithm.rawValue)
        }
        for pair in configuration.client.headers.pairs where pair.name.lowercased() != "host" {
            fields[pair.name] = pair.value.reveal()
        }
        return fields
    }
}
