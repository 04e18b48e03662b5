import Engine
import Logging
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing

/// Collectors with connectors that have queues, and what is around them.
struct ConnectorBench {
    let world = FakeWorld()
    let targets = QueueWorld()

    private static let catalog = ComponentCatalog(
        receivers: [SourceReceiver.self], processors: [HoldProcessor.self, DripProcessor.self],
        exporters: [TargetExporter.self, QueueTargetExporter.self],
        connectors: [LineConnector.self, SwitchConnector.self], extensions: [DiskExtension.self])

    /// One pipeline into the connector `line` and one out of it, or others with `line/1` and `line/2`, which
    /// have the same settings.
    static func yaml(
        _ line: String, _ queue: String = "{}", processors: String = "", timeout: String = "20s",
        pipelines: String? = nil, disk: String = "/nowhere"
    ) -> String {
        let ends = """
            logs: {receivers: [source], exporters: [line]}
                  logs/ot: {receivers: [line], processors: [\(processors)], exporters: [queue]}
            """
        let direct = "{sending_queue: {enabled: false}, retry_on_failure: {enabled: false}}"
        return """
            receivers: {source: , source/2: }
            processors: {hold: , drip: }
            exporters: {target: , queue: \(queue), queue/2: \(direct)}
            extensions: {disk: {directory: \(disk)}}
            connectors: {line: \(line), line/1: \(line), line/2: \(line), switch: }
            service:
              extensions: [disk]
              telemetry: {metrics: {level: none}}
              shutdown_timeout: \(timeout)
              pipelines:
                  \(pipelines ?? ends)
            """
    }

    func configuration(_ yaml: String) throws -> CollectorConfiguration {
        let tree = try Tree(yaml: yaml, source: ConfigurationSource(.inline, "test.yaml"))
        let decoded = ConfigurationDecoder(catalog: Self.catalog).decode(tree)
        return try #require(decoded.configuration, "\(decoded.diagnostics)")
    }

    /// Runs a collector until `body` has stopped it; every ledger has to balance.
    @discardableResult
    func run(
        _ yaml: String, _ body: (Collector) async throws -> ShutdownReceipt
    ) async throws -> ShutdownReceipt {
        let configuration = try configuration(yaml)
        return try await FakeWorld.$current.withValue(world) {
            try await QueueWorld.$current.withValue(targets) {
                let collector = Collector(log: LogOutput(level: .critical), threads: 2, version: "test")
                try await collector.start(configuration)
                let receipt = try await body(collector)
                #expect(receipt.lines.allSatisfy { $0.unaccounted == 0 }, "\(receipt)")
                return receipt
            }
        }
    }

    func send(_ items: Int = 3, from source: String = "source") async throws(Rejection) {
        guard let outlet = world.outlet(of: "\(source)/logs"),
            let batch = try? Samples.batch(.logs, items: items)
        else { throw .never(reason: "there is no \(source)") }
        try await outlet.send(batch)
    }
}

/// Gives queues a directory.
struct DiskExtension: StorageExtension {
    struct Configuration: SettingGroup {
        var directory = ""
        init() {}
        static var fields: [Field<Configuration>] { [Field("directory", \.directory, "Where.")] }
    }

    static let name = "disk"
    static let summary = "Keeps queues in files."
    let storage: StorageSettings

    init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        var storage = StorageSettings(directory: configuration.directory)
        storage.synchronization = .never
        storage.lockTimeout = .zero
        self.storage = storage
    }

    func run(_ session: ExtensionSession) async throws(ComponentError) {
        session.ready()
        _ = await session.stopRequested()
    }
}
