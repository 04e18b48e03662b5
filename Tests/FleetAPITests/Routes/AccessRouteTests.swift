import Fleet
import FleetModel
import FleetStore
import HTTPAPI
import OpAMP
import Settings
import Testing
import Transport

@testable import FleetAPI

/// Tokens, enrollment, audit, events.
@Suite struct AccessRouteTests {
    @Test func `a token is shown once, and works until it is revoked`() async throws {
        try await TestFleet.with { fleet async throws in
            let body = #"{"name": "board", "owner": "eve", "roles": ["viewer", "approver"]}"#
            let made = try await fleet.send("POST", "/v1/tokens", body)
            #expect(made.status == 201)
            let text = try #require(made.tree["token"]?.text)
            let caller = try await fleet.send("GET", "/v1/whoami", as: text)
            #expect(caller.tree["owner"] == .text("eve"))
            #expect(caller.tree["permissions"] == .list([.text("look"), .text("approve-rollouts")]))
            let list = try await fleet.send("GET", "/v1/tokens")
            #expect(list.tree["tokens"]?.list?.count == 2)
            #expect(!list.text.contains(text))
            let id = try #require(made.tree["id"]?.text)
            #expect(try await fleet.send("DELETE", "/v1/tokens/\(id)").status == 200)
            #expect(try await fleet.send("GET", "/v1/whoami", as: text).status == 401)
            #expect(try await fleet.send("DELETE", "/v1/tokens/\(id)").status == 404)
            #expect(
                try await fleet.send("POST", "/v1/tokens", #"{"name": "x", "roles": ["king"]}"#).status == 422
            )
            #expect(try await fleet.send("POST", "/v1/tokens", #"{"name": "x", "roles": []}"#).status == 422)
        }
    }

