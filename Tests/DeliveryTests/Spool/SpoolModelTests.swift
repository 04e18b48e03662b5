import Glibc
import Pipeline
import PipelineTesting
import Synchronization
import Telemetry
import Testing
import Wire

@testable import Delivery

/// Random operations, compared with what a list would do.
@Suite struct SpoolModelTests {
    @Test(arguments: UInt64(1)...24)
    func `a spool is a list that survives its process`(seed: UInt64) async throws {
        var run = ModelRun(seed: seed)
        try await run.open()
        for _ in 0..<60 { try await run.step() }
        try await run.end()
    }
}

/// One sequence of operations and what has to be true of it.
private struct ModelRun {
    /// What the test knows of a batch by its number.
    private enum Fate {
        case live(SpoolRecord)
        /// Removed; until the spool is closed in order it may come back.
        case removed
        /// Refused, or removed before an orderly end: it never comes back.
        case gone
    }

    let seed: UInt64
    private var random: RandomNumbers
    private var fixture = SpoolFixture()
    private var spool: Spool?
    private var fates: [Fate] = []
    private var synchronization = SpoolSettings.Synchronization.never
    private var hasLimit = false

    init(seed: UInt64) {
        self.seed = seed
        random = RandomNumbers(state: seed)
    }

    private var live: [Int] {
        fates.indices.filter { if case .live = fates[$0] { true } else { false } }
    }

    mutating func step() async throws {
        switch random.below(100) {
        case ..<45: try await append(1 + random.below(6))
        case ..<70: remove(1 + random.below(5))
        case ..<85: try await read()
        case ..<90: limitRoom()
        case ..<96: try await reopen()
        default: try await crash()
        }
    }

    mutating func end() async throws {
        try await reopen()
        remove(.max)
        try await reopen()
        #expect(try fixture.files().isEmpty, "seed \(seed)")
        await spool?.close()
    }

    // MARK: - Operations

    mutating func open() async throws {
        let (size, policy) = (200 + random.below(2_000), random.below(3))
        synchronization = [.never, .always, .interval(.seconds(1))][policy]
        hasLimit = random.below(4) == 0
        let (opened, records, damage) = try await fixture.open { [self] in
            $0.segmentSize = size
            $0.synchronization = synchronization
            if hasLimit { $0.maxSize = 4_000 }
        }
        spool = opened
        #expect(damage == SpoolDamage(), "seed \(seed)")
        var last = -1
        var found: Set<Int> = []
        for record in records {
            let content = try await opened.read(record)
            if content.note.isEmpty {
                // A marker of `append`, whose removal a crash undid.
                opened.remove(record)
                continue
            }
            let number = try #require(Int(content.note.string), "seed \(seed)")
            #expect(try content.batch.facts == Self.batch(number).facts, "seed \(seed)")
            #expect(number > last, "seed \(seed): out of order")
            last = number
            if case .gone = fates[number] { Issue.record("seed \(seed): \(number) came back") }
            found.insert(number)
            fates[number] = .live(record)
        }
        #expect(Set(live) == found, "seed \(seed): records are missing")
    }

    private mutating func append(_ count: Int) async throws {
        guard let spool else { return }
        let errors = Mutex<[Int: SpoolError?]>([:])
        var records: [SpoolRecord] = []
        for _ in 0..<count {
            let number = fates.count
            let record = spool.append(try Self.batch(number), note: Bytes(utf8: "\(number)")) { error in
                errors.withLock { $0[number] = error }
            }
            records.append(record)
            fates.append(.live(record))
            // Its removal overtakes it, or not.
            if random.below(8) == 0 {
                spool.remove(record)
                fates[number] = .removed
            }
        }
        // Answers come in order, so this one is the last; it does not matter which it is.
        let (marker, _) = await spool.attempt(Batch(signal: .traces))
        spool.remove(marker)
        let answers = errors.withLock { $0 }
        #expect(answers.count == count, "seed \(seed): every append has one answer")
        for (number, error) in answers where error != nil {
            fates[number] = .gone
            await #expect(throws: SpoolError(.removed)) {
                try await spool.read(records[number - fates.count + count])
            }
        }
    }

    private mutating func remove(_ count: Int) {
        for _ in 0..<min(count, fates.count) {
            let live = live
            guard !live.isEmpty else { return }
            // The oldest is the most likely, as it is in a queue.
            let number = live[random.below(3) == 0 ? random.below(live.count) : 0]
            guard case .live(let record) = fates[number] else { return }
            spool?.remove(record)
            fates[number] = .removed
        }
    }

    private mutating func read() async throws {
        let live = live
        guard !live.isEmpty else { return }
        let number = live[random.below(live.count)]
        guard case .live(let record) = fates[number] else { return }
        let content = try await spool?.read(record)
        #expect(try content?.batch.facts == Self.batch(number).facts, "seed \(seed)")
        #expect(content?.note.string == "\(number)", "seed \(seed)")
    }

    /// The disk is full soon, or there is room again.
    private mutating func limitRoom() {
        let room = random.below(2) == 0 ? nil : random.below(900)
        let limitsCompletions = random.below(2) == 0
        fixture.disk.set {
            $0.room = room
            $0.limitsCompletions = limitsCompletions
        }
    }

    private mutating func reopen() async throws {
        fixture.disk.set { $0.room = nil }
        await spool?.close()
        for number in fates.indices { if case .removed = fates[number] { fates[number] = .gone } }
        try await open()
    }

    /// Goes on with a copy of the files as a process that is killed would leave them.
    private mutating func crash() async throws {
        let copy = SpoolFixture()
        for name in try fixture.files() {
            // A segment whose records are all done may be gone by now.
            guard let content = try? fixture.content(name) else { continue }
            try copy.put(content, name)
        }
        await spool?.close()
        fixture = copy
        try await open()
        for number in fates.indices { if case .removed = fates[number] { fates[number] = .gone } }
    }

    private static func batch(_ number: Int) throws -> Batch {
        var batch = try SpoolFixture.batch(number, items: number % 5)
        for _ in 0..<number % 3 { batch.append(try SpoolFixture.batch(number)) }
        if number % 4 == 0 { batch.origin = Origin(peer: "peer-\(number)") }
        return batch
    }
}

/// Numbers that look random and are the same for the same seed (SplitMix64).
private struct RandomNumbers {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int((mixed ^ (mixed >> 31)) % UInt64(limit))
    }
}
