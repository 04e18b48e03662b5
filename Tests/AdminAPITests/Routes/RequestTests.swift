import Compression
import Control
import Engine
import Logging
import Pipeline
import PipelineTesting
import Settings
import Synchronization
import Testing
import Transport
import Wire

@testable import AdminAPI
@testable import HTTPAPI

/// What holds for all routes.
@Suite struct RequestTests {
    @Test func `wrong methods, types, paths and sizes have their answers`() async throws {
        try await TestAPI.with { api async throws in
            let method = try await api.send("DELETE", "/v1/config")
            #expect(method.status == 405)
            #expect(method.fields["allow"] == "HEAD, GET, PUT, PATCH")
            #expect(try await api.send("GET", "/v1/nothing").status == 404)
            let type = try await api.send("PATCH", "/v1/config", "{}", ["if-match": "*"])
            #expect(type.status == 415)
            #expect(type.fields["accept"]?.contains("application/merge-patch+json") == true)
            let charset = "application/json; charset=utf-16"
            #expect(try await api.send("PUT", "/v1/config", "{}", type: charset).status == 415)
            let utf8 = "application/json; charset=UTF-8"
            #expect(try await api.send("PUT", "/v1/config", "{}", type: utf8).status == 428)
            let large = String(repeating: " ", count: APIBody.limit + 1)
            let size = try await api.send("PUT", "/v1/config", large)
            #expect(size.status == 413)
            #expect(size.fields["content-type"] == "application/problem+json")
            #expect(try await api.send("PUT", "/v1/config", "{}", ["content-encoding": "br"]).status == 415)
            #expect(try await api.send("PUT", "/v1/config", "{}", ["content-encoding": "gzip"]).status == 400)
        }
    }

    @Test func `every answer has an id, which the client may choose`() async throws {
        try await TestAPI.with { api async throws in
            let own = try await api.send("GET", "/v1/nothing", nil, ["x-request-id": "a-1"])
            #expect(own.fields["x-request-id"] == "a-1")
            #expect(own.tree?["instance"] == .text("urn:apus:request:a-1"))
            let bad = try await api.send("GET", "/v1/build", nil, ["x-request-id": "a b"])
            #expect(bad.fields["x-request-id"]?.count == 16)
            #expect(bad.fields["cache-control"] == "no-store")
        }
    }

    @Test func `a request with a key is done once`() async throws {
        try await TestAPI.with { api async throws in
            let key: HTTPFields = ["idempotency-key": "k1"]
            let first = try await api.send("POST", "/v1/config:reload", nil, key)
            let again = try await api.send("POST", "/v1/config:reload", nil, key)
            #expect(first.status == 200)
            #expect(again.text == first.text)
            #expect(again.fields["idempotency-replayed"] == "true")
            #expect(await api.control.calls == ["reload", "apply"])
            #expect(try await api.send("POST", "/v1/config:reload?x=1", nil, key).status == 422)
            let document: HTTPFields = ["idempotency-key": "k3"]
            #expect(try await api.send("POST", "/v1/config:validate", "{}", document).status == 200)
            let patch = try await api.send(
                "POST", "/v1/config:validate", "{}", type: "application/merge-patch+json", document)
            #expect(patch.status == 422)
            #expect(try await api.send("POST", "/v1/drain", nil, ["idempotency-key": ""]).status == 400)
            api.clock.advance(by: .seconds(24 * 3600 + 1))
            _ = try await api.send("POST", "/v1/config:reload", nil, key)
            #expect(await api.control.calls.count == 4)
            await api.control.fail(.busy("later"))
            let other: HTTPFields = ["idempotency-key": "k2"]
            #expect(try await api.send("POST", "/v1/config:reload", nil, other).status == 409)
            await api.control.fail(nil)
            #expect(try await api.send("POST", "/v1/config:reload", nil, other).status == 200)
        }
    }

