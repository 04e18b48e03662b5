import FleetModel
import Settings
import Testing

@testable import FleetStore

@Suite struct DocumentTests {
    private static let body = Tree.table(["name": .text("edge-logs\n\u{0} \"é\""), "size": .number(3)])

    @Test(arguments: DatabaseKind.available)
    func `a document comes back as it was put`(_ database: DatabaseKind) async throws {
        let store = try await database.makeStore(clock: { 5_000 })
        let put = try await store.write([.put(.configuration, "edge/é", Self.body, expecting: .absent)])
        let found = try #require(try await store.document(.configuration, "edge/é"))
        #expect(found == put.first)
        #expect(found.body == Self.body)
        #expect(found.updated == 5_000)
        #expect(try await store.document(.group, "edge/é") == nil)
        #expect(try await store.document(.configuration, "edge") == nil)
    }

    @Test(arguments: DatabaseKind.available)
    func `a change that expects another version is refused`(_ database: DatabaseKind) async throws {
        let store = try await database.makeStore()
        let first = try await store.write([.put(.group, "a", .number(1), expecting: .absent)])[0]
        let second = try await store.write(
            [.put(.group, "a", .number(2), expecting: .version(first.version))])[0]
        #expect(second.version > first.version)
        let conflict = StoreError.conflict(.group, "a")
        await #expect(throws: conflict) {
            try await store.write([.put(.group, "a", .number(3), expecting: .version(first.version))])
        }
        await #expect(throws: conflict) {
            try await store.write([.put(.group, "a", .number(3), expecting: .absent)])
        }
        await #expect(throws: conflict) {
            try await store.write([.delete(.group, "a", expecting: .version(first.version))])
        }
        await #expect(throws: StoreError.conflict(.group, "b")) {
            try await store.write([.put(.group, "b", .number(3), expecting: .version(1))])
        }
        #expect(try await store.document(.group, "a")?.body == .number(2))
        try await store.write([.delete(.group, "a", expecting: .version(second.version))])
        #expect(try await store.document(.group, "a") == nil)
        try await store.write([.delete(.group, "a", expecting: .any)])
        let third = try await store.write([.put(.group, "a", .number(4), expecting: .any)])[0]
        #expect(third.version > second.version)
    }

    @Test(arguments: DatabaseKind.available)
    func `several changes happen all or not at all`(_ database: DatabaseKind) async throws {
        let store = try await database.makeStore()
        try await store.write([.put(.plan, "b", .number(1), expecting: .absent)])
        await #expect(throws: StoreError.conflict(.plan, "b")) {
            try await store.write([
                .put(.plan, "a", .number(1), expecting: .absent),
                .delete(.plan, "c", expecting: .any),
                .put(.plan, "b", .number(2), expecting: .absent),
            ])
        }
        #expect(try await store.documents(.plan, limit: 10).map(\.id) == ["b"])
        let put = try await store.write([
            .put(.plan, "c", .number(1), expecting: .absent), .delete(.plan, "b", expecting: .any),
            .put(.plan, "a", .number(2), expecting: .absent),
        ])
        #expect(put.map(\.id) == ["c", "a"])
        #expect(try await store.documents(.plan, limit: 10).map(\.id) == ["a", "c"])
    }

    @Test(arguments: DatabaseKind.available)
    func `lists go on after a name and keep to a prefix, byte by byte`(_ database: DatabaseKind) async throws
    {
        let store = try await database.makeStore()
        let ids = ["B/1", "a/1", "a/10", "a/2", "a/é", "a0", "b/1"]
        try await store.write(ids.map { .put(.revision, $0, .null, expecting: .absent) })
        func list(_ prefix: String, after: String? = nil, limit: Int = 100) async throws -> [String] {
            try await store.documents(.revision, prefix: prefix, after: after, limit: limit).map(\.id)
        }
        #expect(try await list("") == ids)
        #expect(try await list("a/") == ["a/1", "a/10", "a/2", "a/é"])
        #expect(try await list("a/", limit: 2) == ["a/1", "a/10"])
        #expect(try await list("a/", after: "a/10", limit: 2) == ["a/2", "a/é"])
        #expect(try await list("a/", after: "a/é").isEmpty)
        #expect(try await list("a", limit: 0).isEmpty)
    }

    @Test(arguments: DatabaseKind.available)
    func `of two who change the same version at the same time one wins`(
        _ database: DatabaseKind
    ) async throws {
        let store = try await database.makeStore()
        let first = try await store.write([.put(.rollout, "r", .number(0), expecting: .absent)])[0]
        let wins = await withTaskGroup(of: Bool.self) { group in
            for number in 1...8 {
                group.addTask {
                    do {
                        try await store.write(
                            [.put(.rollout, "r", .number(number), expecting: .version(first.version))])
                        return true
                    } catch {
                        return false
                    }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(wins == 1)
    }

    @Test(arguments: DatabaseKind.available)
    func `what is too large or has no name is refused`(_ database: DatabaseKind) async throws {
        let store = try await database.makeStore()
        let large = Tree.text(String(repeating: "x", count: StoreLimits.documentBytes))
        await #expect(throws: StoreError.self) {
            try await store.write([.put(.value, "a", large, expecting: .any)])
        }
        for id in ["", "a\0b", String(repeating: "x", count: StoreLimits.idBytes + 1)] {
            await #expect(throws: StoreError.self) {
                try await store.write([.put(.value, id, .null, expecting: .any)])
            }
        }
        let many = Array(
            repeating: DocumentWrite.delete(.value, "a", expecting: .any),
            count: StoreLimits.documentsPerWrite + 1)
        await #expect(throws: StoreError.self) { try await store.write(many) }
        #expect(try await store.write([]).isEmpty)
    }

    @Test(arguments: DatabaseKind.available)
    func `contents stay for an hour or as long as they are used`(_ database: DatabaseKind) async throws {
        let now = ManualTime()
        let store = try await database.makeStore(clock: { now.value })
        let bodies: [[UInt8]] = [[1, 0, 2], [], [7], [9]]
        let hashes = try await store.putContents(bodies)
        #expect(hashes == bodies.map { ContentHash(of: $0) })
        #expect(try await store.content(hashes[0]) == [1, 0, 2])
        #expect(try await store.content(hashes[1]) == [])
        #expect(try await store.content(ContentHash(of: [4])) == nil)
        try await store.write([.put(.revision, "r", .null, expecting: .any, uses: [hashes[0], hashes[0]])])
        try await store.saveAgents([
            AgentSave(uid: InstanceUIDs.one, owner: "", effective: hashes[2])
        ])
        now.advance(seconds: 3599)
        #expect(try await store.dropUnusedContents() == 0)
        try await store.putContent(bodies[3])
        now.advance(seconds: 2)
        #expect(try await store.dropUnusedContents() == 1)
        #expect(try await store.content(hashes[1]) == nil)
        #expect(try await store.content(hashes[0]) == [1, 0, 2])
        #expect(try await store.content(hashes[2]) == [7])
        try await store.write([.put(.revision, "r", .null, expecting: .any, uses: [hashes[3]])])
        now.advance(seconds: 3601)
        #expect(try await store.dropUnusedContents() == 1)
        #expect(try await store.content(hashes[3]) == [9])
        try await store.saveAssignments([
            Assignment(
                uid: InstanceUIDs.two, revision: RevisionReference("edge", 1), hash: hashes[3], rollout: "r",
                time: 1)
        ])
        try await store.write([.delete(.revision, "r", expecting: .any)])
        now.advance(seconds: 3601)
        #expect(try await store.dropUnusedContents() == 0)
        try await store.removeAssignments([InstanceUIDs.two])
        #expect(try await store.dropUnusedContents() == 1)
    }
}
