import Glibc
import Logging
import Pipeline
import PipelineTesting
import Telemetry
import Testing
import Wire

@testable import Delivery

@Suite struct DeadLetterArchiveTests {
    let storage = StorageFixture()

    /// Three letters of two exporters and two signals.
    private func fill() async throws {
        let traces = try await storage.open()
        for number in 1...2 { _ = await traces.keep(try storage.batch(number), reason: "no \(number)") }
        await traces.close()
        let other = ComponentID(type: "otlp_http", name: "ü .x")
        let logs = try await storage.open(other, .logs)
        _ = await logs.keep(try storage.batch(3, .logs), reason: "no 3", exporter: other.description)
        await logs.close()
    }

    @Test func `letters of all exporters and signals are listed, or those of one`() async throws {
        try await fill()
        let (letters, problems) = try storage.archive.list()
        #expect(letters.map { $0.reason } == ["no 1", "no 2", "no 3"])
        #expect(letters.map { $0.exporter } == ["otlp/2", "otlp/2", "otlp_http/ü .x"])
        #expect(letters.map { $0.signal } == [.traces, .traces, .logs])
        #expect(Set(letters.map { $0.id }).count == 3)
        #expect(problems.isEmpty)
        #expect(try storage.archive.list(exporter: "otlp_http/ü .x").letters == [letters[2]])
        #expect(try storage.archive.list(exporter: "nobody").letters.isEmpty)
    }

    @Test func `the end of an id is enough when it is the only one`() async throws {
        try await fill()
        let letters = try storage.archive.list().letters
        let ends = letters.map { String($0.id.split(separator: "/").last ?? "") }
        #expect(try storage.archive.read(ends[1]).letter == letters[1])
        // The clock stands still, so the first segments have the same number.
        #expect(ends[0] == ends[2])
        #expect(throws: DeadLetterError.ambiguous(id: ends[0], candidates: [letters[0].id, letters[2].id])) {
            try storage.archive.read(ends[0])
        }
        #expect(try storage.archive.read(letters[2].id).batch.signal == .logs)
        for id in ["", "x", "otlp/2/traces/0-0", "1-1"] {
            #expect(throws: DeadLetterError.notFound(id: id)) { try storage.archive.read(id) }
        }
    }

    @Test func `what is removed is gone, and nothing else`() async throws {
        try await fill()
        let letters = try storage.archive.list().letters
        try await remove([letters[0].id, letters[2].id, letters[0].id])
        #expect(try storage.archive.list().letters == [letters[1]])
        await #expect(throws: DeadLetterError.notFound(id: letters[0].id)) {
            try await remove([letters[1].id, letters[0].id])
        }
        #expect(try storage.archive.list().letters == [letters[1]])
        let store = try await storage.open()
        #expect(store.count == 1)
        await store.close()
    }

    @Test func `a store that is in use can be read and not changed`() async throws {
        try await fill()
        let store = try await storage.open()
        _ = await store.keep(try storage.batch(4), reason: "no 4")
        let letters = try storage.archive.list().letters
        #expect(letters.map { $0.reason } == ["no 1", "no 2", "no 4", "no 3"])
        #expect(try storage.archive.read(letters[2].id).batch.facts == storage.batch(4).facts)
        // The other directory is free, and stays as it is all the same.
        let error = await #expect(throws: DeadLetterError.self) { try await remove(letters.map { $0.id }) }
        #expect(error?.description.contains("in use by process \(getpid())") == true)
        #expect(try storage.archive.list().letters == letters)
        await store.close()
    }

    @Test func `a damaged segment is read up to the damage`() async throws {
        try await fill()
        let directory = storage.layout.deadLetters(of: storage.exporter, .traces)
        let name = try #require(try Directory.names(in: directory).first { $0.hasSuffix(".segment") })
        let content = try SmallFile.read("\(directory)/\(name)")
        var file = try OutputFile("\(directory)/\(name)", .truncate)
        _ = try file.write(content[0..<content.count - 1])
        #expect(try storage.archive.list().letters.map { $0.reason } == ["no 1", "no 3"])
        file = try OutputFile("\(directory)/\(name)", .truncate)
        _ = try file.write(content[1..<content.count])
        let (letters, problems) = try storage.archive.list()
        #expect(letters.map { $0.reason } == ["no 3"])
        #expect(problems.count == 1)
        #expect(problems.first?.contains(name) == true)
    }

    @Test func `a storage that does not exist is an error and one without letters is empty`() throws {
        let error = #expect(throws: DeadLetterError.self) { try storage.archive.list() }
        #expect(error?.description.contains("No such file") == true)
        try Directory.make(storage.root + "/something/else", permissions: 0o700)
        #expect(try storage.archive.list().letters.isEmpty)
    }

    @Test func `letters in a hold can be read and removed, and nobody else has them meanwhile`() async throws
    {
        try await fill()
        let letters = try storage.archive.list().letters
        let hold = try await storage.archive.hold(nil, clock: storage.clock, logger: storage.log.logger())
        #expect(hold.letters.map { $0.letter } == letters)
        #expect(hold.letters.map { $0.exporter } == letters.map { $0.exporter })
        #expect(try await hold.letters[2].batch().facts == storage.batch(3, .logs).facts)
        await #expect(throws: SpoolError.self) { try await storage.open() }
        hold.letters[0].remove()
        await #expect(throws: DeadLetterError.self) { try await hold.letters[0].batch() }
        await hold.close()
        #expect(try storage.archive.list().letters == Array(letters[1...]))
    }

    @Test func `a hold has the letters that were asked for, each once`() async throws {
        try await fill()
        let letters = try storage.archive.list().letters
        let ids = [letters[1].id, letters[1].id]
        var hold = try await storage.archive.hold(ids, clock: storage.clock, logger: storage.log.logger())
        #expect(hold.letters.map { $0.letter } == [letters[1]])
        await hold.close()
        hold = try await storage.archive.hold(
            nil, exporter: letters[2].exporter, clock: storage.clock, logger: storage.log.logger())
        #expect(hold.letters.map { $0.letter } == [letters[2]])
        await hold.close()
        hold = try await storage.archive.hold([], clock: storage.clock, logger: storage.log.logger())
        #expect(hold.letters.isEmpty)
    }

    @Test func `several storages are one archive`() async throws {
        let second = StorageFixture()
        try await fill()
        let other = try await second.open()
        _ = await other.keep(try second.batch(4), reason: "no 4")
        await other.close()
        let archive = DeadLetterArchive(directories: [storage.root, second.root])
        #expect(try archive.list().letters.map { $0.reason } == ["no 1", "no 2", "no 3", "no 4"])
    }

    private func remove(_ ids: [String]) async throws(DeadLetterError) {
        try await storage.archive.remove(ids, clock: storage.clock, logger: storage.log.logger())
    }
}
