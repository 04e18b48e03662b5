import Engine
import Logging
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing

/// Runs whole collectors of fake components: what goes in must come out, or be accounted for.
@Suite struct CollectorTests {
    let world = FakeWorld()

    private func configuration(_ yaml: String) throws -> CollectorConfiguration {
        let tree = try Tree(
            yaml: yaml.replacing("telemetry", with: "telemetry: {metrics: {level: none}}"),
            source: ConfigurationSource(.inline, "test.yaml"))
        let decoded = ConfigurationDecoder(catalog: fakeCatalog).decode(tree)
        return try #require(decoded.configuration, "\(decoded.diagnostics)")
    }

    /// Runs a configuration, does something with it, stops it and returns the receipt.
    private func run(
        _ yaml: String, threads: Int = 2, _ body: (Collector) async throws -> Void = { _ in }
    ) async throws -> ShutdownReceipt {
        try await FakeWorld.$current.withValue(world) {
            let collector = Collector(log: LogOutput(level: .critical), threads: threads, version: "test")
            do {
                try await collector.start(try configuration(yaml))
                try await body(collector)
            } catch {
                _ = await collector.stop()
                throw error
            }
            let receipt = await collector.stop()
            #expect(
                receipt.lines.allSatisfy { $0.unaccounted == 0 }, "the ledger does not balance: \(receipt)")
            return receipt
        }
    }

    private func send(_ signal: Signal, from id: String = "source", items: Int = 3) async throws {
        let outlet = try #require(world.outlet(of: "\(id)/\(signal.rawValue)"))
        try await outlet.send(Samples.batch(signal, items: items))
    }

    @Test(arguments: Signal.allCases)
    func `what a receiver sends arrives at the exporter`(signal: Signal) async throws {
        let receipt = try await run(
            """
            receivers: {source: }
            processors: {pass: , pass/2: }
            exporters: {target: }
            service:
              telemetry
              pipelines:
                \(signal): {receivers: [source], processors: [pass, pass/2], exporters: [target]}
            """
        ) { _ in try await send(signal) }
        #expect(world.items(at: "target") == 3)
        #expect(receipt.lines.map { $0.delivered } == [3])
        #expect(receipt.lost == 0)
    }

    @Test func `its health names the parts of every pipeline in the order in which data meets them`()
        async throws
    {
        _ = try await run(
            """
            receivers: {source: }
            processors: {pass: }
            exporters: {target: }
            connectors: {join: }
            service:
              telemetry
              pipelines:
                traces: {receivers: [source], processors: [pass], exporters: [join]}
                traces/2: {receivers: [join], exporters: [target]}
            """
        ) { collector in
            let health = collector.health()
            #expect(health.isReady)
            #expect(collector.hasConfiguration)
            #expect(collector.watchdog.isAlive)
            let parts = health.pipelines.map { pipeline in
                pipeline.components.map { "\($0.kind.rawValue) \($0.id) \($0.status.name)" }
            }
            #expect(health.pipelines.map { $0.id.description } == ["traces", "traces/2"])
            #expect(
                parts == [
                    ["receiver source StatusOK", "processor pass StatusOK", "connector join StatusOK"],
                    ["connector join StatusOK", "exporter target StatusOK"],
                ])
        }
    }

    @Test func `a collector without a configuration is not ready`() async {
        let collector = Collector(log: LogOutput(level: .critical), threads: 1, version: "test")
        #expect(!collector.hasConfiguration)
        #expect(!collector.health().isReady)
        #expect(collector.health().pipelines.isEmpty)
        _ = await collector.stop()
    }

    @Test func `a receiver feeds every pipeline that names it, and each exporter gets everything`()
        async throws
    {
        _ = try await run(
            """
            receivers: {source: }
            exporters: {target/a: , target/b: }
            service:
              telemetry
              pipelines:
                traces: {receivers: [source], exporters: [target/a, target/b]}
                traces/2: {receivers: [source], exporters: [target/b]}
            """
        ) { _ in try await send(.traces) }
        #expect(world.items(at: "target/a") == 3)
        #expect(world.items(at: "target/b") == 6)
    }

    @Test func `a signal without a pipeline has no outlet`() async throws {
        _ = try await run(
            """
            receivers: {source: }
            exporters: {target: }
            service: {telemetry, pipelines: {traces: {receivers: [source], exporters: [target]}}}
            """
        ) { _ in #expect(world.outlet(of: "source/logs") == nil) }
    }

    @Test func `a connector carries a pipeline's data into the next`() async throws {
        _ = try await run(
            """
            receivers: {source: }
            exporters: {target: }
            connectors: {join: }
            service:
              telemetry
              pipelines:
                logs/in: {receivers: [source], exporters: [join]}
                logs/out: {receivers: [join], exporters: [target]}
            """
        ) { _ in try await send(.logs) }
        #expect(world.items(at: "target") == 3)
    }

    @Test func `when every branch refuses the sender is told`() async throws {
        world.refuse("target", .never(reason: "broken"))
        _ = try await run(
            """
            receivers: {source: }
            exporters: {target: }
            service: {telemetry, pipelines: {traces: {receivers: [source], exporters: [target]}}}
            """
        ) { _ in
            await #expect(throws: Rejection.never(reason: "broken")) { try await send(.traces) }
        }
    }

    @Test func `a branch that refuses neither blocks nor duplicates the others, and is accounted for`()
        async throws
    {
        world.refuse("target/bad", .later(reason: "full"))
        let receipt = try await run(
            """
            receivers: {source: }
            exporters: {target/good: , target/bad: }
            service:
              telemetry
              pipelines:
                traces: {receivers: [source], exporters: [target/bad, target/good]}
            """
        ) { _ in try await send(.traces) }
        #expect(world.items(at: "target/good") == 3)
        #expect(receipt.lines.map { $0.dropped } == [3, 0])
    }

    @Test func `what a processor takes out is not delivered and not lost`() async throws {
        let receipt = try await run(
            """
            receivers: {source: }
            processors: {drop: }
            exporters: {target: }
            service:
              telemetry
              pipelines:
                traces: {receivers: [source], processors: [drop], exporters: [target]}
            """
        ) { _ in try await send(.traces) }
        #expect(world.items(at: "target") == 0)
        #expect(receipt.lost == 0)
    }

    @Test func `what a processor holds is let go when the collector stops`() async throws {
        let receipt = try await run(
            """
            receivers: {source: }
            processors: {hold: }
            exporters: {target: }
            service:
              telemetry
              pipelines:
                traces: {receivers: [source], processors: [hold, hold/2], exporters: [target]}
            """.replacing("hold: }", with: "hold: , hold/2: }")
        ) { _ in
            for _ in 0..<10 { try await send(.traces) }
            #expect(world.items(at: "target") == 0)
        }
        #expect(world.items(at: "target") == 30)
        #expect(receipt.lost == 0)
    }

    @Test func `what a held batch cannot be given to is kept until there is room`() async throws {
        let receipt = try await run(
            """
            receivers: {source: }
            processors: {hold: }
            exporters: {target: }
            service:
              telemetry
              shutdown_timeout: 10s
              pipelines:
                traces: {receivers: [source], processors: [hold], exporters: [target]}
            """
        ) { _ in
            try await send(.traces)
            world.refuse("target", .later(reason: "full"))
            Task { [world] in
                // Room comes only while the collector is already draining.
                try await ContinuousClock().sleep(for: .milliseconds(30))
                world.refuse("target", nil)
            }
        }
        #expect(world.items(at: "target") == 3)
        #expect(receipt.lost == 0)
    }

    @Test func `what cannot be let go in time is lost and the receipt says so`() async throws {
        world.refuse("target", .later(reason: "full"))
        let receipt = try await run(
            """
            receivers: {source: }
            processors: {hold: }
            exporters: {target: }
            service:
              telemetry
              shutdown_timeout: 50ms
              pipelines:
                traces: {receivers: [source], processors: [hold], exporters: [target]}
            """
        ) { _ in try await send(.traces) }
        #expect(receipt.lostInProcessors == 3)
        #expect(receipt.lost == 3)
    }

    @Test func `a receiver that cannot start stops the start with its reason`() async throws {
        world.failStart(of: "source", ComponentError("the port is taken"))
        let error = await #expect(throws: StartFailure.self) {
            try await run(
                """
                receivers: {source: }
                exporters: {target: }
                service: {telemetry, pipelines: {traces: {receivers: [source], exporters: [target]}}}
                """)
        }
        #expect(error?.description == "receiver 'source': the port is taken")
    }

    @Test func `a component that cannot be built is named`() async throws {
        let error = await #expect(throws: StartFailure.self) {
            try await run(
                """
                receivers: {source: }
                processors: {pass: {limit: 7}}
                exporters: {target: }
                service:
                  telemetry
                  pipelines:
                    traces: {receivers: [source], processors: [pass], exporters: [target]}
                """)
        }
        #expect(error?.description == "processor 'pass': limit: seven cannot work")
    }

    private static let first = """
        receivers: {source: }
        exporters: {target: }
        service: {telemetry, pipelines: {traces: {receivers: [source], exporters: [target]}}}
        """

    @Test func `another configuration takes over and the data goes where it says`() async throws {
        _ = try await run(Self.first) { collector in
            try await send(.traces)
            _ = try await collector.replace(
                with: configuration(Self.first.replacing("target", with: "target/new")))
            try await send(.traces)
        }
        #expect(world.items(at: "target") == 3)
        #expect(world.items(at: "target/new") == 3)
    }

    @Test func `a configuration that cannot be built leaves the running one as it is`() async throws {
        let wrong = """
            receivers: {source: }
            processors: {pass: {limit: 7}}
            exporters: {target/new: }
            service:
              telemetry
              pipelines:
                traces: {receivers: [source], processors: [pass], exporters: [target/new]}
            """
        _ = try await run(Self.first) { collector in
            await #expect(throws: StartFailure.self) {
                try await collector.replace(with: configuration(wrong))
            }
            try await send(.traces)
        }
        #expect(world.items(at: "target") == 3)
    }

    @Test func `when the new configuration cannot start, the old one runs again`() async throws {
        world.failStart(of: "source/new", ComponentError("the port is taken"))
        let other = Self.first.replacing("source", with: "source/new")
        _ = try await run(Self.first) { collector in
            await #expect(throws: StartFailure.self) {
                try await collector.replace(with: configuration(other))
            }
            try await send(.traces)
        }
        #expect(world.items(at: "target") == 3)
    }
}
