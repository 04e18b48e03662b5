internal import Compression
internal import Logging
public import Pipeline
internal import Prometheus
internal import Settings
public import Telemetry
internal import Transport
internal import Wire

/// Sends metrics by Prometheus' remote write, version 1.0 or 2.0.
///
/// A batch becomes requests that have no series in common, which are sent some at a time; batches go one
/// after another, and one that is tried again keeps those behind it waiting. So no value of a series
/// overtakes an earlier one, which Prometheus would refuse.
///
/// 429, 5xx and connections that break are tried again, after `Retry-After` at the earliest, with the
/// requests that have no other answer yet; every other status gives the data points of its request up.
public struct RemoteWriteExporter: Exporter {
    public static let name = "prometheusremotewrite"
    public static let aliases = ["prometheus_remote_write"]
    public static let summary = "Sends metrics by Prometheus' remote write."
    public static let signals: [Signal] = [.metrics]
    public static let differences = [
        "Data points that are not cumulative are counted as rejected with that reason, instead of being"
            + " dropped.",
        "Version 2 can be used without a feature gate, and has native histograms and start times.",
        "There is no wal: with remote_write_queue::storage the queue is on disk, and on_permanent_error,"
            + " dead_letters and overflow are as with other exporters.",
        "With remote_write_queue::enabled false senders wait until their batch is sent, and batches still go"
            + " one after another.",
        "A batch that is tried again leaves out requests that were delivered or refused before. Unless"
            + " retry_on_failure::max_elapsed_time says otherwise it is given up after five minutes, never"
            + " with a storage, instead of after one.",
        "When its settings change, the batch that is tried again at that moment may be sent after the next"
            + " one, and Prometheus may refuse its values as out of order.",
        "A data point is refused when its labels would take more than 64 MiB in all series that it"
            + " becomes; of points whose labels fill half a request a batch may have 64 MiB.",
        "A server that does not confirm what it wrote of a request of version 2 does not know version 2, so"
            + " its data points count as refused, instead of as sent.",
    ]

