import Fleet
import FleetModel
import HTTPAPI
import OpAMP
import Settings
import Testing
import Transport

@testable import FleetAPI

/// Configurations, groups, values, plans: what people write.
@Suite struct LibraryRouteTests {
    @Test(arguments: [
        ("/v1/groups/eu", #"{"selector": "env=prod", "values": {"port": 1}}"#, #"{"selector": "env=test"}"#),
        ("/v1/values/backend", #"{"value": "a:1"}"#, #"{"value": ["a", "b"], "description": "two"}"#),
        (
            "/v1/plans/careful", #"{"stages": [{"size": 1}]}"#,
            #"{"summary": "slow", "stages": [{"size": "10%→50%→100%", "bake": "1m"}]}"#
        ),
    ])
    func `what has a name is made once, changed by whoever has seen it, and deleted`(
        path: String, first: String, second: String
    ) async throws {
        try await TestFleet.with { fleet async throws in
            #expect(try await fleet.send("GET", path).status == 404)
            #expect(try await fleet.send("PUT", path, first).status == 428)
            let made = try await fleet.make(path, first)
            #expect(made.status == 201)
            #expect(try await fleet.make(path, first).status == 412)
            let changed = try await fleet.send("PUT", path, second, ["if-match": made.etag])
            #expect(changed.status == 200)
            #expect(try await fleet.send("PUT", path, first, ["if-match": made.etag]).status == 412)
            let shown = try await fleet.send("GET", path)
            #expect(shown.etag == changed.etag)
            #expect(shown.tree == changed.tree)
            let key = path.split(separator: "/")[1]
            let list = try await fleet.send("GET", "/v1/\(key)").tree[String(key)]?.list
            let listed = (shown.tree.table ?? []).filter { $0.key != "agents" }
            #expect(list == [Tree(.table(listed))])
            #expect(try await fleet.send("DELETE", path).status == 428)
            #expect(try await fleet.send("DELETE", path, nil, ["if-match": made.etag]).status == 412)
            #expect(try await fleet.send("DELETE", path, nil, ["if-match": changed.etag]).status == 200)
            #expect(try await fleet.send("GET", path).status == 404)
        }
    }

    @Test(arguments: [
        ("/v1/groups/x", #"{"selector": "a in (b"}"#, "/selector"), ("/v1/groups/x", "{}", ""),
        ("/v1/groups/x", #"{"selector": "", "selctor": 1}"#, "/selctor"),
        ("/v1/plans/x", #"{"stages": [{"size": "a b"}]}"#, "/stages/0/size"),
        ("/v1/plans/x", #"{"stages": []}"#, "/stages"), ("/v1/values/x", #"{"value": {"a": 1}}"#, "/x"),
        ("/v1/approvals", #"{"approval_size": 0}"#, "/approval_size"),
    ])
    func `mistakes are told with their places`(path: String, body: String, pointer: String) async throws {
        try await TestFleet.with { fleet async throws in
            let answer = try await fleet.send("PUT", path, body, ["if-match": "*", "if-none-match": "*"])
            let other = try await fleet.make(path, body)
            let problem = answer.status == 422 ? answer : other
            #expect(problem.status == 422)
            #expect(problem.tree["errors"]?.list?.first?["pointer"] == .text(pointer), "\(problem.text)")
        }
    }

    @Test func `a revision is made, found again by its content, compared and deleted`() async throws {
        try await TestFleet.with { fleet async throws in
            let path = "/v1/configs/edge/revisions"
            let first = try await fleet.send("POST", path, Samples.draft)
            #expect(first.status == 201)
            #expect(first.tree["reference"] == .text("edge@1"))
            #expect(first.tree["author"] == .text("token:root"))
            let again = try await fleet.send("POST", path, Samples.draft)
            #expect(again.status == 200)
            #expect(again.tree["number"] == .number(1))
            #expect(try await fleet.send("POST", path, Samples.other).tree["number"] == .number(2))
            let list = try await fleet.send("GET", path + "?page_size=1")
            #expect(list.tree["revisions"]?.list?.map { $0["number"] } == [.number(2)])
            let token = try #require(list.tree["next_page_token"]?.text)
            let rest = try await fleet.send("GET", path + "?page_size=1&page_token=\(token)")
            #expect(rest.tree["revisions"]?.list?.map { $0["number"] } == [.number(1)])
            #expect(rest.tree["next_page_token"] == nil)
            let latest = try await fleet.send("GET", path + "/latest")
            #expect(latest.tree["number"] == .number(2))
            #expect(latest.tree["files"]?.list?.first?["body"]?.text?.hasPrefix("# again") == true)
            #expect(try await fleet.send("GET", path + "/3").status == 404)
            let diff = try await fleet.send("GET", "/v1/configs/edge/diff")
            #expect(diff.tree["from"] == .text("edge@1"))
            #expect(diff.tree["text"]?.text?.contains("+# again") == true)
            #expect(diff.tree["differences"] == .list([]))
            let described = try await fleet.send(
                "PATCH", "/v1/configs/edge", #"{"description": "the edge"}"#, ["if-match": "*"])
            #expect(described.tree["description"] == .text("the edge"))
            let stale = try await fleet.send(
                "DELETE", "/v1/configs/edge", nil, ["if-match": "\"1\""])
            #expect(stale.status == 412)
            let gone = try await fleet.send(
                "DELETE", "/v1/configs/edge", nil, ["if-match": described.etag])
            #expect(gone.status == 200)
            #expect(try await fleet.send("GET", path).status == 404)
        }
    }

    @Test func `what is wrong with a draft is told and nothing is kept`() async throws {
        try await TestFleet.with { fleet async throws in
            let path = "/v1/configs/edge/revisions"
            let answer = try await fleet.send("POST", path, #"{"body": "receivers: ["}"#)
            #expect(answer.status == 422)
            #expect(answer.tree["errors"]?.list?.first?["line"] != nil)
            #expect(try await fleet.send("POST", path, "{}").status == 422)
            #expect(
                try await fleet.send("POST", path, #"{"body": "a", "files": [{"body": "b"}]}"#).status == 422)
            #expect(try await fleet.send("GET", "/v1/configs/edge").status == 404)
            #expect(try await fleet.send("GET", "/v1/configs").tree["configs"] == .list([]))
        }
    }

    @Test func `a draft is checked against what agents are built of, and rendered for one`() async throws {
        try await TestFleet.with { fleet async throws in
            let good = try await fleet.send(
                "POST", "/v1/configs/edge:validate",
                Samples.draft.replacing(
                    #", "message": "first""#, with: ""))
            #expect(good.tree["valid"] == .bool(true), "\(good.text)")
            #expect(good.tree["builds"] == .list([.text("apus 0.1.0")]))
            let bad = try await fleet.send("POST", "/v1/configs/edge:validate", Samples.unknown)
            #expect(bad.tree["valid"] == .bool(false))
            #expect(bad.tree["findings"]?.list?.isEmpty == false)
            #expect(try await fleet.send("POST", "/v1/configs/edge:lint").status == 404)
            _ = try await fleet.send("POST", "/v1/configs/edge/revisions", Samples.draft)
            #expect(try await fleet.send("POST", "/v1/configs/edge:lint").status == 200)
            let body = """
                {"body": "receivers: {nop: }\\nexporters: {nop: {name: '${var:where}'}}\\nservice: \
                {pipelines: {traces: {receivers: [nop], exporters: [nop]}}}\\n",
                 "variables": {"where": {"from": "os.type"}}, "agent": "\(FakeAgents.first)"}
                """
            let rendered = try await fleet.send("POST", "/v1/configs/edge:render", body)
            #expect(rendered.tree["files"]?.list?.first?["body"]?.text?.contains("linux") == true)
            #expect(rendered.tree["variables"]?["where"]?["value"] == .text("linux"), "\(rendered.text)")
            let other = try await fleet.send(
                "POST", "/v1/configs/edge:render", #"{"agent": "0190a5c8-7b1e-7cc3-98c4-dc0c0c07398f"}"#)
            #expect(other.status == 422)
        }
    }

    @Test func `a directory is brought in, again without effect, and pruned`() async throws {
        try await TestFleet.with { fleet async throws in
            let body = """
                {"source": "git", "groups": [{"name": "eu", "selector": "region=eu"}],
                 "values": [{"name": "port", "value": 1}],
                 "plans": [{"name": "slow", "spec": {"stages": [{"size": 1}]}}],
                 "configurations": [{"name": "edge", "message": "m", "files": [{"body":
                 "receivers: {nop: }\\nexporters: {nop: }\\nservice: {pipelines: {traces: {receivers: [nop], \
                 exporters: [nop]}}}\\n"
                 }]}]}
                """
            func actions(_ answer: Answer) -> [String?] {
                (answer.tree["changes"]?.list ?? []).map { $0["action"]?.text }
            }
            let planned = try await fleet.send("POST", "/v1/apply?dry_run=true", body)
            #expect(actions(planned) == ["created", "created", "created", "created"], "\(planned.text)")
            #expect(try await fleet.send("GET", "/v1/groups/eu").status == 404)
            #expect(actions(try await fleet.send("POST", "/v1/apply", body)).allSatisfy { $0 == "created" })
            #expect(
                actions(try await fleet.send("POST", "/v1/apply", body)).allSatisfy { $0 == "unchanged" })
            #expect(try await fleet.send("GET", "/v1/plans/slow").tree["stages"]?.list?.count == 1)
            let empty = try await fleet.send("POST", "/v1/apply?prune=true", #"{"source": "git"}"#)
            #expect(actions(empty).count { $0 == "deleted" } == 4)
            #expect(try await fleet.send("GET", "/v1/configs").tree["configs"] == .list([]))
            let editor = try await fleet.token("editor", .editor)
            let groups = #"{"groups": [{"name": "eu", "selector": "region=eu"}]}"#
            #expect(try await fleet.send("POST", "/v1/apply", groups, as: editor).status == 403)
            #expect(try await fleet.send("POST", "/v1/apply", "{}", as: editor).status == 200)
        }
    }
}
