import Settings
import Testing

@testable import FleetStore

@Suite struct AuditTests {
    private static func record(_ number: Int) -> AuditRecord {
        AuditRecord(
            time: UInt64(number), actor: "ann \"é\"", origin: "127.0.0.1", action: "rollout.start",
            target: "rollout/\(number)", detail: .table(["hash\":\"": .number(number)]))
    }

    @Test(arguments: DatabaseKind.available)
    func `lines come back in order and carry each other on`(_ database: DatabaseKind) async throws {
        let store = try await database.makeStore()
        var written: [StoredAuditRecord] = []
        for number in 1...5 { written.append(try await store.appendAudit(Self.record(number))) }
        #expect(written.map(\.number) == [1, 2, 3, 4, 5])
        #expect(try await store.audit(limit: 9) == written)
        #expect(try await store.audit(after: 2, limit: 2) == Array(written[2...3]))
        #expect(try await store.latestAudit(limit: 2) == [written[4], written[3]])
        #expect(try await store.latestAudit(before: 4, limit: 9) == [written[2], written[1], written[0]])
        #expect(written.map(\.record) == (1...5).map(Self.record))
        var verifier = AuditVerifier()
        for line in written { #expect(verifier.take(line.line) == nil) }
        #expect(verifier.last?.number == 5)
    }

    @Test(arguments: DatabaseKind.available)
    func `many who write at the same time make one chain`(_ database: DatabaseKind) async throws {
        let store = try await database.makeStore()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...40 { group.addTask { try await store.appendAudit(Self.record(number)) } }
            try await group.waitForAll()
        }
        let lines = try await store.audit(limit: 100)
        #expect(lines.map(\.number) == Array(1...40))
        var verifier = AuditVerifier()
        #expect(lines.compactMap { verifier.take($0.line) }.isEmpty)
    }

    @Test func `what was changed, left out or put in is found`() async throws {
        let store = try await DatabaseKind.memory.makeStore()
        var lines: [String] = []
        for number in 1...4 { lines.append(try await store.appendAudit(Self.record(number)).line) }
        func faults(_ lines: [String]) -> [String?] {
            var verifier = AuditVerifier()
            return lines.map { verifier.take($0) }
        }
        #expect(faults(lines) == [nil, nil, nil, nil])
        #expect(faults(Array(lines[1...])) == [nil, nil, nil])
        let changed = lines[1].replacing("ann", with: "bob")
        #expect(faults([lines[0], changed]) == [nil, "it has been changed"])
        #expect(faults([lines[0], lines[2], lines[3]]) == [nil, "a line before it is missing", nil])
        let (forged, _) = Self.record(2).line(number: 2, previous: FleetStore.auditBeginning)
        #expect(faults([lines[0], forged]) == [nil, "a line before it has been changed or taken out"])
        #expect(
            faults(["", "{}"]) == ["it is not a line of an audit log", "it is not a line of an audit log"])
    }

    @Test(arguments: DatabaseKind.available)
    func `a line that is too long is refused and leaves no gap`(_ database: DatabaseKind) async throws {
        let store = try await database.makeStore()
        var long = Self.record(1)
        long.target = String(repeating: "x", count: StoreLimits.auditBytes)
        let refused = long
        await #expect(throws: StoreError.self) { try await store.appendAudit(refused) }
        #expect(try await store.appendAudit(Self.record(2)).number == 1)
    }
}
