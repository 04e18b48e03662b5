import Control
import Pipeline
import Settings
import Testing
import Transport

@testable import AdminAPI
@testable import HTTPAPI

@Suite struct ConfigurationRouteTests {
    @Test func `the configuration is shown in both notations, with a tag that saves reading it again`()
        async throws
    {
        try await TestAPI.with { api async throws in
            let json = try await api.send("GET", "/v1/config")
            #expect(json.status == 200)
            #expect(json.etag == "\"rev1\"")
            #expect(json.tree?["exporters"]?["otlp/backup"]?["endpoint"] == .text("b:4317"))
            let yaml = try await api.send(
                "GET", "/v1/config?view=effective", nil, ["accept": "application/yaml"])
            #expect(yaml.fields["content-type"] == "application/yaml")
            #expect(yaml.etag == "\"rev1.yaml\"")
            let source = ConfigurationSource(.inline, "")
            #expect(try Tree(yaml: yaml.text, source: source) == json.tree)
            let same = try await api.send("GET", "/v1/config", nil, ["if-none-match": "\"x\", \"rev1\""])
            #expect(same.status == 304)
            #expect(same.text.isEmpty)
            let head = try await api.send("HEAD", "/v1/config")
            #expect(head.status == 200)
            #expect(head.text.isEmpty)
            let origin = try await api.send("GET", "/v1/config?view=origin")
            #expect(
                origin.tree?["values"]?.list?.first?["pointer"] == .text("/exporters/otlp~1backup/endpoint"))
            #expect(try await api.send("GET", "/v1/config?view=other").status == 400)
        }
    }

    @Test func `a write says what it changes, or is not done`() async throws {
        try await TestAPI.with { api async throws in
            let body = #"{"service": {"pipelines": {}}}"#
            #expect(try await api.send("PUT", "/v1/config", body).status == 428)
            #expect(try await api.send("PUT", "/v1/config", body, ["if-match": "\"rev0\""]).status == 412)
            #expect(try await api.send("PUT", "/v1/config", body, ["if-none-match": "*"]).status == 412)
            #expect(await api.control.applied.isEmpty)
            let done = try await api.send(
                "PUT", "/v1/config?confirm_within=90s&reason=a%20test&expect_drop=true", body,
                ["if-match": "\"rev1.yaml\""])
            #expect(done.status == 200)
            #expect(done.etag == "\"rev2\"")
            #expect(done.tree?["confirm_within"] == .text("1m30s"))
            let applied = try #require(await api.control.applied.first)
            #expect(applied.options.expected == RevisionID("rev1"))
            #expect(applied.options.reason == "a test")
            #expect(applied.options.expectsDrop)
            #expect(applied.origin.channel == .api)
            #expect(applied.origin.actor.hasPrefix("uid:"))
            #expect(try await api.send("PUT", "/v1/config", body, ["if-match": "*"]).status == 200)
        }
    }

    @Test func `a dry run plans and changes nothing`() async throws {
        try await TestAPI.with { api async throws in
            let answer = try await api.send(
                "PUT", "/v1/config?dry_run=true", "{}", ["if-match": "\"rev1\""])
            #expect(answer.status == 200)
            #expect(answer.tree?["components"]?.list?.first?["action"] == .text("replace"))
            #expect(answer.tree?["differences"]?.list?.first?["pointer"] == .text("/exporters/a~1b"))
            #expect(await api.control.calls == ["plan"])
            let back = try await api.send("POST", "/v1/config:rollback?dry_run=true")
            #expect(back.status == 200)
            #expect(await api.control.calls == ["plan", "plan"])
        }
    }

    @Test func `parts have tags of their own and ids with a slash`() async throws {
        try await TestAPI.with { api async throws in
            let path = "/v1/config/components/exporters/otlp%2Fbackup"
            let shown = try await api.send("GET", path)
            #expect(shown.tree == .table(["endpoint": .text("b:4317")]))
            #expect(shown.etag != "\"rev1\"")
            #expect(try await api.send("DELETE", path).status == 428)
            #expect(try await api.send("DELETE", path, nil, ["if-match": shown.etag]).status == 200)
            guard case .component(.exporter, let id, nil)? = await api.control.applied.last?.change else {
                Issue.record("not removed")
                return
            }
            #expect(id.description == "otlp/backup")
            let merged = try await api.send(
                "PATCH", path, #"{"endpoint": "c:4317"}"#, type: "application/merge-patch+json",
                ["if-match": shown.etag])
            #expect(merged.status == 200)
            guard case .merge(let patch)? = await api.control.applied.last?.change else {
                Issue.record("not merged")
                return
            }
            #expect(patch[["exporters", "otlp/backup", "endpoint"]] == .text("c:4317"))
            let patched = try await api.send(
                "PATCH", "/v1/config/pipelines/traces",
                #"[{"op": "add", "path": "/exporters/-", "value": "otlp/backup"}]"#,
                type: "application/json-patch+json", ["if-match": "*"])
            #expect(patched.status == 200)
            guard case .patch(let operations)? = await api.control.applied.last?.change,
                case .add(let target, .text("otlp/backup"))? = operations.first
            else {
                Issue.record("not patched")
                return
            }
            #expect(target == ["service", "pipelines", "traces", "exporters", "-"])
        }
    }

    @Test func `what is not there is made with If-None-Match, and not found otherwise`() async throws {
        try await TestAPI.with { api async throws in
            let path = "/v1/config/components/exporter/nop"
            #expect(try await api.send("GET", path).status == 404)
            #expect(try await api.send("DELETE", path, nil, ["if-match": "*"]).status == 404)
            #expect(try await api.send("PUT", path, "{}", ["if-match": "*"]).status == 412)
            #expect(try await api.send("PUT", path, "{}", ["if-none-match": "*"]).status == 201)
            #expect(try await api.send("GET", "/v1/config/components/thing/nop").status == 404)
            #expect(try await api.send("GET", "/v1/config/pipelines/nonsense").status == 404)
        }
    }

    @Test func `what is wrong is said with its place in the body`() async throws {
        try await TestAPI.with { api async throws in
            let syntax = try await api.send(
                "PUT", "/v1/config", "{\n  \"a\": 1,\n  \"a\": 2}", ["if-match": "*"])
            #expect(syntax.status == 400)
            #expect(syntax.fields["content-type"] == "application/problem+json")
            #expect(syntax.tree?["errors"]?.list?.first?["line"] == .number(3))
            let position = Position(ConfigurationSource(.remote, "body"), line: 4, column: 7)
            await api.control.fail(
                .invalid([
                    Diagnostic(
                        at: position, path: ["exporters", "a/b"], "unknown key 'tiemout'",
                        suggestion: "timeout")
                ]))
            let invalid = try await api.send(
                "PUT", "/v1/config", "a: 1", type: "application/yaml", ["if-match": "*"])
            #expect(invalid.status == 422)
            let error = invalid.tree?["errors"]?.list?.first
            #expect(error?["pointer"] == .text("/exporters/a~1b"))
            #expect(error?["line"] == .number(4))
            #expect(error?["column"] == .number(7))
            #expect(error?["hint"] == .text("did you mean 'timeout'?"))
            let report = try await api.send("POST", "/v1/config:validate", "{}")
            #expect(report.status == 200)
            #expect(report.tree?["valid"] == .bool(false))
        }
    }

    @Test(arguments: [
        (ChangeFailure.forbidden([]), 403), (.conflict(active: RevisionID("r")), 412), (.unknown("x"), 404),
        (.busy("x"), 409), (.storage("x"), 507),
        (.notStarted(kind: .exporter, id: ComponentID(type: "x"), message: "m", key: "a::b"), 422),
    ])
    func `failures have their statuses`(failure: ChangeFailure, status: Int) async throws {
        try await TestAPI.with { api async throws in
            await api.control.fail(failure)
            let answer = try await api.send("PUT", "/v1/config", "{}", ["if-match": "*"])
            #expect(answer.status == status)
            #expect(api.audit.entries.last?.outcome == .failed)
        }
    }

    @Test func `a transaction is read strictly and made as one`() async throws {
        try await TestAPI.with { api async throws in
            let body = """
                {"changes": [
                  {"component": {"kind": "exporter", "id": "debug"}},
                  {"pipeline": {"id": "traces", "config": {"receivers": []}}},
                  {"patch": [{"op": "test", "path": "/a", "value": 1}]}, {"merge": {}}, {"replace": {}}
                ], "confirm_within": "2m"}
                """
            let done = try await api.send("POST", "/v1/config:transaction", body, ["if-match": "\"rev1\""])
            #expect(done.status == 200)
            guard case .transaction(let changes)? = await api.control.applied.last?.change else {
                Issue.record("no transaction")
                return
            }
            #expect(changes.count == 5)
            for wrong in [
                #"{"changes": []}"#, #"{"changes": [{"other": 1}]}"#,
                #"{"changes": [{"merge": {}, "replace": {}}]}"#,
                #"{"changes": [{"merge": {}}], "extra": 1}"#, #"{}"#, #"[]"#,
                #"{"changes": [{"patch": [{"op": "jump", "path": "/a"}]}]}"#,
                #"{"changes": [{"patch": [{"op": "add", "path": "a", "value": 1}]}]}"#,
                #"{"changes": [{"component": {"kind": "exporter", "id": "1 2"}}]}"#,
                #"{"changes": [{"merge": {}}], "confirm_within": "soon"}"#,
            ] {
                let answer = try await api.send("POST", "/v1/config:transaction", wrong, ["if-match": "*"])
                #expect(answer.status == 422, "\(wrong)")
            }
        }
    }

    @Test func `revisions are listed, shown and compared`() async throws {
        try await TestAPI.with { api async throws in
            let list = try await api.send("GET", "/v1/config/revisions")
            #expect(list.tree?["revisions"]?.list?.first?["id"] == .text("rev1"))
            let one = try await api.send("GET", "/v1/config/revisions/rev1")
            #expect(one.tree?["config"]?["exporters"] != nil)
            let diff = try await api.send("GET", "/v1/config/revisions/rev1/diff?to=rev1")
            #expect(diff.tree?["differences"] == .list([]))
            #expect(try await api.send("GET", "/v1/config/revisions/rev0").status == 404)
            #expect(try await api.send("GET", "/v1/config/revisions/rev1/diff?to=rev0").status == 404)
            #expect(try await api.send("POST", "/v1/config:confirm", #"{"revision": "rev1"}"#).status == 200)
            #expect(try await api.send("POST", "/v1/config:reload").status == 200)
            #expect(try await api.send("POST", "/v1/config:rollback").status == 200)
            #expect(await api.control.calls == ["confirm rev1", "reload", "apply", "rollBack", "apply"])
        }
    }
}
