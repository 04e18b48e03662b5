import Fleet
import FleetModel
import HTTPAPI
import OpAMP
import Settings
import Testing
import Transport

@testable import FleetAPI

@Suite struct AgentRouteTests {
    private let path = "/v1/agents/\(FakeAgents.first)"

    @Test func `agents are listed page by page, chosen by selectors and groups`() async throws {
        try await TestFleet.with { fleet async throws in
            let first = try await fleet.send("GET", "/v1/agents?page_size=1&order=-last_seen")
            #expect(first.tree["agents"]?.list?.first?["uid"] == .text("\(FakeAgents.first)"))
            let token = try #require(first.tree["next_page_token"]?.text)
            let second = try await fleet.send("GET", "/v1/agents?page_token=\(token)")
            #expect(second.tree["next_page_token"] == nil)
            let none = try await fleet.send("GET", "/v1/agents?selector=env%3Dtest")
            #expect(none.tree["agents"] == .list([]))
            _ = try await fleet.make("/v1/groups/test", #"{"selector": "env=test"}"#)
            #expect(try await fleet.send("GET", "/v1/agents?group=test").tree["agents"] == .list([]))
            #expect(try await fleet.send("GET", "/v1/groups/test").tree["agents"] == .number(0))
            let summary = try await fleet.send("GET", "/v1/summary?selector=env%3Dprod")
            #expect(summary.tree["drift"]?["in_sync"] == .number(1))
            #expect(try await fleet.send("GET", "/v1/summary?group=test").tree["agents"] == .number(0))
        }
    }

    @Test(arguments: [
        "selector=a%20in%20(", "group=none", "state=up", "drift=none", "healthy=yes", "revision=edge",
        "order=size", "page_size=0", "page_token=61",
    ])
    func `questions that make no sense are refused`(query: String) async throws {
        try await TestFleet.with { fleet async throws in
            #expect(try await fleet.send("GET", "/v1/agents?\(query)").status == 400)
        }
    }

    @Test func `everything about an agent is shown`() async throws {
        try await TestFleet.with { fleet async throws in
            let agent = try await fleet.send("GET", path)
            #expect(agent.tree["labels"]?["host.name"] == .text("host-1"))
            #expect(agent.tree["own_labels"] == .table(["env": .text("prod")]))
            #expect(agent.tree["rates"]?["accepted"] == .number(5.0))
            #expect(agent.tree["health"]?["components"]?["pipeline:traces"] != nil)
            #expect(agent.tree["assignment"]?["revision"] == .text("edge@2"))
            let reports = try await fleet.send("GET", path + "/history").tree["reports"]?.list
            #expect(reports?.map { $0["outcome"]?.text } == ["applied", "failed"])
            #expect(reports?.first?["revision"] == .text("edge@2"))
            #expect(try await fleet.send("GET", "/v1/agents/x").status == 404)
            #expect(try await fleet.send("GET", path + "/effective-config").status == 404)
        }
    }

    @Test func `labels are set and removed by whoever has seen them`() async throws {
        try await TestFleet.with { fleet async throws in
            let agent = try await fleet.send("GET", path)
            let patch = #"{"labels": {"env": null, "zone": "a"}}"#
            #expect(try await fleet.send("PATCH", path, patch).status == 428)
            let changed = try await fleet.send("PATCH", path, patch, ["if-match": agent.etag])
            #expect(changed.tree["own_labels"] == .table(["zone": .text("a")]))
            #expect(changed.etag != agent.etag)
            #expect(try await fleet.send("PATCH", path, patch, ["if-match": agent.etag]).status == 412)
            #expect(
                try await fleet.send("PATCH", path, #"{"labels": {"a": 1}}"#, ["if-match": "*"]).status == 422
            )
            // The rest of an agent changes all the time, so the same labels are no reason to leave it out.
            #expect(
                try await fleet.send("GET", path, nil, ["if-none-match": changed.etag]).status == 200)
            #expect(fleet.context.events.events.map(\.kind) == [.agentLabels])
        }
    }

    @Test func `agents are restarted, tried again, revoked and forgotten`() async throws {
        try await TestFleet.with { fleet async throws in
            _ = try await fleet.context.access.agentToken(for: FakeAgents.first)
            #expect(try await fleet.send("POST", path + ":restart").status == 200)
            #expect(try await fleet.send("POST", path + ":retry").status == 200)
            let revoked = try await fleet.send("POST", path + ":revoke", #"{"reason": "stolen"}"#)
            #expect(revoked.status == 200)
            let credential = fleet.context.access.credentials.credential(of: FakeAgents.first)
            #expect(credential?.revoked != nil)
            #expect(try await fleet.send("DELETE", path, nil, ["if-match": "*"]).status == 409)
            fleet.agents.set(isConnected: false)
            #expect(try await fleet.send("DELETE", path, nil, ["if-match": "*"]).status == 200)
            #expect(fleet.agents.calls == ["restart", "retry", "forget"])
            #expect(
                try await fleet.send("POST", "/v1/agents/\(InstanceUID(high: 1, low: 2)):retry").status == 404
            )
        }
    }

    @Test func `what is really running is shown and compared`() async throws {
        try await TestFleet.with { fleet async throws in
            let files = [ConfigurationFile(yaml: "a: 1\n")]
            let others = [ConfigurationFile(yaml: "a: 2\n")]
            let hash = fleet.agents.run(files)
            let other = fleet.agents.run(others, now: false)
            let effective = try await fleet.send("GET", path + "/effective-config")
            #expect(effective.tree["files"]?.list?.first?["body"] == .text("a: 1\n"))
            let list = try await fleet.send("GET", "/v1/variants").tree["variants"]?.list
            #expect(list?.first?["hash"] == .text("\(hash)"))
            let variant = try await fleet.send("GET", "/v1/variants/\(hash)")
            #expect(variant.tree["files"] == effective.tree["files"])
            let diff = try await fleet.send("GET", "/v1/variants/\(hash)/diff?to=\(other)")
            #expect(diff.tree["differences"]?.list?.first?["pointer"] == .text("/a"))
            #expect(diff.tree["text"]?.text?.contains("-a: 1") == true)
            #expect(try await fleet.send("GET", "/v1/variants/\(other)").status == 404)
            #expect(try await fleet.send("GET", "/v1/variants/\(hash)/diff").status == 400)
        }
    }
}
