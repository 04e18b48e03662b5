import FleetModel
import FleetStore
import PipelineTesting
import Settings
import Testing

@testable import Fleet

@Suite struct UserTokenTests {
    @Test func `the first start makes one admin and the second none`() async throws {
        try await AccessFixture.with { fixture in
            let text = try #require(try await fixture.access.firstToken())
            let user = try fixture.access.user(authorization: "Bearer \(text)")
            #expect(user.roles == [.admin] && user.name == "token:admin")
            #expect(try await fixture.access.firstToken() == nil)
        }
    }

    @Test func `only the hash of a token is kept`() async throws {
        try await AccessFixture.with { fixture in
            let made = try await fixture.access.users.create(
                UserTokenRequest(name: "ann", roles: [.viewer]), by: "token:admin")
            let secret = try #require(made.text.split(separator: "_").last)
            let stored = try await fixture.store.documents(.userToken, limit: 10)
            #expect(stored.count == 1)
            #expect(!stored.map { $0.body.json() }.joined().contains(secret))
            #expect(!"\(fixture.access.users.list())".contains(secret))
        }
    }

    @Test func `a token that is wrong, expired, revoked or of another kind is refused`() async throws {
        try await AccessFixture.with { fixture in
            let users = fixture.access.users
            let short = try await users.create(
                UserTokenRequest(name: "short", roles: [.viewer], life: .seconds(60)), by: "x")
            let gone = try await users.create(UserTokenRequest(name: "gone", roles: [.viewer]), by: "x")
            let enrollment = try await fixture.token().text
            func isKnown(_ text: String) -> Bool {
                (try? fixture.access.user(authorization: "Bearer \(text)")) != nil
            }
            #expect(isKnown(short.text) && isKnown(gone.text))
            #expect(fixture.access.isValid(short.token.user) && fixture.access.isValid(gone.token.user))
            #expect(!isKnown(enrollment))
            #expect(!isKnown(String(short.text.dropLast()) + (short.text.hasSuffix("0") ? "1" : "0")))
            fixture.clock.advance(by: .seconds(60))
            #expect(!isKnown(short.text))
            let told = Told<String>()
            users.onRevocation { told.add($0) }
            try await users.revoke("gone")
            #expect(!isKnown(gone.text))
            #expect(!fixture.access.isValid(short.token.user) && !fixture.access.isValid(gone.token.user))
            #expect(told.all == [gone.token.id])
            await #expect(throws: AccessError.self) { try await users.revoke("gone") }
        }
    }

    @Test func `an agent's credentials open nothing for people`() async throws {
        try await AccessFixture.with { fixture in
            let own = try await fixture.access.agentToken(for: AccessFixture.uid())
            #expect(throws: AccessControl.UserRefusal.invalid) {
                try fixture.access.user(authorization: "Bearer \(own)")
            }
            let user = try await fixture.access.users.create(
                UserTokenRequest(name: "ann", roles: [.admin]), by: "x")
            #expect(throws: AgentRefusal.self) { try fixture.principal(user.text) }
        }
    }

    @Test func `when it was used last is known`() async throws {
        try await AccessFixture.with { fixture in
            let made = try await fixture.access.users.create(
                UserTokenRequest(name: "ann", owner: "Ann", roles: [.viewer]), by: "x")
            #expect(fixture.access.users.token(made.token.id)?.lastUsed == nil)
            fixture.clock.advance(by: .seconds(5))
            let user = try fixture.access.user(authorization: "Bearer \(made.text)")
            #expect(user.owner == "Ann")
            #expect(fixture.access.users.token(made.token.id)?.lastUsed == fixture.clock.unixNanoseconds)
        }
    }

    @Test(arguments: [
        UserTokenRequest(name: "", roles: [.viewer]), UserTokenRequest(name: "a b", roles: [.viewer]),
        UserTokenRequest(name: "a", roles: []), UserTokenRequest(name: "a", roles: [.viewer], life: .zero),
        UserTokenRequest(name: "taken", roles: [.viewer]),
    ])
    func `a token that makes no sense is not made`(request: UserTokenRequest) async throws {
        try await AccessFixture.with { fixture in
            _ = try await fixture.access.users.create(
                UserTokenRequest(name: "taken", roles: [.viewer]), by: "x")
            await #expect(throws: AccessError.self) {
                try await fixture.access.users.create(request, by: "x")
            }
            #expect(fixture.access.users.list().count == 1)
        }
    }

    @Test func `who comes without a token is told from who comes with a wrong one`() async throws {
        try await AccessFixture.with { fixture in
            #expect(throws: AccessControl.UserRefusal.missing) { try fixture.access.user(authorization: nil) }
            #expect(throws: AccessControl.UserRefusal.invalid) {
                try fixture.access.user(authorization: "Bearer x")
            }
        }
    }

    @Test func `agents that guess are slowed down, and nobody else is`() async throws {
        try await AccessFixture.with { fixture in
            let token = try await fixture.token().text
            func tryOnce(_ address: String) -> AgentRefusal? {
                do throws(AgentRefusal) {
                    _ = try fixture.access.agent(authorization: "Bearer x", address: address)
                    return nil
                } catch { return error }
            }
            for port in 0..<10 {
                guard case .unauthenticated? = tryOnce("10.0.0.1:\(port)") else {
                    Issue.record("try \(port) is not answered as it is")
                    return
                }
            }
            #expect(tryOnce("10.0.0.1:99") == .throttled(after: .seconds(6)))
            #expect(throws: Never.self) { try fixture.principal(token, address: "10.0.0.1:99") }
        }
    }

    @Test func `what another manager revokes is refused here as soon as it is told`() async throws {
        try await AccessFixture.with { fixture in
            let made = try await fixture.access.users.create(
                UserTokenRequest(name: "ann", roles: [.viewer]), by: "x")
            // As another manager does it, and the store tells of it.
            try await fixture.store.write([.delete(.userToken, made.token.id, expecting: .any)])
            let told = Told<String>()
            fixture.access.users.onRevocation { told.add($0) }
            #expect(throws: Never.self) {
                try fixture.access.user(authorization: "Bearer \(made.text)")
            }
            try await fixture.access.note(.document(.userToken, made.token.id))
            #expect(throws: AccessControl.UserRefusal.invalid) {
                try fixture.access.user(authorization: "Bearer \(made.text)")
            }
            #expect(told.all == [made.token.id])
        }
    }

    @Test func `following a shared store keeps both alike`() async throws {
        try await AccessFixture.with { fixture in
            let table = DocumentTable<FleetValue>(fixture.store)
            var follower = StoreFollower(
                store: fixture.store, clock: fixture.clock, logger: AccessFixture.logger)
            #expect(!follower.isNeeded)
            follower.isNeeded = true
            // Also what is written before it begins to follow, and after the table was read.
            func write(_ name: String) async throws {
                let value = FleetValue(name: name, value: .number(1))
                try await fixture.store.write([.put(.value, name, value.body, expecting: .any)])
            }
            try await write("before")
            let following = Task { [follower] in
                await follower.follow { (change) async throws(StoreError) in try await table.note(change) }
            }
            await waitUntil("the first value is known") { table["before"] != nil }
            try await write("after")
            await waitUntil("the second value is known") { table["after"] != nil }
            following.cancel()
            await following.value
        }
    }
}
