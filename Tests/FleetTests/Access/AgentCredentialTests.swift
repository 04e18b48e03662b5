import FleetStore
import OpAMP
import PipelineTesting
import Settings
import Testing

@testable import Fleet

@Suite struct AgentCredentialTests {
    private static let uid = AccessFixture.uid()

    @Test func `an agent's own token is for that agent only`() async throws {
        try await AccessFixture.with { fixture in
            let own = try await fixture.access.agentToken(for: Self.uid)
            let principal = try fixture.principal(own)
            #expect(principal == .agent(Self.uid))
            #expect(fixture.access.standing(of: Self.uid, as: principal) == .admitted)
            guard case .refused = fixture.access.standing(of: AccessFixture.uid(2), as: principal) else {
                Issue.record("it may be another agent")
                return
            }
            let secret = try #require(own.split(separator: "_").last)
            let stored = try await fixture.store.documents(.agentCredential, limit: 10)
            #expect(stored.count == 1 && !stored.map { $0.body.json() }.joined().contains(secret))
        }
    }

    @Test func `a token and the one after it count side by side for an hour`() async throws {
        try await AccessFixture.with { fixture in
            let credentials = fixture.access.credentials
            let first = try await fixture.access.agentToken(for: Self.uid)
            try await credentials.noteUse(of: first, by: Self.uid)
            let second = try await fixture.access.agentToken(for: Self.uid)
            fixture.clock.advance(by: .seconds(10 * 3600))
            // The agent has not come with the second one, so the first stays.
            #expect(try fixture.principal(first) == .agent(Self.uid))
            try await credentials.noteUse(of: second, by: Self.uid)
            fixture.clock.advance(by: AgentCredentials.overlap - .seconds(1))
            #expect(try fixture.principal(first) == .agent(Self.uid))
            fixture.clock.advance(by: .seconds(1))
            #expect(throws: AgentRefusal.self) { try fixture.principal(first) }
            #expect(try fixture.principal(second) == .agent(Self.uid))
        }
    }

    @Test func `offers that were lost do not pile up`() async throws {
        try await AccessFixture.with { fixture in
            var texts: [String] = []
            for _ in 0..<20 { texts.append(try await fixture.access.agentToken(for: Self.uid)) }
            #expect(fixture.access.credentials.credential(of: Self.uid)?.tokenCount == 2)
            #expect(throws: Never.self) { try fixture.principal(texts[19]) }
            #expect(throws: Never.self) { try fixture.principal(texts[18]) }
            #expect(throws: AgentRefusal.self) { try fixture.principal(texts[17]) }
        }
    }

    @Test func `revoking ends the sessions and refuses everything afterwards`() async throws {
        try await AccessFixture.with { fixture in
            let enrollment = try await fixture.token { $0.isAutomatic = true }.text
            #expect(try await fixture.enroll(with: enrollment) == .admitted)
            let own = try await fixture.access.agentToken(for: Self.uid)
            let live = try fixture.principal(own)
            let told = Told<InstanceUID>()
            fixture.access.onRevocation { told.add($0) }
            try await fixture.access.revoke(Self.uid, reason: "stolen", by: AccessFixture.admin)
            #expect(told.all == [Self.uid])
            #expect(throws: AgentRefusal.self) { try fixture.principal(own) }
            for principal in [live, try fixture.principal(enrollment)] {
                guard case .refused = fixture.access.standing(of: Self.uid, as: principal) else {
                    Issue.record("still let in as \(principal)")
                    continue
                }
            }
            await #expect(throws: AccessError.self) {
                try await fixture.access.agentToken(for: Self.uid)
            }
            // Approved anew it begins from nothing: the stolen token stays worthless.
            try await fixture.access.approve(Self.uid, by: AccessFixture.admin)
            #expect(throws: AgentRefusal.self) { try fixture.principal(own) }
            #expect(
                fixture.access.standing(of: Self.uid, as: try fixture.principal(enrollment)) == .admitted)
        }
    }

    @Test func `what another manager revokes ends the sessions here`() async throws {
        try await AccessFixture.with { fixture in
            let own = try await fixture.access.agentToken(for: Self.uid)
            let told = Told<InstanceUID>()
            fixture.access.onRevocation { told.add($0) }
            var credential = try #require(fixture.access.credentials.credential(of: Self.uid))
            credential.revoked = 1
            try await fixture.store.write([
                .put(.agentCredential, credential.id, credential.body, expecting: .any)
            ])
            try await fixture.access.note(.document(.agentCredential, credential.id))
            #expect(told.all == [Self.uid])
            #expect(throws: AgentRefusal.self) { try fixture.principal(own) }
        }
    }

    @Test func `credentials count for the id that the manager has given instead`() async throws {
        try await AccessFixture.with { fixture in
            let own = try await fixture.access.agentToken(for: Self.uid)
            let next = AccessFixture.uid(2)
            try await fixture.access.rename(Self.uid, to: next)
            let principal = try fixture.principal(own)
            #expect(fixture.access.standing(of: next, as: principal) == .admitted)
            // A machine that was copied more than once.
            try await fixture.access.rename(Self.uid, to: AccessFixture.uid(4))
            #expect(fixture.access.standing(of: next, as: principal) == .admitted)
            #expect(fixture.access.standing(of: AccessFixture.uid(4), as: principal) == .admitted)
            guard case .refused = fixture.access.standing(of: AccessFixture.uid(3), as: principal) else {
                Issue.record("any other id is possible")
                return
            }
            try await fixture.access.revoke(Self.uid, reason: "", by: AccessFixture.admin)
            guard case .refused = fixture.access.standing(of: next, as: principal) else {
                Issue.record("revoking the first does not count for the second")
                return
            }
        }
    }

    @Test(arguments: ["", "x", "0000000000000000000000000000000g", "00000000-0000-0000-0000-000000000000"])
    func `an id without dashes is read strictly`(text: String) { #expect(InstanceUID(dashless: text) == nil) }

    @Test func `an id without dashes comes back`() {
        let uid = InstanceUID(high: 0x0190_a5c8_7b1e_7cc3, low: 0x98c4_dc0c_0c07_398f)
        #expect(InstanceUID(dashless: uid.dashless) == uid)
    }

    @Test func `credentials come back from their document`() throws {
        var credential = AgentCredential(uid: Self.uid)
        credential.tokens = [
            AgentCredential.Token(hash: SecureToken.hash("a"), created: 1, expires: 2, isUsed: true)
        ]
        credential.certificates = [
            AgentCredential.Certificate(serial: "0a", issued: 1, expires: 2, isUsed: false)
        ]
        credential.successors = [AccessFixture.uid(9), AccessFixture.uid(8)]
        credential.revoked = 5
        #expect(AgentCredential(id: credential.id, body: credential.body) == credential)
    }
}