    @Test func `no answer, event or line of the audit log shows a secret again`() async throws {
        try await TestFleet.with { fleet async throws in
            let token = try await fleet.send(
                "POST", "/v1/tokens", #"{"name": "board", "roles": ["viewer"]}"#)
            let enrollment = try await fleet.send(
                "POST", "/v1/enrollment-tokens", #"{"name": "edge", "labels": {"env": "prod"}, "uses": 3}"#)
            let secrets = [token, enrollment].compactMap { $0.tree["token"]?.text }
            #expect(secrets.count == 2)
            for route in FleetRoutes.all where route.method == "GET" {
                let answer = try await fleet.send("GET", TestFleet.path(of: route))
                for secret in secrets + [fleet.admin] {
                    #expect(!answer.text.contains(secret.suffix(40)), "\(route.id)")
                }
            }
            let export = try await fleet.send("GET", "/v1/audit/export")
            #expect(export.text.split(separator: "\n").count == 2)
        }
    }

    @Test func `agents that wait are let in or turned away`() async throws {
        try await TestFleet.with { fleet async throws in
            let made = try await fleet.send(
                "POST", "/v1/enrollment-tokens",
                #"{"name": "edge", "networks": ["10.0.0.0/8"], "expires_in": "1h"}"#
            )
            #expect(made.tree["networks"] == .list([.text("10.0.0.0/8")]))
            let access = fleet.context.access
            let text = try #require(made.tree["token"]?.text)
            let principal = try access.agent(authorization: "Bearer \(text)", address: "10.1.1.1:9")
            let uid = FakeAgents.first
            _ = try await access.enroll(
                EnrollmentRequest(uid: uid, principal: principal, name: "host-1", address: "10.1.1.1:9"))
            let waiting = try await fleet.send("GET", "/v1/enrollments?state=waiting")
            #expect(waiting.tree["enrollments"]?.list?.first?["uid"] == .text("\(uid)"))
            let `operator` = try await fleet.token("ops", .operator)
            let approved = try await fleet.send("POST", "/v1/enrollments/\(uid):approve", as: `operator`)
            #expect(approved.tree["state"] == .text("approved"))
            #expect(approved.tree["decided_by"] == .text("token:ops"))
            #expect(access.standing(of: uid, as: principal) == .admitted)
            let rejected = try await fleet.send(
                "POST", "/v1/enrollments/\(uid):reject", #"{"reason": "stolen"}"#)
            #expect(rejected.tree["reason"] == .text("stolen"))
            #expect(access.standing(of: uid, as: principal) != .admitted)
            let other = InstanceUID(high: 1, low: 2)
            #expect(try await fleet.send("POST", "/v1/enrollments/\(other):approve").status == 404)
            let id = try #require(made.tree["id"]?.text)
            #expect(try await fleet.send("DELETE", "/v1/enrollment-tokens/\(id)").status == 200)
            #expect(
                try await fleet.send("GET", "/v1/enrollment-tokens").tree["enrollment_tokens"] == .list([]))
        }
    }

    @Test func `the audit log is shown, exported and checked`() async throws {
        try await TestFleet.with { fleet async throws in
            for name in ["a", "b", "c"] { _ = try await fleet.make("/v1/values/\(name)", #"{"value": 1}"#) }
            let page = try await fleet.send("GET", "/v1/audit?page_size=2")
            #expect(page.tree["entries"]?.list?.map { $0["number"] } == [.number(3), .number(2)])
            #expect(page.tree["entries"]?.list?.first?["action"] == .text("putValue"))
            let token = try #require(page.tree["next_page_token"]?.text)
            let rest = try await fleet.send("GET", "/v1/audit?page_size=2&page_token=\(token)")
            #expect(rest.tree["entries"]?.list?.map { $0["number"] } == [.number(1)])
            let export = try await fleet.send("GET", "/v1/audit/export")
            #expect(export.fields["content-type"] == "application/jsonl")
            #expect(export.text.split(separator: "\n").count == 3)
            let whole = try await fleet.send("GET", "/v1/audit/verification")
            #expect(whole.tree["whole"] == .bool(true))
            #expect(whole.tree["entries"] == .number(3))
        }
    }

    @Test func `an export that fails does not look whole`() async throws {
        try await TestFleet.with { fleet async throws in
            _ = try await fleet.make("/v1/values/a", #"{"value": 1}"#)
            #expect(try await fleet.send("GET", "/v1/audit/export").status == 200)
            await fleet.context.store.close()
            await #expect(throws: TransportError.self) { try await fleet.send("GET", "/v1/audit/export") }
        }
    }

    @Test func `rules about second persons are changed by whoever has seen them`() async throws {
        try await TestFleet.with { fleet async throws in
            let rules = try await fleet.send("GET", "/v1/approvals")
            let body = #"{"approval_selector": "env=prod", "approval_size": 10}"#
            #expect(try await fleet.send("PUT", "/v1/approvals", body).status == 428)
            let changed = try await fleet.send("PUT", "/v1/approvals", body, ["if-match": rules.etag])
            #expect(changed.status == 200)
            #expect(try await fleet.send("GET", "/v1/approvals").tree["approval_size"] == .number(10))
            #expect(
                try await fleet.send("PUT", "/v1/approvals", body, ["if-match": rules.etag]).status == 412)
        }
    }

    @Test func `events are listed, chosen, and followed from where a client was`() async throws {
        try await TestFleet.with { fleet async throws in
            let events = fleet.context.events
            events.note(.rolloutState, "r1", "running", rollout: "r1")
            events.note(.agentNew, "a", "new", agent: "a")
            events.note(.rolloutGate, "r1", "passed", rollout: "r1")
            let all = try await fleet.send("GET", "/v1/events?page_size=2")
            #expect(all.tree["events"]?.list?.map { $0["id"] } == [.number(1), .number(2)])
            let chosen = try await fleet.send("GET", "/v1/events?rollout=r1&after=1")
            #expect(chosen.tree["events"]?.list?.map { $0["kind"] } == [.text("rollout.gate")])
            let kinds = try await fleet.send("GET", "/v1/events?kind=rollout.*")
            #expect(kinds.tree["events"]?.list?.count == 2)
            #expect(try await fleet.send("GET", "/v1/events?kind=none").status == 400)
            let stream: HTTPFields = ["accept": "text/event-stream", "last-event-id": "99"]
            #expect(try await fleet.send("GET", "/v1/events", nil, stream).status == 410)
        }
    }

    @Test func `a webhook can be tried out, and the secret is in no answer`() async throws {
        try await TestFleet.with { fleet async throws in
            let made = try await fleet.make("/v1/webhooks/chat", #"{"url": "https://a.example/x"}"#)
            let secret = try #require(made.tree["secret"]?.text)
            let dry = try await fleet.send("POST", "/v1/webhooks/chat:test?dry_run=true")
            #expect(dry.status == 200 && dry.tree["delivery"] == nil)
            let answer = try await fleet.send("POST", "/v1/webhooks/chat:test")
            #expect(answer.status == 200)
            #expect(answer.tree["url"]?.text == "https://a.example/x")
            #expect(answer.tree[["delivery", "outcome"]]?.text == "delivered")
            #expect(answer.tree[["delivery", "status"]]?.text == "204")
            #expect(!answer.text.contains(secret))
            let shown = try await fleet.send("GET", "/v1/webhooks/chat")
            #expect(shown.tree["deliveries"]?.list?.count == 1 && !shown.text.contains(secret))
            #expect(try await fleet.send("POST", "/v1/webhooks/nobody:test").status == 404)
            let operate = try await fleet.token("op", .operator)
            #expect(try await fleet.send("POST", "/v1/webhooks/chat:test", as: operate).status == 403)
        }
    }

    @Test func `a webhook shows its secret once, and is changed by whoever has seen it`() async throws {
        try await TestFleet.with { fleet async throws in
            let path = "/v1/webhooks/chat"
            let made = try await fleet.make(path, #"{"url": "https://a.example/x"}"#)
            #expect(made.status == 201, "\(made.text)")
            let secret = try #require(made.tree["secret"]?.text)
            let shown = try await fleet.send("GET", path)
            #expect(shown.tree["deliveries"] == .list([]))
            #expect(!shown.text.contains(secret))
            let body = #"{"url": "https://a.example/y", "kinds": ["rollout.*"], "enabled": false}"#
            #expect(try await fleet.send("PUT", path, body).status == 428)
            let changed = try await fleet.send("PUT", path, body, ["if-match": made.etag])
            #expect(changed.tree["kinds"] == .list([.text("rollout.*")]))
            #expect(changed.tree["secret"] == nil)
            let list = try await fleet.send("GET", "/v1/webhooks")
            #expect(list.tree["webhooks"]?.list?.first?["enabled"] == .bool(false))
            #expect(try await fleet.make("/v1/webhooks/x", #"{"url": "ftp://a"}"#).status == 422)
            #expect(
                try await fleet.make("/v1/webhooks/x", #"{"url": "https://a", "kinds": ["x"]}"#).status == 422
            )
            #expect(try await fleet.send("DELETE", path, nil, ["if-match": made.etag]).status == 412)
            #expect(try await fleet.send("DELETE", path, nil, ["if-match": changed.etag]).status == 200)
        }
    }

    @Test func `the manager says what it is, how it does and whom agents trust`() async throws {
        try await TestFleet.with { fleet async throws in
            #expect(try await fleet.send("GET", "/v1/build").tree["version"] == .text("1.2.3"))
            #expect(try await fleet.send("GET", "/metrics").text == "apus_fleet 1\n")
            let pem = try await fleet.send("GET", "/v1/ca", nil, ["accept": "application/x-pem-file"])
            #expect(pem.text.hasPrefix("-----BEGIN CERTIFICATE-----"))
            #expect(try await fleet.send("GET", "/v1/ca").tree["certificate"] == .text(pem.text))
        }
    }
}
