import Pipeline
import PipelineTesting
import Synchronization
import Telemetry
import Testing
import Wire

@testable import Delivery

@Suite struct SpoolTests {
    let fixture = SpoolFixture()

    @Test(arguments: Signal.allCases)
    func `what was appended can be read, before and after a restart`(signal: Signal) async throws {
        var batch = try SpoolFixture.batch(1, signal)
        batch.append(try Samples.complete(signal))
        batch.origin = Origin(peer: "10.1.2.3:40312", metadata: ["x-tenant": ["a", "ü"], "empty": []])
        let note = Bytes(utf8: "a note")
        let (spool, none, _) = try await fixture.open(signal)
        #expect(none.isEmpty)
        let record = try await spool.write(batch, note: note)
        #expect(record.isWritten)
        #expect(record.itemCount == batch.itemCount)
        #expect(record.byteCount == batch.byteCount)
        #expect(record.time == fixture.clock.unixNanoseconds)
        let written = try await spool.read(record)
        #expect(written.batch.facts == batch.facts)
        #expect(written.note.array == note.array)
        await spool.close()

        let (again, records, damage) = try await fixture.open(signal)
        let found = try #require(records.first)
        #expect(records.count == 1)
        #expect(damage == SpoolDamage())
        #expect(found.itemCount == batch.itemCount)
        #expect(found.byteCount == batch.byteCount)
        #expect(found.time == record.time)
        let read = try await again.read(found)
        #expect(read.batch.facts == batch.facts)
        #expect(read.batch.chunks.count == 2)
        #expect(read.batch.signal == signal)
        #expect(read.note.array == note.array)
        await again.close()
    }

    @Test func `the order of appends is the order after a restart, over many segments`() async throws {
        let (spool, _, _) = try await fixture.open { $0.segmentSize = 500 }
        for number in 0..<40 { _ = try await spool.write(try SpoolFixture.batch(number)) }
        await spool.close()
        #expect(try fixture.files().count > 5)
        let (again, records, _) = try await fixture.open { $0.segmentSize = 500 }
        for (number, record) in records.enumerated() {
            #expect(try await again.read(record).batch.facts == SpoolFixture.batch(number).facts)
        }
        #expect(records.count == 40)
        await again.close()
    }

    @Test func `what was removed does not come back`() async throws {
        let (spool, _, _) = try await fixture.open()
        var records: [SpoolRecord] = []
        for number in 0..<10 { records.append(try await spool.write(try SpoolFixture.batch(number))) }
        for number in [0, 3, 4, 9] { spool.remove(records[number]) }
        spool.remove(records[3])
        #expect(!records[3].isWritten)
        await #expect(throws: SpoolError(.removed)) { try await spool.read(records[3]) }
        await spool.close()
        let (again, left, _) = try await fixture.open()
        #expect(left.count == 6)
        let first = try #require(left.first)
        #expect(try await again.read(first).batch.facts == SpoolFixture.batch(1).facts)
        await again.close()
    }

    @Test func `a record that is removed while it is written does not come back`() async throws {
        let (spool, _, _) = try await fixture.open()
        let appended = Mutex<SpoolRecord?>(nil)
        fixture.disk.set {
            $0.whileWriting = {
                var record: SpoolRecord?
                // The append returns without waiting for this thread, so this is over at once.
                while record == nil { record = appended.withLock { $0 } }
                if let record { spool.remove(record) }
            }
        }
        let error = await withCheckedContinuation { continuation in
            let batch = try? SpoolFixture.batch(1)
            let record = spool.append(batch ?? Batch(signal: .traces)) { continuation.resume(returning: $0) }
            appended.withLock { $0 = record }
        }
        #expect(error == nil)
        let kept = try #require(try await spool.write(try SpoolFixture.batch(2)).location)
        #expect(kept.index == 1)
        await spool.close()
        let (again, records, _) = try await fixture.open()
        #expect(records.map { $0.location } == [kept])
        await again.close()
    }

