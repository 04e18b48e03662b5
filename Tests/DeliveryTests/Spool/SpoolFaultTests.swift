import Glibc
import Logging
import Pipeline
import PipelineTesting
import Synchronization
import Telemetry
import Testing
import Wire

@testable import Delivery

@Suite struct SpoolFaultTests {
    let fixture = SpoolFixture()

    @Test func `a full disk refuses a record, keeps the others, and takes new ones when there is room`()
        async throws
    {
        let (spool, _, _) = try await fixture.open()
        let first = try await spool.write(try SpoolFixture.batch(1))
        let size = spool.sizeOnDisk
        fixture.disk.set { $0.room = 30 }
        let (refused, error) = await spool.attempt(try SpoolFixture.batch(2))
        guard case .noSpace(let reason)? = error?.kind else { throw try #require(error) }
        #expect(reason.code == ENOSPC)
        #expect(!refused.isWritten)
        #expect(spool.sizeOnDisk == size)
        let segment = try #require(try fixture.files().first)
        #expect(try fixture.content(segment).count == size)
        fixture.disk.set { $0.room = nil }
        let third = try await spool.write(try SpoolFixture.batch(3))
        #expect(first.location?.segment == third.location?.segment)
        await spool.close()
        try await expect([1, 3])
    }

    @Test func `of records that are written together those that fit are kept`() async throws {
        let (spool, _, _) = try await fixture.open()
        let size = try #require(
            SegmentRecord.encode(try SpoolFixture.batch(1), note: .empty, time: 0)?.size)
        fixture.disk.set { $0.room = SegmentHeader.size + 2 * size + 5 }
        let errors = await withTaskGroup { group in
            // The thread cannot be made to take all of them at once, but where they end is the same.
            for number in 1...4 {
                let batch = try? SpoolFixture.batch(number)
                group.addTask { await spool.attempt(batch ?? Batch(signal: .traces)).1 }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(errors.count { $0 == nil } == 2)
        await spool.close()
        let (again, records, damage) = try await fixture.open()
        #expect(records.count == 2)
        #expect(damage == SpoolDamage())
        await again.close()
    }

    @Test(arguments: 0...20)
    func `a disk that is full at the first record leaves no half header`(room: Int) async throws {
        let (spool, _, _) = try await fixture.open()
        fixture.disk.set { $0.room = room }
        let (_, error) = await spool.attempt(try SpoolFixture.batch(1))
        #expect(error != nil)
        fixture.disk.set { $0.room = nil }
        _ = try await spool.write(try SpoolFixture.batch(2))
        await spool.close()
        try await expect([2])
    }

    @Test func `when half a record cannot be cut off another segment goes on`() async throws {
        let (spool, _, _) = try await fixture.open()
        let first = try await spool.write(try SpoolFixture.batch(1))
        fixture.disk.set {
            $0.room = 30
            $0.failsTruncation = true
        }
        #expect(await spool.attempt(try SpoolFixture.batch(2)).1 != nil)
        fixture.disk.set {
            $0.room = nil
            $0.failsTruncation = false
        }
        let third = try await spool.write(try SpoolFixture.batch(3))
        #expect(first.location?.segment != third.location?.segment)
        let sizes = try fixture.files().map { try fixture.content($0).count }
        #expect(spool.sizeOnDisk == sizes.reduce(0, +))
        await spool.close()
        let (again, records, damage) = try await fixture.open()
        #expect(records.count == 2)
        #expect(damage.bytesCut == 30)
        #expect(!damage.isHarmless)
        await again.close()
    }

    @Test func `a segment that cannot be made fails these appends only`() async throws {
        let (spool, _, _) = try await fixture.open()
        fixture.disk.set { $0.failsOpening = true }
        let (_, error) = await spool.attempt(try SpoolFixture.batch(1))
        guard case .io(let reason)? = error?.kind else { throw try #require(error) }
        #expect(reason.code == EMFILE)
        fixture.disk.set { $0.failsOpening = false }
        _ = try await spool.write(try SpoolFixture.batch(2))
        await spool.close()
        try await expect([2])
    }

    @Test func `completions wait in memory while the disk is full`() async throws {
        let (spool, _, _) = try await fixture.open()
        var records: [SpoolRecord] = []
        for number in 0..<4 { records.append(try await spool.write(try SpoolFixture.batch(number))) }
        fixture.disk.set {
            $0.room = 11
            $0.limitsCompletions = true
        }
        spool.remove(records[0])
        spool.remove(records[2])
        for _ in 0..<3 { #expect(await spool.attempt(try SpoolFixture.batch(9)).1 != nil) }
        fixture.disk.set { $0.room = nil }
        await spool.close()
        try await expect([1, 3])
    }

    @Test func `always: a record counts as written when the disk has it, and not when that fails`()
        async throws
    {
        let (spool, _, _) = try await fixture.open { $0.synchronization = .always }
        _ = try await spool.write(try SpoolFixture.batch(1))
        #expect(fixture.disk.seen.synchronizations == 1)
        #expect(fixture.disk.seen.directorySynchronizations == 1)
        fixture.disk.set { $0.failsSynchronization = true }
        let (refused, error) = await spool.attempt(try SpoolFixture.batch(2))
        guard case .io? = error?.kind else { throw try #require(error) }
        #expect(!refused.isWritten)
        fixture.disk.set { $0.failsSynchronization = false }
        _ = try await spool.write(try SpoolFixture.batch(3))
        await spool.close()
        try await expect([1, 3])
    }

    @Test func `interval: the disk is synchronized when the time is over, without another append`()
        async throws
    {
        let (spool, _, _) = try await fixture.open { $0.synchronization = .interval(.seconds(1)) }
        _ = try await spool.write(try SpoolFixture.batch(1))
        #expect(fixture.disk.seen.synchronizations == 0)
        await fixture.clock.waitForSleepers()
        fixture.clock.advance(by: .seconds(1))
        while fixture.disk.seen.directorySynchronizations == 0 { await Task.yield() }
        #expect(fixture.disk.seen.synchronizations == 1)
        #expect(fixture.clock.sleeperCount == 0)
        _ = try await spool.write(try SpoolFixture.batch(2))
        await fixture.clock.waitForSleepers()
        await spool.close()
        #expect(fixture.disk.seen.synchronizations == 2)
    }

    @Test func `always: a failure counts for all that is written together, in whatever segments`()
        async throws
    {
        let (spool, _, _) = try await fixture.open {
            $0.synchronization = .always
            $0.segmentSize = 1
        }
        let errors = try await together(spool) { $0.failingSynchronizations = [2] }
        #expect(errors[0] == nil)
        #expect(errors[1...].allSatisfy { if case .io? = $0?.kind { true } else { false } })
        await spool.close()
        try await expect([0])
    }

    @Test func `always: a failure is noticed in a segment that half a record has ended`() async throws {
        let (spool, _, _) = try await fixture.open { $0.synchronization = .always }
        let size = try #require(
            SegmentRecord.encode(try SpoolFixture.batch(1), note: .empty, time: 0)?.size)
        // Two records fit, and half of the third, which cannot be cut off.
        let errors = try await together(spool) {
            $0.room = SegmentHeader.size + 2 * size + 40
            $0.failsTruncation = true
            $0.failingSynchronizations = [2]
        }
        #expect(errors[0] == nil)
        guard case .io? = errors[1]?.kind else { throw try #require(errors[1]) }
        guard case .noSpace? = errors[2]?.kind else { throw try #require(errors[2]) }
        await spool.close()
    }

    @Test func `interval: a failure is told and does not end the spool`() async throws {
        let (spool, _, _) = try await fixture.open { $0.synchronization = .interval(.seconds(1)) }
        let first = try await spool.write(try SpoolFixture.batch(1))
        fixture.disk.set { $0.failsSynchronization = true }
        await fixture.clock.waitForSleepers()
        fixture.clock.advance(by: .seconds(1))
        while fixture.log.messages(.error).isEmpty { await Task.yield() }
        fixture.disk.set { $0.failsSynchronization = false }
        let second = try await spool.write(try SpoolFixture.batch(2))
        #expect(first.location?.segment != second.location?.segment)
        await spool.close()
        try await expect([1, 2])
    }

    @Test func `a record that the disk does not give back as it was is an error`() async throws {
        let (spool, _, _) = try await fixture.open()
        let record = try await spool.write(try SpoolFixture.batch(1))
        let name = try #require(try fixture.files().first)
        let place = try #require(record.location)
        fixture.disk.set { $0.failsReading = true }
        let error = await #expect(throws: SpoolError.self) { try await spool.read(record) }
        guard case .io? = error?.kind else { throw try #require(error) }
        fixture.disk.set { $0.failsReading = false }
        let file = SystemDisk()
        let segment = try file.open("\(fixture.directory)/\(name)", .write)
        _ = try file.write([Bytes([0xff, 0xee])], to: segment, at: place.offset + place.length - 2)
        file.close(segment)
        let damage = await #expect(throws: SpoolError.self) { try await spool.read(record) }
        #expect(damage?.description.contains("\(name) at byte 16") == true)
        await spool.close()
    }

    /// Has a first batch written, and then two more together; sets faults in the middle of the first.
    private func together(
        _ spool: Spool, _ change: (inout FaultyDisk.State) -> Void
    ) async throws -> [SpoolError?] {
        let (begun, goOn) = fixture.disk.hold()
        let answers = Mutex<[SpoolError?]>([])
        let isDone = PendingReceipt()
        for number in 0...2 {
            _ = spool.append(try SpoolFixture.batch(number)) { error in
                let count = answers.withLock {
                    $0.append(error)
                    return $0.count
                }
                if count == 3 { isDone.resolve(nil) }
            }
            if number == 0 { try await begun.wait() }
        }
        fixture.disk.set(change)
        goOn()
        try await isDone.wait()
        return answers.withLock { $0 }
    }

    /// Opens the spool and expects these batches, in order.
    private func expect(_ numbers: [Int]) async throws {
        let (spool, records, damage) = try await fixture.open()
        var found: [[String]] = []
        for record in records { found.append(try await spool.read(record).batch.facts) }
        #expect(try found == numbers.map { try SpoolFixture.batch($0).facts })
        #expect(damage == SpoolDamage())
        await spool.close()
    }
}