    @Test func `a change that takes its time is an operation`() async throws {
        try await TestAPI.with { api async throws in
            let (gate, opener) = AsyncStream.makeStream(of: Void.self)
            await api.control.wait(for: gate)
            async let slow = api.send("PUT", "/v1/config", "{}", ["if-match": "*"])
            #expect(await eventually { await api.control.calls == ["apply"] })
            await api.clock.waitForSleepers()
            api.clock.advance(by: APIOperations.patience)
            let accepted = try await slow
            #expect(accepted.status == 202)
            let place = try #require(accepted.fields["location"])
            let running = try await api.send("GET", place)
            #expect(running.tree?["done"] == .bool(false))
            #expect(running.tree?["action"] == .text("putConfig"))
            async let waiting = api.send("GET", place + "?wait=20s")
            opener.finish()
            let done = try await waiting
            #expect(done.tree?["done"] == .bool(true))
            #expect(done.tree?["response"]?["revision"]?["id"] == .text("rev2"))
            let list = try await api.send("GET", "/v1/operations")
            #expect(list.tree?["operations"]?.list?.count == 1)
            #expect(try await api.send("POST", place + ":cancel").status == 200)
            #expect(try await api.send("GET", "/v1/operations/other").status == 404)
        }
    }

    @Test func `levels of the log are changed while everything runs`() async throws {
        try await TestAPI.with { api async throws in
            #expect(try await api.send("PUT", "/v1/log-levels", #"{"level": "warn"}"#).status == 200)
            let path = "/v1/log-levels/otlp%2Fbackup"
            let set = try await api.send("PUT", path, #"{"level": "debug"}"#)
            #expect(
                set.tree
                    == .table([
                        "level": .text("warning"), "components": .table(["otlp/backup": .text("debug")]),
                    ]))
            #expect(api.log.level(of: "otlp/backup") == .debug)
            #expect(try await api.send("PUT", path, #"{"level": "loud"}"#).status == 422)
            #expect(try await api.send("PUT", path + "?dry_run=true", #"{"level": "error"}"#).status == 200)
            #expect(api.log.level(of: "otlp/backup") == .debug)
            #expect(try await api.send("DELETE", path).status == 200)
            #expect(try await api.send("DELETE", path).status == 404)
            #expect(api.log.level(of: "otlp/backup") == .warning)
            #expect(api.events.events.map(\.kind) == [.logLevelChanged, .logLevelChanged, .logLevelChanged])
        }
    }

    @Test func `what runs is shown`() async throws {
        try await TestAPI.with { api async throws in
            let pipeline = try await api.send("GET", "/v1/pipelines/traces%2Fa%20b")
            #expect(pipeline.tree?["processors"]?.list?.first?["removed"]?["filtered"] == .number(2))
            #expect(pipeline.tree?["exporters"]?.list?.first?["items"]?["delivered"] == .number(4))
            #expect(pipeline.tree?["rates"]?["1m"]?["items"] == .number(1.5))
            let component = try await api.send("GET", "/v1/components/exporter/otlp%2Fbackup")
            #expect(component.tree?["status"]?["error"] == .text("no backend"))
            #expect(component.tree?["history"]?.list?.count == 1)
            #expect(component.tree?["counters"]?["sent"] == .number(4))
            let schema = try await api.send("GET", "/v1/components/available/extension/sample")
            #expect(schema.tree?["properties"]?["size"] != nil)
            #expect(try await api.send("GET", "/v1/components/available/extension/none").status == 404)
            #expect(try await api.send("GET", "/v1/metrics").text == "apus 1\n")
            let bundle = try await api.send("GET", "/v1/diagnostics")
            #expect(bundle.tree?["build"]?["version"] == .text("1.2.3"))
            #expect(try await api.send("POST", "/v1/drain").status == 409)
        }
    }

    @Test func `a drain begins once it is asked for`() async throws {
        let begun = Atomic<Bool>(false)
        try await TestAPI.with {
            $0.drain = { begun.store(true, ordering: .relaxed) }
        } _: { api async throws in
            #expect(try await api.send("POST", "/v1/drain?dry_run=true").status == 200)
            let early = begun.load(ordering: .relaxed)
            #expect(!early)
            #expect(try await api.send("POST", "/v1/drain").status == 202)
            let late = begun.load(ordering: .relaxed)
            #expect(late)
        }
    }
}
