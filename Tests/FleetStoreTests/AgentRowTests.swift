import FleetModel
import OpAMP
import Testing

@testable import FleetStore

@Suite struct AgentRowTests {
    private static let (one, two, three) = (InstanceUIDs.one, InstanceUIDs.two, InstanceUIDs.three)

    @Test(arguments: DatabaseKind.available)
    func `agents come back as they were saved, in the order of their changes`(
        _ database: DatabaseKind
    ) async throws {
        let store = try await database.makeStore()
        let hash = ContentHash(of: [1])
        try await store.saveAgents([
            AgentSave(
                uid: Self.two, owner: "one", initialLabels: ["env": "prod", "a": "\"é"],
                initialApproval: "approved", effective: hash, state: [0, 1], live: [2]),
            AgentSave(uid: Self.one, owner: ""),
        ])
        try await store.saveAgents([AgentSave(uid: Self.three, owner: "")])
        let first = try await store.agents(changedAfter: .beginning, limit: 2)
        #expect(first.map(\.uid) == [Self.one, Self.two])
        #expect(first[1].labels == ["env": "prod", "a": "\"é"])
        #expect(first[1].approval == "approved")
        #expect(first[1].owner == "one")
        #expect(first[1].effective == hash)
        #expect(first[0].effective == nil)
        #expect(first[1].state == [0, 1])
        #expect(first[1].live == [2])
        let rest = try await store.agents(changedAfter: first[1].mark, limit: 2)
        #expect(rest.map(\.uid) == [Self.three])
        try await store.saveAgents([AgentSave(uid: Self.one, owner: "x")])
        let changed = try await store.agents(changedAfter: rest[0].mark, limit: 2)
        #expect(changed.map(\.uid) == [Self.one])
        #expect(changed[0].owner == "x")
    }

    @Test(arguments: DatabaseKind.available)
    func `saving an agent again leaves its labels and its approval`(_ database: DatabaseKind) async throws {
        let store = try await database.makeStore()
        try await store.saveAgents([
            AgentSave(uid: Self.one, owner: "", initialLabels: ["a": "1"], initialApproval: "pending")
        ])
        let known = try await store.saveLabels([(Self.one, ["b": "2"]), (Self.two, [:])])
        #expect(known == [Self.one])
        #expect(try await store.saveApproval("approved", of: Self.one))
        #expect(try await !store.saveApproval("approved", of: Self.two))
        try await store.saveAgents([
            AgentSave(uid: Self.one, owner: "o", initialLabels: ["c": "3"], initialApproval: "x", state: [9])
        ])
        let found = try await store.agents(changedAfter: .beginning, limit: 9)
        #expect(found.map(\.labels) == [["b": "2"]])
        #expect(found.map(\.approval) == ["approved"])
        #expect(found.map(\.state) == [[9]])
    }

    @Test(arguments: DatabaseKind.available)
    func `many agents are saved and read in parts`(_ database: DatabaseKind) async throws {
        let store = try await database.makeStore()
        let uids = (0..<2500).map { InstanceUID(high: 7, low: UInt64($0)) }
        try await store.saveAgents(uids.map { AgentSave(uid: $0, owner: "", state: [1, 2, 3]) })
        var (mark, found) = (ChangeMark.beginning, [InstanceUID]())
        while case let part = try await store.agents(changedAfter: mark, limit: 999), let last = part.last {
            found += part.map(\.uid)
            mark = last.mark
        }
        #expect(found == uids)
    }

    @Test(arguments: DatabaseKind.available)
    func `a forgotten agent takes its assignment along`(_ database: DatabaseKind) async throws {
        let store = try await database.makeStore()
        var changes = store.changes().makeAsyncIterator()
        try await store.saveAgents([AgentSave(uid: Self.one, owner: ""), AgentSave(uid: Self.two, owner: "")])
        try await store.saveAssignments([Self.assignment(Self.one), Self.assignment(Self.two)])
        try await store.deleteAgents([Self.one])
        #expect(try await store.agents(changedAfter: .beginning, limit: 9).map(\.uid) == [Self.two])
        #expect(try await store.assignments(changedAfter: .beginning, limit: 9).map(\.uid) == [Self.two])
        #expect(await changes.next() == .agentRemoved(Self.one))
    }

    @Test(arguments: DatabaseKind.available)
    func `assignments come back, change and go`(_ database: DatabaseKind) async throws {
        let store = try await database.makeStore()
        var first = Self.assignment(Self.one)
        let second = Assignment(
            uid: Self.two, revision: RevisionReference("edge", 2), hash: ContentHash(of: [2]), rollout: "r",
            confirmWithin: 120, expectsDrop: true, time: 8)
        try await store.saveAssignments([first, second])
        let found = try await store.assignments(changedAfter: .beginning, limit: 9)
        #expect(found.map(\.assignment) == [first, second])
        first.revision.number = 3
        try await store.saveAssignments([first])
        let last = try #require(found.last?.mark)
        let changed = try await store.assignments(changedAfter: last, limit: 9)
        #expect(changed.map(\.assignment) == [first])
        try await store.removeAssignments([Self.one])
        let gone = try await store.assignments(changedAfter: changed[0].mark, limit: 9)
        #expect(gone.map(\.uid) == [Self.one])
        #expect(gone.map(\.assignment) == [nil])
    }

    @Test(arguments: DatabaseKind.available)
    func `a checkpoint replaces the one before`(_ database: DatabaseKind) async throws {
        let store = try await database.makeStore()
        let marks = (0..<5000).map {
            SeenMark(uid: InstanceUID(high: 1, low: UInt64($0)), time: UInt64($0) << 32, sequence: .max)
        }
        try await store.checkpoint(marks)
        #expect(Set(try await store.checkpoints()) == Set(marks))
        try await store.checkpoint(Array(marks[..<3]))
        #expect(Set(try await store.checkpoints()) == Set(marks[..<3]))
        try await store.checkpoint([])
        #expect(try await store.checkpoints().isEmpty)
    }

    @Test(arguments: DatabaseKind.available)
    func `what an agent has is bounded`(_ database: DatabaseKind) async throws {
        let store = try await database.makeStore()
        let state = [UInt8](repeating: 1, count: StoreLimits.agentBytes + 1)
        await #expect(throws: StoreError.self) {
            try await store.saveAgents([AgentSave(uid: Self.one, owner: "", state: state)])
        }
        await #expect(throws: StoreError.self) {
            let value = String(repeating: "x", count: StoreLimits.labelBytes)
            try await store.saveLabels([(Self.one, ["a": value])])
        }
    }

    private static func assignment(_ uid: InstanceUID) -> Assignment {
        Assignment(
            uid: uid, revision: RevisionReference("edge", 1), hash: ContentHash(of: [1]), rollout: "r",
            time: 7)
    }
}
