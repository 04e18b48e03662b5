internal import Compression
internal import Pipeline
internal import Settings
internal import Telemetry
internal import Transport

extension OTLPHTTPExporter {
    /// The URL of a signal and the key it comes from; `nil` when the signal has none.
    static func url(for signal: Signal, _ configuration: Configuration) -> (url: String, key: String)? {
        let own =
            switch signal {
            case .traces: (configuration.tracesEndpoint, "traces_endpoint")
            case .metrics: (configuration.metricsEndpoint, "metrics_endpoint")
            case .logs: (configuration.logsEndpoint, "logs_endpoint")
            case .profiles: (configuration.profilesEndpoint, "profiles_endpoint")
            }
        if !own.0.isEmpty { return own }
        return configuration.client.endpoint.isEmpty ? nil : (configuration.client.endpoint, "endpoint")
    }

    /// The path of requests: of a signal's own URL as written, otherwise the signal's behind the base's.
    static func path(of endpoint: Endpoint, _ key: String, _ signal: Signal) -> String {
        guard key == "endpoint" else { return endpoint.path.isEmpty ? "/" : endpoint.path }
        let base = endpoint.path.hasSuffix("/") ? endpoint.path.dropLast() : endpoint.path[...]
        return base + signal.exportPath
    }

    static func target(
        of endpoint: Endpoint, _ configuration: Configuration, _ context: Context
    ) throws(ComponentError) -> ClientConfiguration {
        try configuration.client.client(
            for: endpoint, connections: max(4, configuration.delivery.sendingQueue.numConsumers),
            context.logger)
    }

    static func client(
        for target: ClientConfiguration, _ context: Context
    ) throws(ComponentError) -> Client {
        do throws(TransportError) {
            return try Client(target, loops: context.eventLoops, logger: context.logger)
        } catch {
            throw ComponentError(error.description, key: "endpoint")
        }
    }

    static func compressor(_ settings: HTTPClientSettings) throws(ComponentError) -> Compressor? {
        guard let algorithm = settings.compression.algorithm else { return nil }
        let level = settings.compressionParameters.level
        do throws(CompressionError) {
            return try Compressor(algorithm, level: level == 0 ? nil : level)
        } catch {
            throw ComponentError(error.description, key: "compression_params.level")
        }
    }

    /// The header fields of every request; the user's come last and win.
    static func fields(_ configuration: Configuration, _ context: Context) -> HTTPFields {
        var fields: HTTPFields = [
            "content-type": configuration.encoding == .json ? "application/json" : "application/x-protobuf",
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
