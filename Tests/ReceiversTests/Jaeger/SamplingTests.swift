import Glibc
import Logging
import Pipeline
import PipelineTesting
import Telemetry
import Testing
import Transport
import Wire

@testable import Receivers

/// What clients are told about sampling: strategies as Jaeger's collector reads them from a file.
@Suite struct SamplingTests {
    private static let file = """
        {
          "service_strategies": [
            {"service": "foo", "type": "probabilistic", "param": 0.8, "operation_strategies": [
              {"operation": "op1", "type": "probabilistic", "param": 0.2},
              {"operation": "/health", "type": "probabilistic", "param": 1}]},
            {"service": "bar", "type": "ratelimiting", "param": 5},
            {"service": "baz", "type": "probabilistic", "param": 0.25}
          ],
          "default_strategy": {"type": "probabilistic", "param": 0.5, "operation_strategies": [
            {"operation": "/health", "type": "probabilistic", "param": 0}]}
        }
        """

    private static func strategies(_ text: String) throws -> SamplingStrategies {
        try SamplingStrategies(parsing: Bytes(utf8: text))
    }

    /// A file of its own, for as long as `body` runs.
    private static func withFile(_ text: String, _ body: (String) async throws -> Void) async throws {
        let path = "/tmp/apus-sampling-\(UInt64.random(in: 0 ... .max)).json"
        try write(text, to: path)
        defer { unlink(path) }
        try await body(path)
    }

    private static func write(_ text: String, to path: String) throws {
        let file = try #require(fopen(path, "w"))
        fputs(text, file)
        fclose(file)
    }

