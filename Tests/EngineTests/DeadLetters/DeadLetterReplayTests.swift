import Delivery
import Engine
import Logging
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing

@Suite struct DeadLetterReplayTests {
    private let world = ReplayWorld()
    private let storage = LetterStorage()
    private let a = "replay_target/a"
    private let b = "replay_target/b"

    /// What became of the letters, by their number of items.
    private struct Replayed {
        var letters: [(items: Int, outcome: ReplayedLetter.Outcome)] = []
        var problems: [String] = []
        var outcomes: [ReplayedLetter.Outcome] { letters.map { $0.outcome } }
        var items: [Int] { letters.map { $0.items } }
    }

    private static let delivered = ReplayedLetter.Outcome.delivered(rejectedItems: 0, message: "")

    private func configuration(_ retry: String, storage enabled: Bool = true) throws -> CollectorConfiguration
    {
        let yaml = """
            receivers: {source: }
            exporters: {\(a): {retry_on_failure: \(retry)}, \(b): {retry_on_failure: \(retry)}}
            extensions: {storage: {directory: "\(storage.root)"}}
            service:
              extensions: [\(enabled ? "storage" : "")]
              telemetry: {metrics: {level: none}}
              pipelines: {traces: {receivers: [source], exporters: [\(a)]}}
            """
        let catalog = ComponentCatalog(
            receivers: [SourceReceiver.self], exporters: [ReplayTargetExporter.self],
            extensions: [FakeStorage.self])
        let tree = try Tree(yaml: yaml, source: ConfigurationSource(.inline, "test.yaml"))
        let decoded = ConfigurationDecoder(catalog: catalog).decode(tree)
        return try #require(decoded.configuration, "\(decoded.diagnostics)")
    }

    private func replay(
        _ ids: [String]? = nil, exporter: String? = nil, retry: String = "{initial_interval: 1ms}",
        storage enabled: Bool = true
    ) async throws -> Replayed {
        try await ReplayWorld.$current.withValue(world) {
            let replay = DeadLetterReplay(
                try configuration(retry, storage: enabled), log: LogOutput(level: .critical), version: "test")
            var result = Replayed()
            result.problems = try await replay.run(
                ids: ids, exporter: exporter.flatMap { ComponentID(parsing: $0) }
            ) { result.letters.append(($0.letter.itemCount, $0.outcome)) }
            #expect(world.open.isEmpty, "exporters are closed at the end")
            return result
        }
    }

    @Test func `letters go to their exporters, the oldest first whatever their signal, and are gone`()
        async throws
    {
        try await storage.keep(a, .traces, 1)
        try await storage.keep(b, .logs, 2)
        try await storage.keep(a, .logs, 3)
        try await storage.keep(a, .traces, 4)
        let result = try await replay()
        #expect(result.items == [1, 3, 4, 2])
        #expect(result.outcomes == Array(repeating: Self.delivered, count: 4))
        #expect(result.problems.isEmpty)
        #expect(world.attempts == [1, 3, 4, 2])
        #expect(try storage.items == [])
    }

