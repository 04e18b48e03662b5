import Logging
import Settings
import Testing

@testable import FleetStore

@Suite struct MigrationTests {
    /// A step that no release has, to see that steps are taken.
    private static let later = Schema(
        steps: Schema.current.steps + [
            ["CREATE TABLE later (name @KEY PRIMARY KEY)", "INSERT INTO later (name) VALUES ('there')"]
        ])

    @Test(arguments: DatabaseKind.lasting)
    func `a store of an older release is brought forward with what is in it`(
        _ database: DatabaseKind
    ) async throws {
        let place = try database.makePlace()
        let old = try await DatabaseKind.open(place)
        try await old.write([.put(.group, "a", .text("x"), expecting: .absent)])
        await old.close()
        let new = try await DatabaseKind.open(place, schema: Self.later)
        #expect(try await new.document(.group, "a")?.body == .text("x"))
        let rows = try await new.driver.read { (session) throws(StoreError) in
            try session.rows("SELECT name FROM later", [])
        }
        #expect(rows.map(\.values) == [[.text("there")]])
        await new.close()
        let known = Schema.current.steps.count
        await #expect(throws: StoreError.newerSchema(found: known + 1, known: known)) {
            try await DatabaseKind.open(place)
        }
        let again = try await DatabaseKind.open(place, schema: Self.later)
        #expect(try await again.document(.group, "a") != nil)
    }

    @Test(arguments: DatabaseKind.lasting, ReleasedSchema.all)
    func `what each release wrote can be read`(
        _ database: DatabaseKind, _ release: ReleasedSchema
    ) async throws {
        let place = try database.makePlace()
        let driver = try FleetStore.driver(of: place, replica: "old", logger: Logger(label: "test"))
        let keyType = driver.keyType
        try await driver.write(durably: true) { (session) throws(StoreError) in
            for statement in release.tables { try session.run(statement.replacing("@KEY", with: keyType)) }
            for (statement, values) in release.rows { try session.run(statement, values) }
        }
        await driver.close()
        let store = try await DatabaseKind.open(place)
        let document = try #require(try await store.document(.group, "eu"))
        #expect(document.version == 7)
        #expect(document.body["selector"]?.text == "region=eu")
        let agent = try #require(try await store.agents(changedAfter: .beginning, limit: 9).first)
        #expect(agent.labels == ["env": "prod"])
        #expect(try await store.assignments(changedAfter: .beginning, limit: 9).first?.assignment != nil)
        #expect(try await store.checkpoints().first?.sequence == 3)
        #expect(
            try await store.assignments(in: .packages, changedAfter: .beginning, limit: 9).isEmpty)
        let next = try await store.appendAudit(AuditRecord(time: 1, actor: "a", action: "b", target: "c"))
        var verifier = AuditVerifier()
        #expect(try await store.audit(limit: 9).compactMap { verifier.take($0.line) }.isEmpty)
        #expect(next.number == 2)
        let written = try await store.write([.put(.group, "eu", .null, expecting: .version(7))])
        #expect(written[0].version > 7)
    }

    @Test(arguments: DatabaseKind.shared)
    func `replicas that start at the same time make the tables once`(_ database: DatabaseKind) async throws {
        let place = try database.makePlace()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...4 {
                group.addTask {
                    let store = try await DatabaseKind.open(place, replica: "r\(number)")
                    try await store.write([.put(.group, "g\(number)", .null, expecting: .absent)])
                    await store.close()
                }
            }
            try await group.waitForAll()
        }
        let store = try await DatabaseKind.open(place)
        #expect(try await store.documents(.group, limit: 9).count == 4)
    }
}