    public let delivery: DeliverySettings
    private let client: Client
    private let target: ClientConfiguration
    private let path: String
    private let fields: HTTPFields
    private let encoder: RemoteWriteEncoder
    private let version: RemoteWriteVersion
    private let parallelism: Int
    private let compressor: Compressor
    private let metadataKeys: [String]
    /// Values of `headers`, which no message may show.
    private let secrets: [String]
    private let authentication: ClientAuthentication?
    private let progress = RemoteWriteProgress()
    private let logger: Logger

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        delivery = configuration.effectiveDelivery
        parallelism = configuration.parallelism
        version = configuration.message == .v1 ? .v1 : .v2
        encoder = RemoteWriteEncoder(configuration.encoding(version))
        metadataKeys = configuration.includeMetadataKeys.map { $0.lowercased() }
        logger = context.logger
        let settings = configuration.effectiveClient
        let endpoint = try configuration.address()
        path = endpoint.path.isEmpty ? "/" : endpoint.path
        target = try settings.client(
            for: endpoint, connections: max(4, configuration.parallelism), context.logger)
        client = try OTLPHTTPExporter.client(for: target, context)
        fields = Self.fields(settings, version, context)
        secrets = settings.headers.pairs.map { $0.value.reveal() }
        authentication = try settings.auth?.client(in: context)
        do throws(CompressionError) {
            compressor = try Compressor(.snappy)
        } catch {
            throw ComponentError(error.description, key: "compression")
        }
    }

    public func open() async throws(ComponentError) { authentication?.warn(about: target, logger) }

    public func close() async { await client.close() }

    public func export(_ batch: Batch, on lane: Int) async throws(ExportFailure) -> ExportOutcome {
        let output = progress.output(of: batch) ?? encoder.encode(batch)
        let answers = await send(output.rows, of: batch.origin, lane)
        do throws(ExportFailure) {
            let outcome = try outcome(of: answers, output)
            progress.end()
            return outcome
        } catch {
            if case .retryable = error { progress.keep(output, of: batch) } else { progress.end() }
            throw error
        }
    }

    // MARK: - Rows

    /// Sends rows of requests, some at a time; gives the answers to all requests that were sent.
    ///
    /// Rows are made when they are sent. After a failure that may pass no further ones are.
    private func send(
        _ rows: RemoteWriteRows, of origin: Origin?, _ lane: Int
    ) async -> [RemoteWriteAnswer] {
        await withTaskGroup(of: [RemoteWriteAnswer].self) { group in
            var (rows, answers, hasFailed) = (rows.makeIterator(), [RemoteWriteAnswer](), false)
            for _ in 0..<parallelism {
                guard let row = rows.next() else { break }
                group.addTask { await send(row, of: origin, lane) }
            }
            while let some = await group.next() {
                answers += some
                hasFailed = hasFailed || some.contains { $0.isRetryable }
                guard !hasFailed, let row = rows.next() else { continue }
                group.addTask { await send(row, of: origin, lane) }
            }
            return answers
        }
    }

    /// Sends requests one after another, until one has to be tried again.
    private func send(
        _ row: [RemoteWriteEncoder.Request], of origin: Origin?, _ lane: Int
    ) async -> [RemoteWriteAnswer] {
        var answers: [RemoteWriteAnswer] = []
        for request in row {
            let key = RemoteWriteProgress.key(of: request.body)
            let known = progress.result(of: key)
            let result = if let known { known } else { await send(request, of: origin, lane) }
            let answer = RemoteWriteAnswer(result, points: request.points)
            answers.append(answer)
            if answer.isRetryable { break }
            if known == nil { progress.add(result, of: key) }
        }
        return answers
    }

    private func send(
        _ request: RemoteWriteEncoder.Request, of origin: Origin?, _ lane: Int
    ) async -> RemoteWriteAnswer.Result {
        do throws(ExportFailure) {
            let body = try compressed(request.body)
            let (response, sent) = try await exchange(body, for: origin, lane)
            let reading = RemoteWriteResponse(response, version, target: "\(client.target)\(path)") {
                message in
                let message = SecretEcho.removed(secrets, from: message)
                return SecretEcho.removed(from: message, sent: sent, plain: fields)
            }
            return reading.result(of: request)
        } catch {
            switch error {
            case .permanent(let reason): return .refused(reason: reason)
            case .retryable(let reason, let delay): return .later(reason: reason, after: delay)
            }
        }
    }

    private func compressed(_ body: Bytes) throws(ExportFailure) -> Bytes {
        do throws(CompressionError) {
            return try compressor.compress([body])
        } catch {
            throw .permanent(reason: "cannot compress the request: \(error)")
        }
    }

    // MARK: - Answers

    /// What the answers to the requests of a batch mean for it.
    private func outcome(
        of answers: [RemoteWriteAnswer], _ output: RemoteWriteEncoder.Output
    ) throws(ExportFailure) -> ExportOutcome {
        var (reason, delay, isNothing) = (String?.none, Duration?.none, output.refusedCount == 0)
        var (rejected, messages) = (0, [String]())
        for answer in answers {
            switch answer.result {
            case .delivered: isNothing = false
            case .later(let why, let after):
                reason = reason ?? why
                delay = [delay, after].compactMap { $0 }.max()
            case .refused(let why):
                rejected += answer.points
                messages.append(why)
            case .partly(let count, let why):
                isNothing = false
                rejected += min(count, answer.points)
                messages.append(why)
            }
        }
        if let reason { throw .retryable(reason: reason, after: delay) }
        if isNothing, let message = messages.first { throw .permanent(reason: message) }
        messages += output.refused.keys.sorted()
        return ExportOutcome(
            rejectedItems: rejected + output.refusedCount, message: messages.prefix(3).joined(separator: "; ")
        )
    }

    // MARK: - HTTP

    /// The header fields of every request; those of the protocol win.
    private static func fields(
        _ settings: HTTPClientSettings, _ version: RemoteWriteVersion, _ context: Context
    ) -> HTTPFields {
        var fields = HTTPFields()
        for pair in settings.headers.pairs where pair.name.lowercased() != "host" {
            fields[pair.name] = pair.value.reveal()
        }
        fields["content-type"] = version.contentType
        fields["content-encoding"] = "snappy"
        fields[RemoteWriteFields.version] = version.number
        fields["user-agent"] = context.userAgent
        return fields
    }

    /// The response, and the header fields of the request that it answers.
    private func exchange(
        _ body: Bytes, for origin: Origin?, _ lane: Int
    ) async throws(ExportFailure) -> (ClientResponse, HTTPFields) {
        var fields = fields
        for key in metadataKeys {
            for value in origin?.metadata[key] ?? [] { fields.add(key, value) }
        }
        guard let authentication else { return (try await attempt(body, fields, lane), fields) }
        return try await authentication.exchange(fields, for: origin, isRefusal: { $0.status == 401 }) {
            (fields) throws(ExportFailure) in try await attempt(body, fields, lane)
        }
    }

    private func attempt(
        _ body: Bytes, _ fields: HTTPFields, _ lane: Int
    ) async throws(ExportFailure) -> ClientResponse {
        let request = ClientRequest(path: path, fields: fields, body: [body])
        do throws(TransportError) {
            return try await client.send(request, lane: lane, timeout: delivery.attemptTimeout)
        } catch {
            throw error.kind == .tooLarge || error.kind == .invalidAddress
                ? .permanent(reason: error.description) : .retryable(reason: error.description)
        }
    }
}

extension RemoteWriteExporter.Configuration {
    /// How requests are made.
    fileprivate func encoding(_ version: RemoteWriteVersion) -> RemoteWriteEncoder.Settings {
        let namer = LabelNamer()
        let labels = externalLabels.pairs.compactMap { pair in
            namer.name(of: pair.name).map { LabelSet.Label($0, pair.value) }
        }
        var settings = RemoteWriteEncoder.Settings(
            series: SeriesSettings(
                namespace: namespace, strategy: strategy, constantLabels: LabelSet(labels),
                resourceAttributes: ResourceLabels.selection(
                    resourceConstantLabels, resourceToTelemetryConversion),
                includesScope: !disableScopeInfo))
        settings.version = version
        settings.includesTargetInfo = targetInfo.enabled
        settings.sendsMetadata = sendMetadata
        settings.maxRequestBytes = maxBatchSizeBytes == 0 ? 3_000_000 : maxBatchSizeBytes
        settings.convertsHistograms = convertHistograms
        settings.keepsClassicHistograms = keepClassicHistograms
        return settings
    }
}