    @Test func `only the letters that were asked for are sent`() async throws {
        for items in 1...3 { try await storage.keep(a, .logs, items) }
        try await storage.keep(b, .logs, 4)
        let letters = try storage.archive.list().letters
        #expect(try await replay([letters[1].id, letters[1].id]).items == [2])
        #expect(try storage.items == [1, 3, 4])
        #expect(try await replay(exporter: b).items == [4])
        #expect(try storage.items == [1, 3])
        let error = await #expect(throws: DeadLetterReplay.Failure.self) {
            try await replay([letters[0].id], exporter: b)
        }
        #expect(error?.description.contains("there is no dead letter") == true)
        #expect(try storage.items == [1, 3])
    }

    @Test func `what is refused again stays, with the new reason, and the next is sent`() async throws {
        for items in 1...2 { try await storage.keep(a, .logs, items) }
        world.answer(a, .failure(.permanent(reason: "still bad")))
        let result = try await replay()
        #expect(result.outcomes == [.refused(reason: "still bad"), Self.delivered])
        #expect(try storage.items == [1])
    }

    @Test func `what the other side takes in part is gone, and the rest is told`() async throws {
        try await storage.keep(a, .logs, 5)
        world.answer(a, .success(ExportOutcome(rejectedItems: 2, message: "two are too old")))
        let result = try await replay()
        #expect(result.outcomes == [.delivered(rejectedItems: 2, message: "two are too old")])
        #expect(try storage.items == [])
    }

    @Test func `a failure that may pass is tried again`() async throws {
        try await storage.keep(a, .logs, 1)
        let later = Result<ExportOutcome, ExportFailure>.failure(.retryable(reason: "busy"))
        world.answer(a, later, later)
        #expect(try await replay().outcomes == [Self.delivered])
        #expect(world.attempts == [1, 1, 1])
        #expect(try storage.items == [])
    }

    @Test func `after three failures in a row an exporter is given up, and the next is tried`() async throws {
        for items in 1...2 { try await storage.keep(a, .logs, items) }
        try await storage.keep(b, .logs, 3)
        let later = Result<ExportOutcome, ExportFailure>.failure(.retryable(reason: "down"))
        world.answer(a, later, later, later)
        let result = try await replay()
        #expect(
            result.outcomes == [
                .unreached(reason: "down"),
                .unreached(reason: "gave up on the exporter after 3 attempts: down"), Self.delivered,
            ])
        #expect(world.attempts == [1, 1, 1, 3])
        #expect(try storage.items == [1, 2])
    }

    @Test func `without retries each letter is sent once, until three have failed`() async throws {
        for items in 1...5 { try await storage.keep(a, .logs, items) }
        let later = Result<ExportOutcome, ExportFailure>.failure(.retryable(reason: "down"))
        world.answer(a, later, later, .success(.delivered), later, later, later)
        let result = try await replay(retry: "{enabled: false}")
        #expect(result.outcomes[2] == Self.delivered)
        #expect(world.attempts == [1, 2, 3, 4, 5])
        #expect(try storage.items == [1, 2, 4, 5])
    }

    @Test func `a pause that is too long to wait for ends the sending`() async throws {
        for items in 1...2 { try await storage.keep(a, .logs, items) }
        world.answer(a, .failure(.retryable(reason: "busy", after: .seconds(3600))))
        let result = try await replay(retry: "{max_elapsed_time: 0s}")
        #expect(result.outcomes.first == .unreached(reason: "busy"))
        #expect(world.attempts == [1])
        #expect(try storage.items == [1, 2])
    }

    @Test func `a stop lets the attempt under way end, and sends nothing more`() async throws {
        for items in 1...3 { try await storage.keep(a, .logs, items) }
        let result = try await replay(stoppedInAttempt: 2)
        #expect(result.items == [1, 2, 3])
        #expect(result.outcomes.prefix(2) == [Self.delivered, Self.delivered])
        #expect(result.outcomes.last == .unreached(reason: "stopped before it was sent"))
        #expect(world.attempts == [1, 2])
        #expect(try storage.items == [3])
    }

    @Test func `a stop ends the pause before another attempt`() async throws {
        try await storage.keep(a, .logs, 1)
        world.answer(a, .failure(.retryable(reason: "busy", after: .seconds(50))))
        let result = try await replay(stoppedInAttempt: 1)
        #expect(result.outcomes == [.unreached(reason: "busy")])
        #expect(world.attempts == [1])
    }

    private func replay(stoppedInAttempt number: Int) async throws -> Replayed {
        let (beginning, begin) = AsyncStream<Void>.makeStream()
        let running = Task {
            for await _ in beginning { break }
            return try await replay()
        }
        world.whenAttempted { if $0 == number { running.cancel() } }
        begin.yield()
        return try await running.value
    }

    @Test func `an exporter that cannot be opened costs only its own letters`() async throws {
        try await storage.keep(a, .logs, 1)
        try await storage.keep(b, .logs, 2)
        world.failOpening(a, ComponentError("no such certificate"))
        let result = try await replay()
        #expect(result.outcomes == [.unreached(reason: "no such certificate"), Self.delivered])
        #expect(try storage.items == [1])
    }

    @Test func `letters of an exporter that is not configured any more stay`() async throws {
        try await storage.keep("replay_target/old", .logs, 1)
        try await storage.keep(b, .logs, 2)
        let result = try await replay()
        #expect(result.items == [2, 1])
        #expect(
            result.outcomes.last
                == .unreached(reason: "the configuration has no exporter 'replay_target/old'"))
        #expect(try storage.items == [1])
    }

    @Test func `while a collector has one of the directories nothing is sent`() async throws {
        try await storage.keep(a, .logs, 1)
        try await storage.keep(b, .logs, 2)
        let running = try await storage.open(b, .logs)
        let error = await #expect(throws: DeadLetterReplay.Failure.self) { try await replay() }
        #expect(error?.description.contains("in use by process") == true)
        #expect(world.attempts == [])
        await running.close()
        #expect(try await replay().items == [1, 2])
    }

    @Test func `a mistake in the choice is told with what there is`() async throws {
        let unknown = await #expect(throws: DeadLetterReplay.Failure.self) {
            try await replay(exporter: "nobody")
        }
        #expect(unknown?.description.contains("there are: \(a), \(b)") == true)
        let none = await #expect(throws: DeadLetterReplay.Failure.self) { try await replay(storage: false) }
        #expect(none?.description.contains("service::extensions") == true)
    }

    @Test func `a storage that does not exist yet has no letters`() async throws {
        #expect(try await replay().letters.isEmpty)
    }
}