    @Test func `services have their strategies, others the default one`() throws {
        let strategies = try Self.strategies(Self.file)
        let operations = "\"defaultLowerBoundTracesPerSecond\":0,\"perOperationStrategies\":["
        func share(_ operation: String, _ share: String) -> String {
            "{\"operation\":\"\(operation)\",\"probabilisticSampling\":{\"samplingRate\":\(share)}}"
        }
        func probabilistic(_ share: String, _ entries: String) -> String {
            "{\"strategyType\":\"PROBABILISTIC\",\"probabilisticSampling\":{\"samplingRate\":\(share)},"
                + "\"operationSampling\":{\"defaultSamplingProbability\":\(share),\(operations)\(entries)]}}"
        }
        #expect(
            strategies.strategy(of: "foo").json(hasNumbers: false)
                == probabilistic("0.8", "\(share("op1", "0.2")),\(share("/health", "1.0"))"))
        #expect(
            strategies.strategy(of: "bar").json(hasNumbers: false)
                == "{\"strategyType\":\"RATE_LIMITING\",\"rateLimitingSampling\":{\"maxTracesPerSecond\":5}}")
        #expect(
            strategies.strategy(of: "bar").json(hasNumbers: true)
                == "{\"strategyType\":1,\"rateLimitingSampling\":{\"maxTracesPerSecond\":5}}")
        #expect(
            strategies.strategy(of: "baz").json(hasNumbers: false)
                == probabilistic("0.25", share("/health", "0.0")))
        #expect(
            strategies.strategy(of: "unknown").json(hasNumbers: false)
                == probabilistic("0.5", share("/health", "0.0")))
        #expect(try Self.strategies("{}").strategy(of: "x").probability == 0.001)
    }

    @Test func `operations of the default are added to those of a service`() throws {
        let text = """
            {"service_strategies": [{"service": "a", "type": "ratelimiting", "param": 1,
              "operation_strategies": [{"operation": "x", "type": "probabilistic", "param": 0.1}]}],
             "default_strategy": {"type": "ratelimiting", "param": 2, "operation_strategies": [
               {"operation": "x", "type": "probabilistic", "param": 0.5},
               {"operation": "y", "type": "probabilistic", "param": 0.6}]}}
            """
        let strategy = try Self.strategies(text).strategy(of: "a")
        #expect(strategy.kind == .rateLimiting(1))
        #expect(strategy.operations?.defaultProbability == 0.001)
        #expect(strategy.operations?.entries.map { $0.operation } == ["x", "y"])
        #expect(strategy.operations?.entries.map { $0.probability } == [0.1, 0.6])
    }

    @Test(arguments: [
        ("", "it ends too early"), ("[]", "not an object"), (#"{"service_strategies": 1}"#, "not a list"),
        (#"{"service_strategies": [{"type": "probabilistic"}]}"#, "service_strategies[0] has no service"),
        (#"{"service_strategies": [{"service": "a"}]}"#, "service_strategies[0] has no number param"),
        (#"{"default_strategy": {"type": "odd", "param": 1}}"#, "default_strategy.type is neither"),
        (#"{"default_strategy": {"type": "probabilistic", "param": 2}}"#, "from 0 to 1"),
        (#"{"default_strategy": {"type": "ratelimiting", "param": 1e30}}"#, "has to be from 0"),
        (#"{"default_strategy": []}"#, "default_strategy is not an object"),
        (
            #"{"default_strategy": {"type": "ratelimiting", "param": 1, "operation_strategies": [{}]}}"#,
            "operation_strategies[0] has no operation"
        ),
        (
            #"""
            {"default_strategy": {"type": "ratelimiting", "param": 1, "operation_strategies": [
            {"operation": "x", "type": "ratelimiting", "param": 1}]}}
            """#, "is not probabilistic"
        ),
    ])
    func `mistakes are named with their place`(text: String, reason: String) throws {
        let error = #expect(throws: SamplingStrategies.Failure.self) { try Self.strategies(text) }
        #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
    }

    @Test func `clients are answered over HTTP and gRPC`() async throws {
        try await Self.withFile(Self.file) { path in
            let yaml = """
                protocols: {grpc: {endpoint: '127.0.0.1:0'}}
                remote_sampling: {host_endpoint: '127.0.0.1:0', strategy_file: '\(path)'}
                """
            try await withJaegerReceiver(yaml) { receiver in
                func ask(_ path: String, method: String = "GET") async throws -> ClientResponse {
                    try await receiver.send([], to: path, method: method, [:], server: "sampling")
                }
                let answer = try await ask("/sampling?service=bar")
                #expect(answer.status == 200 && answer.fields["content-type"] == "application/json")
                #expect(answer.body.string.hasPrefix("{\"strategyType\":\"RATE_LIMITING\""))
                #expect(try await ask("/?service=bar").body.string.hasPrefix("{\"strategyType\":1"))
                #expect(try await ask("/sampling?service=b%61z").body.string.contains("0.25"))
                #expect(try await ask("/sampling").status == 400)
                #expect(try await ask("/sampling?service=a&service=b").status == 400)
                #expect(try await ask("/sampling?service=a", method: "DELETE").status == 405)
                #expect(try await ask("/other").status == 404)
                let method = "/jaeger.api_v2.SamplingManager/GetSamplingStrategy"
                let response = try await receiver.call(Bytes([0x0A, 3] + Array("bar".utf8)), method)
                #expect(response.array == [0x08, 1, 0x1A, 2, 0x08, 5])
                let share = try await receiver.call(Bytes([0x0A, 3] + Array("baz".utf8)), method)
                #expect(share.array.prefix(11) == [0x12, 9, 0x09, 0, 0, 0, 0, 0, 0, 0xD0, 0x3F])
                #expect(try await receiver.failure(Bytes([0x0A, 9]), method).code == .invalidArgument)
            }
        }
    }

    @Test func `a file that changes is read again, one that is wrong changes nothing`() async throws {
        try await Self.withFile(Self.file) { path in
            let yaml = """
                protocols: {grpc: {endpoint: '127.0.0.1:0'}}
                remote_sampling:
                  host_endpoint: '127.0.0.1:0'
                  strategy_file: '\(path)'
                  strategy_file_reload_interval: 10s
                """
            try await withJaegerReceiver(yaml) { receiver in
                let clock = receiver.harness.clock
                func share() async throws -> String {
                    let path = "/sampling?service=x"
                    return try await receiver.send([], to: path, method: "GET", [:], server: "sampling")
                        .body.string
                }
                func reload() async {
                    await clock.waitForSleepers()
                    clock.advance(by: .seconds(10))
                    await clock.waitForSleepers()
                }
                #expect(try await share().contains("\"samplingRate\":0.5"))
                try Self.write(#"{"default_strategy": {"type": "probabilistic", "param": 0.75}}"#, to: path)
                await reload()
                #expect(try await share().contains("\"samplingRate\":0.75"))
                try Self.write("{", to: path)
                await reload()
                await reload()
                #expect(try await share().contains("\"samplingRate\":0.75"))
                let errors = receiver.harness.log.messages(.error)
                #expect(errors.count == 1)
                #expect(errors.first?.contains("cannot use the sampling strategies in \"\(path)\"") == true)
            }
        }
    }

    @Test func `a file that is not there is named with its key`() async {
        let yaml = "{protocols: {grpc: }, remote_sampling: {strategy_file: /nowhere/strategies.json}}"
        let error = await #expect(throws: ComponentError.self) {
            _ = try await RunningJaegerReceiver(yaml)
        }
        #expect(error?.key == "remote_sampling.strategy_file")
        #expect(error?.description.contains("/nowhere/strategies.json") == true)
    }
}
