import Engine
import Logging
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing

/// Passes logs on, behind a queue if it has one, unless the world refuses them at its id.
struct LineConnector: QueuedConnector {
    struct Configuration: SettingGroup {
        var delivery = DeliverySettings()
        var hasQueue = true
        var drops = false
        init() {}
        static var fields: [Field<Configuration>] {
            [
                Field(embedding: \.delivery), Field("queued", \.hasQueue, "Whether it has a queue."),
                Field("drops", \.drops, "Whether everything ends here."),
            ]
        }
    }

    static let name = "line"
    static let summary = "Passes logs on."
    static let conversions: [(from: Signal, to: Signal)] = [(.logs, .logs)]
    private let drops: Bool
    private let id: String
    private let world: FakeWorld

    init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        drops = configuration.drops
        id = context.id.description
        world = FakeWorld.around(context)
    }

    static func delivery(of configuration: Configuration) -> DeliverySettings? {
        configuration.hasQueue ? configuration.delivery : nil
    }

    static func problems(of configuration: Configuration, at place: ConnectorPlace) -> [Problem] {
        guard configuration.drops else { return [] }
        return PipelineID(parsing: "logs/ot").flatMap { place.problem(with: $0, field: "drops") }.map { [$0] }
            ?? []
    }

    mutating func consume(_ batch: consuming Batch, into outlets: ConnectorOutlets) throws(Rejection)
        -> Receipt
    {
        if drops { outlets.filter(batch.itemCount) }
        if let refusal = world.refusal(of: id) { throw refusal }
        guard drops else { return try outlets.send(batch) }
        return .accepted
    }
}

/// Runs whole collectors with a queue in front of a connector.
@Suite struct ConnectorQueueTests {
    private let world = FakeWorld()
    private let targets = QueueWorld()

    private let catalog = ComponentCatalog(
        receivers: [SourceReceiver.self], processors: [HoldProcessor.self],
        exporters: [TargetExporter.self, QueueTargetExporter.self], connectors: [LineConnector.self])

    private func decode(
        _ line: String, _ queue: String, processors: String = "", out: String = "logs/ot"
    ) throws -> (CollectorConfiguration?, [Diagnostic]) {
        let yaml = """
            receivers: {source: }
            processors: {hold: }
            exporters: {target: , queue: \(queue)}
            connectors: {line: \(line)}
            service:
              telemetry: {metrics: {level: none}}
              shutdown_timeout: 20s
              pipelines:
                logs: {receivers: [source], exporters: [line]}
                \(out): {receivers: [line], processors: [\(processors)], exporters: [queue]}
            """
        let tree = try Tree(yaml: yaml, source: ConfigurationSource(.inline, "test.yaml"))
        let decoded = ConfigurationDecoder(catalog: catalog).decode(tree)
        return (decoded.configuration, decoded.diagnostics)
    }

    private func configuration(
        _ line: String, _ queue: String = "{}", processors: String = ""
    ) throws -> CollectorConfiguration {
        let (configuration, diagnostics) = try decode(line, queue, processors: processors)
        return try #require(configuration, "\(diagnostics)")
    }

    /// Runs a collector, does something with it, and stops it; every ledger has to balance.
    private func run(
        _ first: CollectorConfiguration, _ body: (Collector) async throws -> Void
    ) async throws -> ShutdownReceipt {
        try await FakeWorld.$current.withValue(world) {
            try await QueueWorld.$current.withValue(targets) {
                let collector = Collector(log: LogOutput(level: .critical), threads: 2, version: "test")
                let result: Result<Void, any Error>
                do {
                    try await collector.start(first)
                    try await body(collector)
                    result = .success(())
                } catch {
                    result = .failure(error)
                }
                let receipt = await collector.stop()
                try result.get()
                #expect(receipt.lines.allSatisfy { $0.unaccounted == 0 }, "\(receipt)")
                return receipt
            }
        }
    }

    private func send(_ items: Int = 3) async throws {
        let outlet = try #require(world.outlet(of: "source/logs"))
        try await outlet.send(Samples.batch(.logs, items: items))
    }

