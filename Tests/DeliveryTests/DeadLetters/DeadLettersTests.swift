import Logging
import Pipeline
import PipelineTesting
import Synchronization
import Telemetry
import Testing
import Wire

@testable import Delivery

@Suite struct DeadLettersTests {
    let storage = StorageFixture()

    @Test func `a letter is kept with its story`() async throws {
        let letters = try await storage.open()
        let batch = try storage.batch(1, items: 4)
        #expect(await letters.keep(batch, reason: "400: the reason", attempts: 3) == nil)
        #expect(letters.count == 1)
        let found = try #require(try storage.archive.list().letters.first)
        #expect(found.exporter == "otlp/2")
        #expect(found.signal == .traces)
        #expect(found.pipeline == "traces/backend")
        #expect(found.reason == "400: the reason")
        #expect(found.attempts == 3)
        #expect(found.itemCount == 4)
        #expect(found.byteCount == batch.byteCount)
        #expect(found.time == storage.clock.unixNanoseconds)
        #expect(found.peer == "10.0.0.7:1")
        #expect(found.id.hasPrefix("otlp/2/traces/"))
        let (letter, read) = try storage.archive.read(found.id)
        #expect(letter == found)
        #expect(read.facts == batch.facts)
        await letters.close()
        #expect(try storage.archive.list().letters == [found])
        let again = try await storage.open()
        #expect(again.count == 1)
        await again.close()
    }

    @Test func `one of them can be read and discarded while the store is in use`() async throws {
        let letters = try await storage.open()
        for number in 0..<3 {
            #expect(await letters.keep(try storage.batch(number, items: 2), reason: "no") == nil)
        }
        let found = try storage.archive.list().letters
        let place = try #require(found[1].id.split(separator: "/").last.map(String.init))
        #expect(try await letters.batch(at: place)?.facts == storage.batch(1, items: 2).facts)
        #expect(letters.discard(place))
        #expect(!letters.discard(place))
        #expect(try await letters.batch(at: place) == nil)
        #expect(letters.count == 2)
        await letters.close()
        #expect(try storage.archive.list().letters == [found[0], found[2]])
    }

    @Test func `the oldest make room and are counted`() async throws {
        let letters = try await storage.open { $0.maxSize = 20_000 }
        for number in 0..<150 {
            #expect(await letters.keep(try storage.batch(number, items: 5), reason: "no") == nil)
            #expect(letters.sizeOnDisk <= 20_000)
        }
        #expect(letters.count < 150)
        #expect(letters.count > 10)
        #expect(letters.displaced.letters == 150 - letters.count)
        #expect(letters.displaced.items == 5 * letters.displaced.letters)
        #expect(letters.expired.letters == 0)
        await letters.close()
        let kept = try storage.archive.list().letters
        #expect(kept.count == letters.count)
        let newest = try #require(kept.last)
        #expect(try storage.archive.read(newest.id).batch.facts == storage.batch(149, items: 5).facts)
    }

    @Test func `many that find the store full at once give up no more than they need`() async throws {
        let letters = try await storage.open { $0.maxSize = 40_000 }
        var number = 0
        while letters.displaced.letters == 0 {
            _ = await letters.keep(try storage.batch(number, items: 5), reason: "no")
            number += 1
        }
        // What goes at a time; there are seven such portions or eight.
        let portion = letters.displaced.letters
        let size = 3 * portion
        let before = letters.displaced.letters
        let (begun, goOn) = storage.disk.hold()
        let isDone = PendingReceipt()
        let answers = Mutex<[SpoolError?]>([])
        for index in 0..<size {
            let batch = try storage.batch(index, items: 5)
            letters.add(batch, reason: "no", attempts: 1, exporter: storage.exporter, pipeline: nil) {
                error in
                let count = answers.withLock {
                    $0.append(error)
                    return $0.count
                }
                if count == size { isDone.resolve(nil) }
            }
            if index == 0 { try await begun.wait() }
        }
        goOn()
        try await isDone.wait()
        #expect(answers.withLock { $0.allSatisfy { $0 == nil } })
        #expect(letters.displaced.letters >= before + size - portion)
        #expect(letters.displaced.letters <= before + size + portion)
        await letters.close()
    }

    @Test func `a letter that is larger than everything is not kept, whatever room is made`() async throws {
        let letters = try await storage.open { $0.maxSize = 1_000 }
        #expect(await letters.keep(try storage.batch(1), reason: "no") == nil)
        let error = await letters.keep(try storage.batch(2, items: 100), reason: "no")
        guard case .full? = error?.kind else { throw try #require(error) }
        #expect(letters.count == 0)
        #expect(await letters.keep(try storage.batch(3), reason: "no") == nil)
        #expect(letters.count == 1)
        await letters.close()
    }

    @Test func `letters go when they are too old`() async throws {
        let letters = try await storage.open(maxAge: .seconds(100))
        _ = await letters.keep(try storage.batch(1, items: 2), reason: "no")
        storage.clock.advance(by: .seconds(60))
        _ = await letters.keep(try storage.batch(2), reason: "no")
        await storage.clock.waitForSleepers()
        storage.clock.advance(by: .seconds(50))
        while letters.count == 2 { await Task.yield() }
        #expect(letters.expired == countOf(letters: 1, items: 2))
        await letters.close()
        storage.clock.advance(by: .seconds(60))
        let again = try await storage.open(maxAge: .seconds(100))
        #expect(again.count == 0)
        #expect(again.expired.letters == 1)
        await again.close()
    }

    @Test func `a long reason is cut between characters`() {
        let note = DeadLetterNote(
            exporter: "a", pipeline: "", reason: String(repeating: "€", count: 2_000), attempts: 2)
        #expect(note.reason == String(repeating: "€", count: DeadLetterNote.reasonLimit / 3))
        #expect(DeadLetterNote(note.encode()) == note)
        for length in 0..<note.encode().count { #expect(DeadLetterNote(note.encode()[0..<length]) == nil) }
    }

    private func countOf(letters: Int, items: Int) -> DeadLetters.Count {
        var count = DeadLetters.Count()
        count.letters = letters
        count.items = items
        return count
    }
}
