internal import Compression
internal import Logging
internal import Pipeline
internal import Settings
internal import Telemetry
internal import Transport
internal import Wire

/// Sends the collector's own metrics on as OTLP, every so often and once more at the end.
struct MetricsPush: Sendable {
    private let sender: MetricsSender
    private let settings: PeriodicReaderSettings
    private let surroundings: EngineSurroundings
    private let batch: MetricsBatch

    init(
        _ settings: PeriodicReaderSettings, _ surroundings: EngineSurroundings, _ batch: MetricsBatch
    ) throws(ComponentError) {
        self.settings = settings
        self.surroundings = surroundings
        self.batch = batch
        sender = try MetricsSender(
            settings.exporter.otlp, surroundings, timeout: .milliseconds(settings.timeout))
    }

    /// Works until the task is cancelled.
    func run() async {
        while (try? await surroundings.clock.sleep(for: .milliseconds(settings.interval))) != nil {
            await push()
        }
    }

    /// Sends what is counted by now; a failure is logged, and the next sending says the same and more.
    func push() async {
        let now = batch.make(surroundings.metrics.snapshot(), now: surroundings.clock.unixNanoseconds)
        if let failure = await sender.send(now) {
            surroundings.log.logger().warning(
                "own metrics could not be sent", metadata: ["error": "\(failure)"])
        }
    }

    func close() async { await sender.close() }
}

/// The connection that own metrics are sent over.
private struct MetricsSender: Sendable {
    private enum Way: Sendable {
        case grpc(GRPCClient)
        case http(path: String, Compressor?)
    }

    private let client: Client
    private let way: Way
    private let fields: HTTPFields
    private let timeout: Duration

    init(
        _ settings: OwnMetricsOTLPSettings, _ surroundings: EngineSurroundings, timeout: Duration
    ) throws(ComponentError) {
        self.timeout = timeout
        let logger = surroundings.log.logger()
        var fields = HTTPFields()
        for pair in settings.headers.pairs { fields.add(pair.name, pair.value.reveal()) }
        let target: ClientConfiguration
        var path = ""
        switch settings.transport {
        case .grpc:
            target = try settings.grpcClient.client(logger)
        case .http:
            let endpoint = try Endpoint(parsing: settings.endpoint, defaultPort: 4318)
            target = try settings.httpClient.client(for: endpoint, connections: 1, logger)
            path = endpoint.path.isEmpty ? "/" : endpoint.path
            fields["content-type"] = "application/x-protobuf"
            fields["user-agent"] = surroundings.userAgent
        }
        do {
            client = try Client(target, loops: surroundings.lanes.map { $0.eventLoop }, logger: logger)
            let algorithm: CompressionAlgorithm? = settings.compression == .gzip ? .gzip : nil
            switch settings.transport {
            case .grpc:
                way = .grpc(
                    try GRPCClient(client: client, compression: algorithm, userAgent: surroundings.userAgent))
            case .http:
                if algorithm != nil { fields["content-encoding"] = "gzip" }
                way = .http(path: path, try algorithm.map { try Compressor($0) })
            }
        } catch {
            throw ComponentError("\(error)", key: "endpoint")
        }
        self.fields = fields
    }

    /// Why the batch was not delivered; `nil` when it was.
    func send(_ batch: Batch) async -> String? {
        let body = batch.chunks.map { $0.bytes }
        do {
            switch way {
            case .grpc(let calls):
                _ = try await calls.call(
                    path: Signal.metrics.exportMethod, message: body, metadata: fields, timeout: timeout)
                return nil
            case .http(let path, let compressor):
                let parts = try compressor.map { [try $0.compress(body)] } ?? body
                let response = try await client.send(
                    ClientRequest(path: path, fields: fields, body: parts), timeout: timeout)
                return (200...299).contains(response.status)
                    ? nil : "\(client.target) answered \(response.status)"
            }
        } catch {
            return "\(error)"
        }
    }

    func close() async { await client.close() }
}
