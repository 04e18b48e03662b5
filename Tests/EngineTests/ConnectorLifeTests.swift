import Delivery
import Engine
import Logging
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing

/// Whole collectors with a connector that collects what comes in, through changes and to the end.
@Suite(.timeLimit(.minutes(1))) struct ConnectorLifeTests {
    private let world = FakeWorld()

    private let catalog = ComponentCatalog(
        receivers: [SourceReceiver.self], processors: [PassProcessor.self, HoldProcessor.self],
        exporters: [TargetExporter.self], connectors: [SumConnector.self])

    private func configuration(
        _ sum: String, source: String = "source", processors: String = "", timeout: String = "20s"
    ) throws -> CollectorConfiguration {
        let yaml = """
            receivers: {source: , source/2: }
            processors: {hold: }
            exporters: {target: }
            connectors: {sum: \(sum)}
            service:
              telemetry: {metrics: {level: none}}
              shutdown_timeout: \(timeout)
              pipelines:
                traces: {receivers: [\(source)], processors: [\(processors)], exporters: [sum]}
                logs: {receivers: [sum], exporters: [target]}
            """
        let tree = try Tree(yaml: yaml, source: ConfigurationSource(.inline, "test.yaml"))
        let decoded = ConfigurationDecoder(catalog: catalog).decode(tree)
        return try #require(decoded.configuration, "\(decoded.diagnostics)")
    }

    /// Runs a collector, does something with it, and stops it; every ledger has to balance.
    private func run(
        _ first: CollectorConfiguration, _ body: (Collector) async throws -> Void
    ) async throws -> (receipt: ShutdownReceipt, drops: [DropGroup]) {
        try await FakeWorld.$current.withValue(world) {
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
            return (receipt, collector.drops.all)
        }
    }

    private func send(_ times: Int = 4, items: Int = 3) async throws {
        let outlet = try #require(world.outlet(of: "source/traces"))
        for _ in 0..<times { try await outlet.send(Samples.batch(.traces, items: items)) }
    }

    @Test func `what a connector collects goes on by itself at its deadline`() async throws {
        let (receipt, _) = try await run(configuration("{interval: 5ms}")) { _ in
            try await send()
            await world.wait(for: 12, at: "target")
        }
        #expect(world.items(at: "target") == 12)
        #expect(receipt.lost == 0)
    }

    @Test func `what a connector has collected on all lanes goes on at the end, once`() async throws {
        let (receipt, drops) = try await run(configuration("{}")) { _ in
            try await send()
            #expect(world.items(at: "target") == 0)
        }
        #expect(world.items(at: "target") == 12)
        #expect(receipt.lost == 0)
        #expect(drops.isEmpty)
    }

    @Test func `a change that fails leaves alone what a connector has collected`() async throws {
        world.failStart(of: "source/2", ComponentError("the port is taken"))
        let (receipt, drops) = try await run(configuration("{}")) { collector in
            try await send()
            let other = try configuration("{label: 1}", source: "source, source/2")
            await #expect(throws: StartFailure.self) { _ = try await collector.replace(with: other) }
            _ = try await collector.plan(configuration("{label: 2}"))
            try await send()
            #expect(world.items(at: "target") == 0)
        }
        #expect(world.items(at: "target") == 24)
        #expect(receipt.lost == 0)
        #expect(drops.isEmpty)
    }

    @Test func `a connector that is replaced leaves to its successor what it has`() async throws {
        let (receipt, drops) = try await run(configuration("{}")) { collector in
            try await send()
            _ = try await collector.replace(with: configuration("{label: 1}"))
            try await send()
            _ = try await collector.replace(with: configuration("{label: 2}"))
            #expect(world.items(at: "target") == 0)
        }
        #expect(world.items(at: "target") == 24)
        #expect(receipt.lost == 0)
        #expect(drops.isEmpty)
    }

    @Test func `what a step lets go of into a connector that was replaced goes on at its deadline`()
        async throws
    {
        let first = try configuration("{interval: 1ms}", processors: "hold")
        let (receipt, drops) = try await run(first) { collector in
            try await send()
            #expect(world.items(at: "hold") == 12)
            _ = try await collector.replace(with: configuration("{interval: 1ms, label: 1}"))
            await world.wait(for: 12, at: "target")
        }
        #expect(receipt.lost == 0 && drops.isEmpty)
    }

    @Test func `a connector that is removed lets go of what it has`() async throws {
        _ = try await run(configuration("{}")) { collector in
            try await send()
            let yaml = """
                receivers: {source: }
                exporters: {target: , target/2: }
                service:
                  telemetry: {metrics: {level: none}}
                  pipelines:
                    traces: {receivers: [source], exporters: [target/2]}
                    logs: {receivers: [source], exporters: [target]}
                """
            let tree = try Tree(yaml: yaml, source: ConfigurationSource(.inline, "test.yaml"))
            let decoded = ConfigurationDecoder(catalog: catalog).decode(tree)
            _ = try await collector.replace(with: #require(decoded.configuration))
            await world.wait(for: 12, at: "target")
        }
        #expect(world.items(at: "target") == 12)
    }

    @Test func `what was made and refused is sent after a change, however short the time to stop`()
        async throws
    {
        world.refuse("target", .later(reason: "down"))
        let (receipt, drops) = try await run(configuration("{interval: 1ms}", timeout: "1ms")) { collector in
            try await send()
            _ = try await collector.replace(with: configuration("{label: 1, interval: 1ms}"))
            world.refuse("target", nil)
            await world.wait(for: 12, at: "target")
        }
        #expect(world.items(at: "target") == 12)
        #expect(receipt.lost == 0)
        #expect(drops.isEmpty)
    }

    @Test func `what nobody takes until the end is lost, and told`() async throws {
        world.refuse("target", .later(reason: "down"))
        let (receipt, drops) = try await run(configuration("{}", timeout: "1ms")) { _ in try await send() }
        #expect(receipt.lost == 12)
        #expect(drops.map { $0.place } == [.lost])
        #expect(drops.reduce(0) { $0 + $1.items } == 12)
        #expect(drops.first?.component.description == "sum")
    }
}