    private func delivered(_ receipt: ShutdownReceipt, _ pipeline: String) -> Int {
        receipt.lines.filter { $0.source == pipeline }.reduce(0) { $0 + $1.delivered }
    }

    @Test func `what waits in front of a connector gets through what is behind it at the end`() async throws {
        let receipt = try await run(
            configuration("{sending_queue: {num_consumers: 1}}", processors: "hold")
        ) { collector in
            for _ in 0..<20 { try await send() }
            let queues = collector.snapshot().queues.map { $0.exporter.description }
            #expect(queues == ["line", "queue"])
        }
        #expect(targets["queue"].itemCount == 60)
        #expect(delivered(receipt, "logs") == 60)
        #expect(delivered(receipt, "logs/ot") == 60)
    }

    @Test func `what the pipelines behind refuse for now waits and is tried again`() async throws {
        let receipt = try await run(
            configuration(
                "{sending_queue: {queue_size: 10}, retry_on_failure: {initial_interval: 10ms}}",
                "{sending_queue: {enabled: false}, retry_on_failure: {enabled: false}}")
        ) { _ in
            targets["queue"].refuse(next: 3, with: .later(reason: "down"))
            try await send()
        }
        #expect(targets["queue"].itemCount == 3)
        #expect(delivered(receipt, "logs/ot") == 3)
    }

    @Test func `what one lane has queued goes on on that lane, whoever sends it`() async throws {
        let direct = "{sending_queue: {enabled: false}}"
        let receipt = try await run(configuration("{sending_queue: {num_consumers: 1}}", direct)) { _ in
            targets["queue"].hold()
            for _ in 0..<10 { try await send() }
            await targets["queue"].waitForItems(3)
            targets["queue"].answer()
            await targets["queue"].waitForItems(30)
        }
        #expect(delivered(receipt, "logs/ot") == 30)
    }

    @Test func `a change of the connector hands its queue over`() async throws {
        let slow =
            "{sending_queue: {num_consumers: 1}, retry_on_failure: {initial_interval: 1h, "
            + "max_interval: 1h, max_elapsed_time: 0s}}"
        let receipt = try await run(
            configuration(slow, "{sending_queue: {enabled: false}, retry_on_failure: {enabled: false}}")
        ) { collector in
            targets["queue"].refuse(with: .later(reason: "down"))
            for _ in 0..<5 { try await send() }
            let plan = try await collector.replace(
                with: configuration(
                    "{sending_queue: {num_consumers: 2}}",
                    "{sending_queue: {enabled: false}, retry_on_failure: {enabled: false}}")
            ).plan
            #expect(plan.steps.first { $0.kind == .connector }?.action == .adopt)
            await targets["queue"].waitForItems(12)
        }
        #expect(targets["queue"].itemCount == 15, "\(receipt)")
        #expect(delivered(receipt, "logs/ot") == 15)
    }

    @Test func `what ends in a connector on purpose is in the ledger`() async throws {
        let receipt = try await run(configuration("{queued: false, drops: true}")) { _ in try await send(4) }
        let line = try #require(receipt.lines.first { $0.source == "logs" })
        #expect(line.filtered == 4 && line.delivered == 0)
        #expect(receipt.description.contains("filtered 4"))
        #expect(targets["queue"].itemCount == 0)
    }

    @Test func `what ends in a connector behind its queue is in the ledger too, once`() async throws {
        world.refuse("line", .later(reason: "not yet"))
        let receipt = try await run(
            configuration("{drops: true, retry_on_failure: {initial_interval: 10ms}}")
        ) { _ in
            for _ in 0..<3 { try await send(4) }
            world.refuse("line", nil)
        }
        let line = try #require(receipt.lines.first { $0.source == "logs" })
        #expect(line.filtered == 12 && line.delivered == 0)
    }

    @Test func `a problem between pipelines is an error at its key, with what was meant`() throws {
        let (configuration, diagnostics) = try decode("{drops: true}", "{}", out: "logs/out")
        #expect(configuration == nil)
        #expect(
            diagnostics.map { "\($0)" } == [
                "yaml:test.yaml:4:28: connectors::line::drops: there is no pipeline 'logs/ot' "
                    + "(did you mean 'logs/out'?)"
            ])
    }
}
