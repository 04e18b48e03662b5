import Logging
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing

@testable import Engine

/// What a change of the configuration keeps, takes over and ends.
@Suite struct ReconfigurationTests {
    private let world = FakeWorld()

    private func configuration(_ pipelines: String, _ components: String = "") throws
        -> CollectorConfiguration
    {
        let yaml = """
            receivers: {source: , source/2: }
            processors: {hold: , pass: {\(components)}, drop: , relay: {\(components)}}
            exporters: {target: , target/2: }
            connectors: {join: }
            service:
              telemetry: {metrics: {level: none}}
              pipelines: {\(pipelines)}
            """
        let tree = try Tree(yaml: yaml, source: ConfigurationSource(.inline, "test.yaml"))
        let decoded = ConfigurationDecoder(catalog: fakeCatalog).decode(tree)
        return try #require(decoded.configuration, "\(decoded.diagnostics)")
    }

    private static func pipeline(
        _ id: String = "traces", from receivers: String = "source", _ processors: String = "",
        to exporters: String = "target"
    ) -> String {
        "\(id): {receivers: [\(receivers)], processors: [\(processors)], exporters: [\(exporters)]}"
    }

    /// Runs `first`, does something, and stops; every ledger has to balance.
    private func run(
        _ first: CollectorConfiguration, _ body: (Collector) async throws -> Void
    ) async throws -> ShutdownReceipt {
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
            return receipt
        }
    }

    private func send(_ signal: Signal = .traces, from id: String = "source", items: Int = 3) async throws {
        let outlet = try #require(world.outlet(of: "\(id)/\(signal.rawValue)"))
        try await outlet.send(Samples.batch(signal, items: items))
    }

    private func instance(_ kind: ComponentKind, _ id: String, in collector: Collector) -> Int? {
        collector.snapshot().components.first { $0.kind == kind && $0.id.description == id }?.instance
    }

    @Test func `a receiver that does not change goes on with the same outlet`() async throws {
        _ = try await run(configuration(Self.pipeline())) { collector in
            let outlet = world.outlet(of: "source/traces")
            let change = try await collector.replace(with: configuration(Self.pipeline(to: "target/2")))
            #expect(world.starts(of: "source") == 1)
            #expect(world.outlet(of: "source/traces") === outlet)
            #expect(instance(.receiver, "source", in: collector) == 1)
            #expect(
                change.plan.steps.first { $0.kind == .receiver }?.action == .keep
                    && change.plan.routes.map { $0.action } == [.replace])
            try await send()
        }
        #expect(world.items(at: "target") == 0)
        #expect(world.items(at: "target/2") == 3)
    }

    @Test func `a processor that does not change keeps what it has and sends it to the new destination`()
        async throws
    {
        let receipt = try await run(configuration(Self.pipeline("traces", "hold"))) { collector in
            try await send()
            _ = try await collector.replace(
                with: configuration(Self.pipeline("traces", "pass, hold", to: "target/2")))
            try await send()
        }
        #expect(world.items(at: "target") == 0)
        #expect(world.items(at: "target/2") == 6)
        #expect(receipt.lines.reduce(0) { $0 + $1.delivered } == 6)
    }

    @Test func `a processor that is gone lets go of what it has at once, on the old way`() async throws {
        _ = try await run(configuration(Self.pipeline("traces", "hold"))) { collector in
            try await send()
            _ = try await collector.replace(with: configuration(Self.pipeline(to: "target/2")))
            await world.wait(for: 3, at: "target")
            try await send()
        }
        #expect(world.items(at: "target") == 3)
        #expect(world.items(at: "target/2") == 3)
    }

    @Test(.timeLimit(.minutes(1)))
    func `what a step finds of its predecessor is let go although nothing more comes`() async throws {
        let first = try configuration(Self.pipeline("traces", "hold, relay"), "limit: 1")
        _ = try await run(first) { collector in
            try await send()
            _ = try await collector.replace(
                with: configuration(Self.pipeline("traces", "relay", to: "target/2"), "limit: 2"))
            // It was kept before the predecessor, which hands it over while it drains.
            await world.wait(for: 3, at: "target/2")
        }
        #expect(world.items(at: "target") == 0)
    }

    @Test func `what cannot start leaves everything as it was`() async throws {
        world.failStart(of: "source/2", ComponentError("the port is taken"))
        _ = try await run(configuration(Self.pipeline("traces", "hold"))) { collector in
            try await send()
            let other = try configuration(
                Self.pipeline("traces", to: "target/2") + ", " + Self.pipeline("logs", from: "source/2"))
            await #expect(throws: StartFailure.self) { _ = try await collector.replace(with: other) }
            #expect(world.starts(of: "source") == 1)
            #expect(collector.snapshot().pipelines.map { $0.id.description } == ["traces"])
            #expect(
                collector.snapshot().components.map { $0.id.description } == ["target", "hold", "source"])
            try await send()
        }
        #expect(world.items(at: "target") == 6)
        #expect(world.items(at: "target/2") == 0)
    }

    @Test func `a receiver that needs another signal is another one`() async throws {
        _ = try await run(configuration(Self.pipeline())) { collector in
            _ = try await collector.replace(
                with: configuration(Self.pipeline() + ", " + Self.pipeline("logs")))
            #expect(world.starts(of: "source") == 2)
            #expect(instance(.receiver, "source", in: collector) == 2)
            try await send(.logs)
            try await send()
        }
        #expect(world.items(at: "target") == 6)
    }

    @Test func `pipelines behind a connector can change while it stays`() async throws {
        let first = Self.pipeline("traces/in", to: "join")
        _ = try await run(
            configuration(first + ", " + Self.pipeline("traces/a", from: "join"))
        ) { collector in
            try await send()
            let change = try await collector.replace(
                with: configuration(first + ", " + Self.pipeline("traces/b", from: "join", to: "target/2")))
            #expect(
                change.plan.routes.map { "\($0.pipeline) \($0.action)" }
                    == ["traces/in keep", "traces/b add", "traces/a remove"])
            try await send()
        }
        #expect(world.items(at: "target") == 3)
        #expect(world.items(at: "target/2") == 3)
    }

    @Test func `two changes at once happen one after the other`() async throws {
        _ = try await run(configuration(Self.pipeline())) { collector in
            let (one, two) = (
                try configuration(Self.pipeline(to: "target/2")),
                try configuration(Self.pipeline("traces", "drop", to: "target/2"))
            )
            async let first = collector.replace(with: one)
            async let second = collector.replace(with: two)
            _ = try await (first, second)
            try await send()
        }
        #expect([0, 3].contains(world.items(at: "target/2")))
        #expect(world.items(at: "target") == 0)
    }

    @Test(arguments: [
        ("limit: 1", "traces", [ReconfigurationPlan.Action.keep]),
        ("limit: 2", "traces", [.replace]),
        ("limit: 1", "logs", [.add, .remove]),
    ])
    func `a plan says what becomes of a processor, and changes nothing`(
        settings: String, pipeline: String, actions: [ReconfigurationPlan.Action]
    ) async throws {
        _ = try await run(configuration(Self.pipeline("traces", "pass"))) { collector in
            let plan = try await collector.plan(configuration(Self.pipeline(pipeline, "pass"), settings))
            let processors = plan.steps.filter { $0.kind == .processor }
            #expect(processors.map { $0.action } == actions)
            #expect(processors.allSatisfy { !$0.cost.isEmpty })
            #expect(instance(.processor, "pass", in: collector) == 1)
            #expect(plan.isEmpty == (actions == [.keep]))
        }
    }

    @Test func `a plan for what cannot be built says why`() async throws {
        _ = try await run(configuration(Self.pipeline())) { collector in
            let wrong = try configuration(Self.pipeline("traces", "pass"), "limit: 7")
            let error = await #expect(throws: StartFailure.self) { _ = try await collector.plan(wrong) }
            #expect(error?.description == "processor 'pass': limit: seven cannot work")
        }
    }

    @Test func `a receiver and an exporter of the same id are no loop`() {
        let id = ComponentID(type: "otlp")
        let pipeline = PipelineConfiguration(
            id: PipelineID(signal: .traces), receivers: [id], processors: [], exporters: [id])
        let order = PipelineOrder([pipeline], connectors: [])
        #expect((try? order.result.get())?.count == 1)
    }
}
