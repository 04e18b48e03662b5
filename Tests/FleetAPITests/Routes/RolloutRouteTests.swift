import Fleet
import FleetStore
import HTTPAPI
import Rollouts
import Settings
import Testing
import Transport

@testable import FleetAPI

@Suite struct RolloutRouteTests {
    private func start(_ fleet: TestFleet) async throws -> Answer {
        _ = try await fleet.send("POST", "/v1/configs/edge/revisions", Samples.draft)
        return try await fleet.send("POST", "/v1/rollouts", Samples.rollout)
    }

    @Test func `a rollout is started with the revision that is the newest now, and shown`() async throws {
        try await TestFleet.with { fleet async throws in
            let started = try await start(fleet)
            #expect(started.status == 201, "\(started.text)")
            #expect(started.fields["location"] == "/v1/rollouts/r1")
            #expect(started.tree["target"] == .text("edge@1"))
            #expect(started.tree["stages"]?.list?.count == 2)
            #expect(started.tree["author"] == .text("ada"))
            #expect(started.tree["spec"]?["selector"] == .text("env=prod"))
            let list = try await fleet.send("GET", "/v1/rollouts?state=active").tree["rollouts"]?.list
            #expect(list?.first?["id"] == .text("r1"))
            #expect(list?.first?["phases"]?["pending"] == .number(2))
            #expect(try await fleet.send("GET", "/v1/rollouts?state=over").status == 400)
            #expect(
                try await fleet.send("GET", "/v1/rollouts?state=succeeded").tree["rollouts"] == .list([]))
            #expect(try await fleet.send("GET", "/v1/rollouts/r9").status == 404)
        }
    }

    @Test func `what a rollout would do is said without doing it`() async throws {
        try await TestFleet.with { fleet async throws in
            _ = try await fleet.send("POST", "/v1/configs/edge/revisions", Samples.draft)
            let preview = try await fleet.send("POST", "/v1/rollouts?dry_run=true", Samples.rollout)
            #expect(preview.status == 200)
            #expect(preview.tree["agents"] == .number(2))
            #expect(preview.tree["excluded_count"] == .number(1))
            #expect(preview.tree["problems"] == .list([.text("it is Friday")]))
            #expect(fleet.rollouts.calls.isEmpty)
        }
    }

    @Test(arguments: [
        ("{}", ""), (#"{"target": "edge", "plan": "x"}"#, "/target"),
        (#"{"target": "none@latest", "plan": "x"}"#, "/target"),
        (#"{"target": "edge@1", "plan": "x", "group": "none"}"#, "/group"),
        (#"{"target": "edge@1", "plan": "x", "selector": "a in ("}"#, "/selector"),
        (#"{"target": "edge@1", "plan": "x", "gate": {"max_failures": "many"}}"#, "/gate/max_failures"),
    ])
    func `mistakes in a rollout are told with their places`(body: String, pointer: String) async throws {
        try await TestFleet.with { fleet async throws in
            let answer = try await fleet.send("POST", "/v1/rollouts", body)
            #expect(answer.status == 422)
            #expect(answer.tree["errors"]?.list?.first?["pointer"] == .text(pointer), "\(answer.text)")
        }
    }

    @Test func `a group narrows the selector`() async throws {
        try await TestFleet.with { fleet async throws in
            _ = try await fleet.send("POST", "/v1/configs/edge/revisions", Samples.draft)
            _ = try await fleet.make("/v1/groups/eu", #"{"selector": "region=eu"}"#)
            let body = #"{"target": "edge@1", "plan": "x", "group": "eu", "selector": "env=prod"}"#
            let started = try await fleet.send("POST", "/v1/rollouts", body)
            #expect(started.tree["selector"] == .text("region=eu, env=prod"))
        }
    }

    @Test(arguments: [
        ("begin", "begin"), ("pause", #"pause(reason: "because")"#), ("resume", "resume"),
        ("promote", "promote(all: false)"), ("abort", #"abort(reason: "because")"#),
        ("rollback", #"rollBack(reason: "because")"#),
    ])
    func `people command rollouts, with reasons and for the state they have seen`(
        verb: String, call: String
    ) async throws {
        try await TestFleet.with { fleet async throws in
            let started = try await start(fleet)
            let path = "/v1/rollouts/r1:\(verb)"
            let body = #"{"reason": "because"}"#
            #expect(try await fleet.send("POST", path, body, ["if-match": "\"99\""]).status == 412)
            #expect(try await fleet.send("POST", path, body, ["if-match": started.etag]).status == 200)
            #expect(fleet.rollouts.calls == ["start edge@1", "\(call) by ada, seen as 1"])
            fleet.rollouts.fail(.conflict("it is over"))
            #expect(try await fleet.send("POST", path).status == 409)
            fleet.rollouts.fail(.unavailable("the store is away"))
            #expect(try await fleet.send("POST", path).status == 503)
            #expect(try await fleet.send("POST", "/v1/rollouts/r9:\(verb)").status == 404)
        }
    }

    @Test func `what a rollout promises is part of its version, and whoever has seen another is told so`()
        async throws
    {
        try await TestFleet.with { fleet async throws in
            #expect(try await start(fleet).etag == "\"1\"")
            fleet.rollouts.promise("r1")
            let seen = try await fleet.send("GET", "/v1/rollouts/r1")
            #expect(seen.etag == "\"1.1\"")
            #expect(seen.tree["standing"]?["state"] == .text("active"))
            let path = "/v1/rollouts/r1:abort"
            #expect(try await fleet.send("POST", path, nil, ["if-match": seen.etag]).status == 200)
            #expect(fleet.rollouts.calls.last == "abort(reason: \"\") by ada, seen as 1.1")
            fleet.rollouts.endPromise("r1")
            let late = try await fleet.send("POST", path, nil, ["if-match": seen.etag])
            #expect(late.status == 412)
            #expect(late.etag == "\"1.2\"")
            // Somebody is faster than the command, but not than the look before it.
            fleet.rollouts.fail(.outdated(RolloutVersion(rollout: 1, standing: 3)))
            let slow = try await fleet.send("POST", path, nil, ["if-match": late.etag])
            #expect(slow.status == 412)
            #expect(slow.etag == "\"1.3\"")
            #expect(slow.tree["detail"]?.text?.contains("\"1.3\"") == true)
        }
    }

    @Test func `a rollout is approved by neither who started it nor who wrote the revision`() async throws {
        try await TestFleet.with { fleet async throws in
            let writer = try await fleet.token("writer", owner: "wendy", .editor)
            _ = try await fleet.send("POST", "/v1/configs/edge/revisions", Samples.draft, as: writer)
            _ = try await fleet.send("POST", "/v1/rollouts", Samples.rollout)
            let path = "/v1/rollouts/r1:approve"
            fleet.rollouts.note(author: "wendy", of: "edge@1")
            #expect(try await fleet.send("POST", path).status == 403)
            let same = try await fleet.token("wendy", owner: "wendy", .approver)
            #expect(try await fleet.send("POST", path, as: same).status == 403)
            let other = try await fleet.token("olaf", .approver)
            #expect(try await fleet.send("POST", path, as: other).status == 200)
            #expect(fleet.rollouts.calls.last == "approve by olaf")
        }
    }

    @Test func `who made a set of packages does not approve it, which a dry run tells too`() async throws {
        try await TestFleet.with { fleet async throws in
            _ = try await fleet.send("POST", "/v1/package-sets/edge/versions", Samples.packages)
            let body = #"{"target": "packages/edge@1", "plan": [{"size": "100%"}]}"#
            #expect(try await fleet.send("POST", "/v1/rollouts", body).status == 201)
            fleet.rollouts.note(author: "wendy", of: "packages/edge@1")
            let wendy = try await fleet.token("wendy", owner: "wendy", .approver)
            let olaf = try await fleet.token("olaf", .approver)
            for query in ["", "?dry_run=true"] {
                let path = "/v1/rollouts/r1:approve" + query
                #expect(try await fleet.send("POST", path, as: wendy).status == 403)
                #expect(try await fleet.send("POST", path, as: olaf).status == 200)
            }
        }
    }

    @Test func `an admin goes on alone in an emergency, with a reason and where that is allowed`()
        async throws
    {
        try await TestFleet.with { fleet async throws in
            _ = try await fleet.send("POST", "/v1/configs/edge/revisions", Samples.draft)
            _ = try await fleet.send("POST", "/v1/rollouts", Samples.rollout)
            let path = "/v1/rollouts/r1:approve"
            let fire = #"{"break_glass": true, "reason": "fire"}"#
            // Nobody has switched it on yet.
            #expect(try await fleet.send("POST", path, fire).status == 403)
            _ = try await fleet.send(
                "PUT", "/v1/approvals", #"{"allow_break_glass": true}"#, ["if-match": "*"])
            let approver = try await fleet.token("olaf", .approver, .operator)
            #expect(try await fleet.send("POST", path, fire, as: approver).status == 403)
            for body in [#"{"break_glass": true}"#, #"{"break_glass": true, "reason": "  "}"#] {
                let answer = try await fleet.send("POST", path, body)
                #expect(answer.status == 422)
                #expect(answer.tree["detail"]?.text?.contains("needs a reason") == true)
            }
            #expect(try await fleet.send("POST", path, fire).status == 200)
            #expect(fleet.rollouts.calls.last == "breakGlass(reason: \"fire\") by ada")
            let audit = try await fleet.context.audit.latest().first?.record
            #expect(audit?.detail.json().contains("without a second person: fire") == true)
            _ = try await fleet.send(
                "PUT", "/v1/approvals", #"{"allow_break_glass": false}"#, ["if-match": "*"])
            #expect(try await fleet.send("POST", path, fire).status == 403)
        }
    }

    @Test func `agents of a rollout are listed page by page and by phase`() async throws {
        try await TestFleet.with { fleet async throws in
            _ = try await start(fleet)
            let path = "/v1/rollouts/r1/agents"
            let first = try await fleet.send("GET", path + "?page_size=2")
            #expect(first.tree["agents"]?.list?.count == 2)
            let token = try #require(first.tree["next_page_token"]?.text)
            let second = try await fleet.send("GET", path + "?page_size=2&page_token=\(token)")
            #expect(second.tree["agents"]?.list?.count == 1)
            #expect(second.tree["next_page_token"] == nil)
            let excluded = try await fleet.send("GET", path + "?phase=excluded")
            #expect(excluded.tree["agents"]?.list?.first?["reason"] == .text("it is another's"))
            #expect(
                try await fleet.send("GET", path + "?phase=pending&stage=0").tree["agents"]?.list?.count == 1)
            #expect(try await fleet.send("GET", path + "?phase=asleep").status == 400)
            #expect(try await fleet.send("GET", path + "?page_token=zz").status == 400)
        }
    }
}
