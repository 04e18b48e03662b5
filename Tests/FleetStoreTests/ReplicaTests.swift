import Settings
import Testing

@testable import FleetStore

@Suite struct ReplicaTests {
    @Test(arguments: DatabaseKind.available)
    func `a lease is renewed, given back and runs out`(_ database: DatabaseKind) async throws {
        let now = ManualTime()
        let store = try await database.makeStore(clock: { now.value })
        #expect(try await store.lease("rollout/1", for: .seconds(10)))
        now.advance(seconds: 9)
        #expect(try await store.lease("rollout/1", for: .seconds(10)))
        let other = FleetStore(
            driver: store.driver, replica: "one", logger: store.logger, clock: { now.value })
        #expect(try await !other.lease("rollout/1", for: .seconds(10)))
        #expect(try await other.lease("rollout/2", for: .seconds(10)))
        #expect(try await store.leases(prefix: "rollout/") == ["rollout/1", "rollout/2"])
        #expect(try await store.leases(prefix: "rollout/2") == ["rollout/2"])
        try await other.releaseLease("rollout/1")
        now.advance(seconds: 9)
        #expect(try await !other.lease("rollout/1", for: .seconds(10)))
        now.advance(seconds: 1)
        #expect(try await store.leases(prefix: "") == [])
        #expect(try await other.lease("rollout/1", for: .seconds(10)))
        #expect(try await !store.lease("rollout/1", for: .seconds(10)))
        try await other.releaseLease("rollout/1")
        #expect(try await store.lease("rollout/1", for: .seconds(10)))
    }

    @Test(arguments: DatabaseKind.available)
    func `each life of a replica has leases of its own, dropped when they have ended`(
        _ database: DatabaseKind
    ) async throws {
        let now = ManualTime()
        let store = try await database.makeStore(clock: { now.value })
        let next = FleetStore(
            driver: store.driver, replica: "one", logger: store.logger, clock: { now.value })
        #expect(store.life != next.life)
        #expect([store, next].map { FleetStore.replica(ofLife: $0.life) } == ["one", "one"])
        #expect(FleetStore.replica(ofLife: "a#b#c") == "a#b")
        #expect(FleetStore.replica(ofLife: "older") == "older")
        #expect(try await store.lease("replica/\(store.life)", for: .seconds(10)))
        #expect(try await store.lease("rollout/1", for: .seconds(10)))
        now.advance(seconds: 5)
        #expect(try await next.lease("replica/\(next.life)", for: .seconds(10)))
        now.advance(seconds: 5)
        #expect(try await store.leases(prefix: "replica/") == ["replica/\(next.life)"])
        try await next.dropEndedLeases(prefix: "replica/")
        let rows = try await store.driver.read { (session) throws(StoreError) in
            try session.rows("SELECT name FROM leases ORDER BY name", [])
        }
        #expect(try rows.map { try $0.text(0) } == ["replica/\(next.life)", "rollout/1"])
    }

    @Test(arguments: DatabaseKind.available)
    func `own changes are told at once`(_ database: DatabaseKind) async throws {
        let store = try await database.makeStore()
        var changes = store.changes().makeAsyncIterator()
        try await store.write([
            .put(.group, "a", .null, expecting: .any), .delete(.plan, "b", expecting: .any),
        ])
        #expect(await changes.next() == .document(.group, "a"))
        #expect(await changes.next() == .document(.plan, "b"))
        await store.close()
        #expect(await changes.next() == nil)
        await #expect(throws: StoreError.closed) { try await store.document(.group, "a") }
        await #expect(throws: StoreError.closed) {
            try await store.write([.delete(.group, "a", expecting: .any)])
        }
        #expect(await store.changes().first { _ in true } == nil)
    }

    @Test(arguments: DatabaseKind.shared)
    func `changes of others are told when they are looked for`(_ database: DatabaseKind) async throws {
        let place = try database.makePlace()
        let one = try await DatabaseKind.open(place, replica: "one")
        let two = try await DatabaseKind.open(place, replica: "two")
        var changes = two.changes().makeAsyncIterator()
        try await one.write([.put(.group, "a", .null, expecting: .any)])
        try await two.write([.put(.group, "b", .null, expecting: .any)])
        try await one.saveAgents([AgentSave(uid: InstanceUIDs.one, owner: "one")])
        try await one.deleteAgents([InstanceUIDs.one])
        try await two.poll()
        try await two.poll()
        #expect(await changes.next() == .document(.group, "b"))
        #expect(await changes.next() == .document(.group, "a"))
        #expect(await changes.next() == .agentRemoved(InstanceUIDs.one))
        try await one.saveAgents([AgentSave(uid: InstanceUIDs.two, owner: "one")])
        try await two.saveAgents([AgentSave(uid: InstanceUIDs.three, owner: "two")])
        let seen = try await two.agents(changedAfter: .beginning, byOthers: true, limit: 9)
        #expect(seen.map(\.uid) == [InstanceUIDs.two])
    }

    @Test(arguments: DatabaseKind.shared)
    func `who has missed too much reads everything`(_ database: DatabaseKind) async throws {
        let place = try database.makePlace()
        let one = try await DatabaseKind.open(place, replica: "one")
        let two = try await DatabaseKind.open(place, replica: "two")
        var changes = two.changes().makeAsyncIterator()
        try await one.driver.write(durably: true) { (session) throws(StoreError) in
            try session.run(
                "UPDATE counters SET value = value + ?", [.integer(StoreLimits.notes)])
        }
        try await two.poll()
        #expect(await changes.next() == .everything)
    }

    @Test func `who takes no changes is told that there were more`() async throws {
        let store = try await DatabaseKind.memory.makeStore()
        let stream = store.changes()
        let many = (0..<StoreLimits.waitingChanges + 10).map { StoreChange.document(.group, "\($0)") }
        store.feed.tell(many)
        store.feed.close()
        var last: StoreChange?
        var count = 0
        for await change in stream {
            last = change
            count += 1
        }
        #expect(last == .everything)
        #expect(count == StoreLimits.waitingChanges)
    }
}
