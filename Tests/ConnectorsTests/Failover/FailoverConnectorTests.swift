import Connectors
import Logging
import Pipeline
import PipelineTesting
import Telemetry
import Testing

@Suite struct FailoverConnectorTests {
    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(
            FailoverConnector.self,
            yaml: "{priority_levels: [[logs], [logs/2]], condition: {error: {contains: down}}, "
                + "sending_queue: {queue_size: 5}}")
    }

    /// The example of contrib's documentation.
    @Test func `all pipelines of a level get everything, and when one refuses the next level does`()
        async throws
    {
        let names = ["first", "also_first", "second", "third"].map { "traces/\($0)" }
        let harness = try await ConnectorHarness(
            FailoverConnector.self,
            yaml: """
                priority_levels:
                  - [traces/first, traces/also_first]
                  - [traces/second]
                  - [traces/third]
                retry_interval: 10s
                """, pipelines: names)
        func counts() -> [Int] { names.map { harness.sink($0).itemCount } }
        _ = try await harness.send(Samples.batch(.traces))
        #expect(counts() == [3, 3, 0, 0])
        harness.sink("traces/also_first").refuse(with: .later(reason: "down"))
        _ = try await harness.send(Samples.batch(.traces))
        #expect(counts() == [6, 3, 3, 0], "the pipeline before the one that refused has it twice over")
        #expect(harness.surroundings.metric("apus_connector_failover_repeated_items") == 3)
        _ = try await harness.send(Samples.batch(.traces))
        #expect(counts() == [6, 3, 6, 0])
        harness.surroundings.clock.advance(by: .seconds(10))
        _ = try await harness.send(Samples.batch(.traces))
        #expect(counts() == [9, 6, 6, 0])
    }

    @Test func `a level that refuses is left at once, and what comes next does not ask it`() async throws {
        let bench = try await FailoverBench()
        #expect(bench.activeLevel == 1)
        bench.refuse("1", next: 2)
        try await bench.send(5)
        #expect(bench.items == [0, 0, 5, 0])
        #expect(bench.activeLevel == 2)
        try await bench.send(5)
        #expect(bench.items == [0, 0, 10, 0])
        #expect(bench.metric("otelcol_connector_failover_count", ["level": "1"]) == 1)
        bench.refuse("2")
        try await bench.send(5)
        #expect(bench.items == [0, 0, 10, 5])
        #expect(bench.activeLevel == 3)
        let statuses = bench.harness.surroundings.statuses
        #expect(statuses.last == .recoverableError("failed levels: 1, 2; level 3 is active"))
        #expect(bench.harness.surroundings.log.messages(.warning).count == 2)
    }

    @Test func `a failed level gets one batch after each interval, and is back when it takes it`()
        async throws
    {
        let bench = try await FailoverBench()
        bench.refuse("1", next: 2)
        try await bench.send()
        bench.harness.surroundings.clock.advance(by: .seconds(9))
        try await bench.send()
        #expect(bench.items == [0, 0, 2, 0], "before its time it is left alone")
        bench.harness.surroundings.clock.advance(by: .seconds(1))
        try await bench.send()
        try await bench.send()
        #expect(bench.items == [0, 0, 4, 0], "what it refuses again is not lost")
        bench.harness.surroundings.clock.advance(by: .seconds(10))
        try await bench.send()
        try await bench.send()
        #expect(bench.items == [2, 0, 4, 0])
        #expect(bench.activeLevel == 1)
        #expect(bench.harness.surroundings.statuses.last == .ok)
        #expect(bench.metric("otelcol_connector_failover_count", ["level": "1"]) == 1)
    }

    @Test func `only one batch tries a failed level while its answer is open`() async throws {
        let bench = try await FailoverBench()
        bench.refuse("1")
        try await bench.send()
        bench.harness.surroundings.clock.advance(by: .seconds(10))
        bench.sink("1").hold()
        let trial = try await bench.sendAndWait()
        try await bench.send()
        #expect(bench.items == [1, 0, 2, 0])
        bench.sink("1").answer()
        try await trial.wait()
        #expect(bench.activeLevel == 1)
    }

    @Test func `of several failed levels the best that takes the batch is back`() async throws {
        let bench = try await FailoverBench()
        bench.refuse("1", next: 2)
        bench.refuse("2")
        try await bench.send()
        #expect(bench.activeLevel == 3)
        bench.harness.surroundings.clock.advance(by: .seconds(10))
        try await bench.send()
        #expect(bench.items == [0, 0, 1, 1])
        #expect(bench.activeLevel == 2)
    }

    // MARK: - When all refuse

    @Test func `what every level refuses is the sender's, and the next batch is offered to all again`()
        async throws
    {
        let bench = try await FailoverBench()
        bench.refuse("1", with: .later(reason: "a", after: .seconds(5)))
        bench.refuse("2", with: .never(reason: "b"))
        bench.refuse("3", with: .later(reason: "c", after: .seconds(2)))
        await #expect(
            throws: Rejection.later(
                reason: "every level refused: level 1: a; level 2: b; level 3: c", after: .seconds(2))
        ) { try await bench.send() }
        #expect(bench.items == [0, 0, 0, 0])
        #expect(bench.activeLevel == 2, "what refused for good has not failed while nobody takes the batch")
        bench.refuse("2")
        await #expect(throws: Never.self) { try await bench.send() }
        #expect(bench.items == [1, 0, 0, 0], "no batch is refused that some level would take")
        #expect(bench.activeLevel == 1)
    }

    @Test func `a batch that nobody ever takes says nothing about the levels`() async throws {
        let bench = try await FailoverBench("[[logs/1], [logs/2]]")
        bench.refuse("1", with: .never(reason: "too large"))
        bench.refuse("2", with: .never(reason: "malformed"))
        await #expect(
            throws: Rejection.never(reason: "every level refused: level 1: too large; level 2: malformed")
        ) { try await bench.send() }
        #expect(bench.activeLevel == 1)
        try await bench.send()
        #expect(bench.items == [1, 0, 0, 0])
    }

    @Test func `a level that refuses for good what another takes has failed`() async throws {
        let bench = try await FailoverBench()
        bench.refuse("1", with: .never(reason: "no"))
        try await bench.send()
        #expect(bench.items == [0, 0, 1, 0])
        #expect(bench.activeLevel == 2)
    }

    // MARK: - Conditions

    @Test(arguments: ["network", "[quota, NETWORK failure]"])
    func `with a condition other refusals are the sender's`(texts: String) async throws {
        let bench = try await FailoverBench(
            FailoverBench.levels, "retry_interval: 10s\ncondition: {error: {contains: \(texts)}}")
        bench.refuse("1", with: .later(reason: "the sending queue is full"))
        await #expect(throws: Rejection.later(reason: "the sending queue is full")) { try await bench.send() }
        #expect(bench.items == [0, 0, 0, 0])
        #expect(bench.activeLevel == 1)
        bench.refuse("1", with: .later(reason: "a Network Failure"))
        try await bench.send()
        #expect(bench.items == [0, 0, 1, 0])
        bench.harness.surroundings.clock.advance(by: .seconds(10))
        bench.refuse("1", with: .never(reason: "malformed"))
        await #expect(throws: Rejection.never(reason: "malformed")) { try await bench.send() }
        #expect(bench.activeLevel == 1, "it answers, so it is back")
    }

    // MARK: - Changes

    @Test func `what is known of levels is kept when the settings change`() async throws {
        let surroundings = Harness()
        let before = try await FailoverBench(in: surroundings)
        before.refuse("1")
        try await before.send()
        let after = try await FailoverBench(
            "[[logs/3], [logs/1], [logs/2]]", "retry_interval: 20s", in: surroundings)
        after.refuse("3")
        try await after.send()
        #expect(after.items == [0, 0, 1, 0], "logs/1 has failed already, whatever its level")
        #expect(after.activeLevel == 3)
        let other = try await FailoverBench()
        try await other.send()
        #expect(other.items == [1, 0, 0, 0], "another collector knows nothing of it")
        try await before.send()
    }

    @Test func `a new one says at once that levels have failed`() async throws {
        let surroundings = Harness()
        let before = try await FailoverBench(in: surroundings)
        before.refuse("1")
        try await before.send()
        let after = try await FailoverBench("[[logs/1], [logs/3]]", in: surroundings)
        try await after.send()
        #expect(after.items == [0, 0, 0, 1])
        #expect(surroundings.statuses.last == .recoverableError("failed levels: 1; level 2 is active"))
        try await before.send()
    }
}