    @Test func `what waits is read from memory, and vanishes without a trace when it is removed`()
        async throws
    {
        let (spool, _, _) = try await fixture.open()
        let (begun, goOn) = fixture.disk.hold()
        let first = spool.append(try SpoolFixture.batch(1)) { _ in }
        try await begun.wait()
        let answer = PendingReceipt()
        let second = spool.append(try SpoolFixture.batch(2), note: Bytes([7])) { error in
            answer.resolve(error.map { .never(reason: "\($0)") })
        }
        #expect(!first.isWritten)
        #expect(try await spool.read(first).batch.facts == SpoolFixture.batch(1).facts)
        let waiting = try await spool.read(second)
        #expect(waiting.batch.facts == (try SpoolFixture.batch(2).facts))
        #expect(waiting.note.array == [7])
        spool.remove(second)
        goOn()
        try await answer.wait()
        #expect(first.isWritten)
        let size = try #require(
            SegmentRecord.encode(try SpoolFixture.batch(1), note: .empty, time: 0)?.size)
        #expect(spool.sizeOnDisk == SegmentHeader.size + size)
        await spool.close()
    }

    @Test func `files go when everything in them is done, wherever they stand`() async throws {
        let (spool, _, _) = try await fixture.open { $0.segmentSize = 1 }
        #expect(try fixture.files().isEmpty)
        var records: [SpoolRecord] = []
        for number in 0..<4 { records.append(try await spool.write(try SpoolFixture.batch(number))) }
        #expect(try fixture.files().count == 4)
        let size = spool.sizeOnDisk
        #expect(size > 4 * SegmentHeader.size)
        let place = try #require(records[2].location)
        spool.remove(records[2])
        try await spool.settle()
        #expect(!Directory.exists(SegmentFile.path(place.segment, in: fixture.directory)))
        #expect(try await spool.read(records[1]).batch.facts == SpoolFixture.batch(1).facts)
        #expect(try await spool.read(records[3]).batch.facts == SpoolFixture.batch(3).facts)
        for record in records { spool.remove(record) }
        await spool.close()
        #expect(try fixture.files().isEmpty)
        #expect(spool.sizeOnDisk == 0)
    }

    @Test func `the size is that of the files`() async throws {
        let (spool, _, _) = try await fixture.open { $0.segmentSize = 400 }
        var records: [SpoolRecord] = []
        for number in 0..<9 { records.append(try await spool.write(try SpoolFixture.batch(number))) }
        for number in [1, 4, 5] { spool.remove(records[number]) }
        await spool.close()
        let sizes = try fixture.files().map { try fixture.content($0).count }
        #expect(spool.sizeOnDisk == sizes.reduce(0, +))
        let (again, _, _) = try await fixture.open()
        #expect(again.sizeOnDisk == spool.sizeOnDisk)
        await again.close()
    }

    @Test func `a second opener is told who holds the directory`() async throws {
        let (spool, _, _) = try await fixture.open()
        let error = await #expect(throws: SpoolError.self) {
            try await fixture.open { $0.lockTimeout = .zero }
        }
        #expect(error?.description.contains("in use by process") == true)
        await spool.close()
        let (again, _, _) = try await fixture.open { $0.lockTimeout = .zero }
        await again.close()
    }

    @Test func `an opener waits for the one who is about to leave`() async throws {
        let (spool, _, _) = try await fixture.open()
        async let second = fixture.open { $0.lockTimeout = .seconds(5) }
        await fixture.clock.waitForSleepers()
        await spool.close()
        fixture.clock.advance(by: .seconds(1))
        await (try second).spool.close()
    }

    @Test func `a spool that nobody holds any more lets go of its directory`() async throws {
        let record = try await { () async throws -> SpoolRecord in
            let (spool, _, _) = try await fixture.open()
            return try await spool.write(try SpoolFixture.batch(1))
        }()
        #expect(record.isWritten)
        async let again = fixture.open { $0.lockTimeout = .seconds(3600) }
        // Whether the thread has ended already is not known; the clock moves until it has.
        let ticking = Task {
            while !Task.isCancelled {
                fixture.clock.advance(by: .milliseconds(100))
                await Task.yield()
            }
        }
        let (spool, records, _) = try await again
        ticking.cancel()
        #expect(records.count == 1)
        await spool.close()
    }

    @Test func `a closed spool answers that it is closed`() async throws {
        let (spool, _, _) = try await fixture.open()
        let record = try await spool.write(try SpoolFixture.batch(1))
        await spool.close()
        await spool.close()
        let (late, error) = await spool.attempt(try SpoolFixture.batch(2))
        #expect(error == SpoolError(.closed))
        #expect(!late.isWritten)
        await #expect(throws: SpoolError(.closed)) { try await spool.read(record) }
        spool.remove(record)
        let (again, records, _) = try await fixture.open()
        #expect(records.count == 1)
        await again.close()
    }

    @Test func `a record beyond max_size is refused and fits when others are done`() async throws {
        let (spool, _, _) = try await fixture.open { $0.maxSize = 1_000 }
        var records: [SpoolRecord] = []
        var refusal: SpoolError?
        while refusal == nil {
            let (record, error) = await spool.attempt(try SpoolFixture.batch(records.count))
            if error == nil { records.append(record) } else { #expect(!record.isWritten) }
            refusal = error
        }
        #expect(refusal == SpoolError(.full(limit: 1_000)))
        #expect(spool.sizeOnDisk <= 1_000)
        #expect(records.count > 3)
        for record in records { spool.remove(record) }
        _ = try await spool.write(try SpoolFixture.batch(99))
        await spool.close()
    }

    @Test func `a segment that is being written makes room when all of it is done`() async throws {
        let (spool, _, _) = try await fixture.open { $0.maxSize = 900 }
        for number in 0..<30 { spool.remove(try await spool.write(try SpoolFixture.batch(number, items: 4))) }
        await spool.close()
        #expect(try fixture.files().isEmpty)
    }

    @Test func `what waits is written by the end`() async throws {
        let (spool, _, _) = try await fixture.open()
        for number in 0..<50 { _ = spool.append(try SpoolFixture.batch(number)) { _ in } }
        await spool.close()
        let (again, records, _) = try await fixture.open()
        #expect(records.count == 50)
        await again.close()
    }
}
