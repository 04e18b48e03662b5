import FleetStore
import OpAMP
import PipelineTesting
import Settings
import Testing

@testable import Fleet

@Suite struct EnrollmentTests {
    private static let uid = AccessFixture.uid()

    @Test func `a new agent waits for a person, and is let in or turned away`() async throws {
        try await AccessFixture.with { fixture in
            let text = try await fixture.token { $0.labels = ["site": "a"] }.text
            let principal = try fixture.principal(text)
            guard case .enrollment(_, let labels, let isApproved, _) = principal else {
                Issue.record("\(principal)")
                return
            }
            #expect(labels == ["site": "a"] && !isApproved)
            let access = fixture.access
            #expect(access.standing(of: Self.uid, as: principal) == .new)
            let told = Told<Enrollment>()
            access.enrollments.onChange { told.add($0) }
            #expect(try await fixture.enroll(with: text) == .waiting)
            #expect(access.standing(of: Self.uid, as: principal) == .waiting)
            #expect(access.enrollments.list().map(\.uid) == [Self.uid])
            try await access.approve(Self.uid, by: AccessFixture.admin)
            #expect(access.standing(of: Self.uid, as: principal) == .admitted)
            #expect(access.enrollments.list().isEmpty)
            try await access.reject(Self.uid, reason: "no more", by: AccessFixture.admin)
            guard case .refused = access.standing(of: Self.uid, as: principal) else {
                Issue.record("still let in")
                return
            }
            #expect(told.all.map(\.state) == [.waiting, .approved, .rejected])
            #expect(told.all.last?.decider == "token:admin")
        }
    }

    @Test func `an automatic token lets agents in, as often as it may`() async throws {
        try await AccessFixture.with { fixture in
            let made = try await fixture.token { request in
                request.isAutomatic = true
                request.mostUses = 2
            }
            #expect(try await fixture.enroll(AccessFixture.uid(1), with: made.text) == .admitted)
            #expect(try await fixture.enroll(AccessFixture.uid(1), with: made.text) == .admitted)
            #expect(try await fixture.enroll(AccessFixture.uid(2), with: made.text) == .admitted)
            #expect(
                try await fixture.enroll(AccessFixture.uid(3), with: made.text)
                    == .refused("the enrollment token is used up"))
            #expect(fixture.access.enrollmentTokens.token(made.token.id)?.uses == 2)
        }
    }

    @Test func `agents that come at once are counted right`() async throws {
        try await AccessFixture.with { fixture in
            let made = try await fixture.token { request in
                request.isAutomatic = true
                request.mostUses = 10
            }
            let admitted = try await withThrowingTaskGroup(of: AgentStanding.self) { group in
                for number in 1...30 {
                    group.addTask {
                        try await fixture.enroll(AccessFixture.uid(UInt64(number)), with: made.text)
                    }
                }
                return try await group.reduce(0) { $0 + ($1 == .admitted ? 1 : 0) }
            }
            #expect(admitted == 10)
            #expect(fixture.access.enrollmentTokens.token(made.token.id)?.uses == 10)
            #expect(try await fixture.store.documents(.enrollment, limit: 100).count == 10)
        }
    }

    @Test func `an expired token lets nobody in who is new, and keeps those it may keep`() async throws {
        try await AccessFixture.with { fixture in
            for keep in [true, false] {
                let text = try await fixture.token(keep ? "kept" : "not-kept") { request in
                    request.isAutomatic = true
                    request.keep = keep
                    request.life = .seconds(60)
                }.text
                let uid = AccessFixture.uid(keep ? 1 : 2)
                #expect(try await fixture.enroll(uid, with: text) == .admitted)
                fixture.clock.advance(by: .seconds(60))
                let principal = try fixture.principal(text)
                #expect((fixture.access.standing(of: uid, as: principal) == .admitted) == keep)
                #expect(
                    try await fixture.enroll(AccessFixture.uid(9), with: text)
                        == .refused("the enrollment token has expired"))
            }
        }
    }

    @Test func `a token is only taken from where it may come`() async throws {
        try await AccessFixture.with { fixture in
            let text = try await fixture.token { request in
                request.networks = [AddressRange("10.0.0.0/8")].compactMap { $0 }
            }.text
            #expect(throws: Never.self) { try fixture.principal(text, address: "10.9.9.9:1") }
            #expect(throws: AgentRefusal.self) { try fixture.principal(text, address: "192.0.2.1:1") }
        }
    }

    @Test func `who knows a token cannot be an agent that came with another`() async throws {
        try await AccessFixture.with { fixture in
            let first = try await fixture.token("first") { $0.isAutomatic = true }
            let second = try await fixture.token("second") { $0.isAutomatic = true }
            #expect(try await fixture.enroll(with: first.text) == .admitted)
            #expect(
                try await fixture.enroll(with: second.text)
                    == .refused("the agent has enrolled with another token"))
            // When the first token is gone, the agent has to come with another.
            try await fixture.access.enrollmentTokens.revoke("first")
            #expect(throws: AgentRefusal.self) { try fixture.principal(first.text) }
            #expect(try await fixture.enroll(with: second.text) == .admitted)
        }
    }

    @Test func `an agent that has proved a credential of its own needs it from then on`() async throws {
        try await AccessFixture.with { fixture in
            let text = try await fixture.token { request in
                request.isAutomatic = true
                request.keep = true
            }.text
            #expect(try await fixture.enroll(with: text) == .admitted)
            let own = try await fixture.access.agentToken(for: Self.uid)
            // It may have missed the offer.
            let shared = try fixture.principal(text)
            #expect(fixture.access.standing(of: Self.uid, as: shared) == .admitted)
            try await fixture.access.credentials.noteUse(of: own, by: Self.uid)
            guard case .refused = fixture.access.standing(of: Self.uid, as: shared) else {
                Issue.record("the enrollment token is still enough")
                return
            }
            #expect(
                fixture.access.standing(of: Self.uid, as: try fixture.principal(own)) == .admitted)
        }
    }

    @Test func `without credentials nobody is let in, unless that is said`() async throws {
        try await AccessFixture.with { fixture in
            #expect(throws: AgentRefusal.self) {
                try fixture.access.agent(authorization: nil, address: "127.0.0.1:1")
            }
        }
        try await AccessFixture.with(anyAgent: true) { fixture in
            let principal = try fixture.access.agent(authorization: nil, address: "127.0.0.1:1")
            #expect(principal == .anyone)
            #expect(fixture.access.standing(of: Self.uid, as: principal) == .admitted)
            // A wrong one is a mistake to hear of.
            #expect(throws: AgentRefusal.self) {
                try fixture.access.agent(authorization: "Bearer x", address: "127.0.0.1:1")
            }
        }
    }

    @Test func `only the hash of an enrollment token is kept`() async throws {
        try await AccessFixture.with { fixture in
            let text = try await fixture.token().text
            let stored = try await fixture.store.documents(.enrollmentToken, limit: 10)
            let secret = try #require(text.split(separator: "_").last)
            #expect(stored.count == 1 && !stored.map { $0.body.json() }.joined().contains(secret))
        }
    }

    @Test(arguments: ["a b", "taken"])
    func `a token whose name cannot be is not made`(name: String) async throws {
        try await AccessFixture.with { fixture in
            _ = try await fixture.token("taken")
            await #expect(throws: AccessError.self) { try await fixture.token(name) }
            await #expect(throws: AccessError.self) { try await fixture.token("b") { $0.mostUses = 0 } }
            await #expect(throws: AccessError.self) { try await fixture.token("b") { $0.life = .zero } }
        }
    }
}

@Suite struct DocumentTableTests {
    private static func table() async throws -> (FleetStore, DocumentTable<FleetValue>) {
        let store = try await FleetStore.open(.memory, replica: "a", logger: AccessFixture.logger)
        return (store, DocumentTable(store))
    }

    @Test func `a write that fails leaves what the store has`() async throws {
        let (store, table) = try await Self.table()
        let mine = try await table.put(FleetValue(name: "a", value: .number(1)), expecting: .absent)
        let theirs = FleetValue(name: "a", value: .number(2))
        try await store.write([.put(.value, "a", theirs.body, expecting: .any)])
        await #expect(throws: StoreError.self) {
            try await table.put(FleetValue(name: "a", value: .number(3)), expecting: .version(mine.version))
        }
        #expect(table["a"]?.row == theirs)
    }

    @Test func `everything is read when more has changed than is told`() async throws {
        let (store, table) = try await Self.table()
        try await table.put(FleetValue(name: "gone", value: .number(1)), expecting: .absent)
        try await store.write([
            .delete(.value, "gone", expecting: .any),
            .put(.value, "new", FleetValue(name: "new", value: .number(1)).body, expecting: .absent),
        ])
        try await table.note(.everything)
        #expect(table.all.map(\.row.name) == ["new"])
    }
}
