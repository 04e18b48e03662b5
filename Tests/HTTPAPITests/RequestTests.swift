import HTTPAPI
import PipelineTesting
import Settings
import Synchronization
import Testing
import Transport
import Wire

@Suite struct RequestTests {
    private typealias Route = APIRoute<SampleContext>

    @Test func `a right opens its routes and no others, and refusals are noted`() async throws {
        let routes = [
            Route("look", "GET", "/look", .read) { _ in .tree(.text("seen")) },
            Route("change", "POST", "/change", .write) { _ in .nothing },
            Route("about", "GET", "/about", nil) { call in .tree(.text(call.caller.name)) },
        ]
        try await SampleAPI.with(routes) { api async throws in
            #expect(try await api.send("GET", "/look", as: "reader").text == "\"seen\"\n")
            #expect(try await api.send("POST", "/change", as: "reader").status == 403)
            #expect(try await api.send("POST", "/change").status == 204)
            #expect(try await api.send("GET", "/about", as: nil).text == "\"nobody\"\n")
            let missing = try await api.send("GET", "/look", as: nil)
            #expect(missing.status == 401)
            #expect(missing.text.contains("ask somebody"))
            #expect(try await api.send("GET", "/look", as: "stranger").text.contains("not valid"))
            let foreign = try await api.send("GET", "/look", as: "reader", ["host": "evil.example"])
            #expect(foreign.text.contains("--sample-host"))
            #expect(api.context.denied == 4)
            #expect(api.context.entries.contains { $0.action == "change" && $0.outcome == .done })
        }
    }

    @Test func `an answer with a secret is waited for, and no operation shows it`() async throws {
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        let begun = Atomic<Bool>(false)
        let routes =
            [
                Route("make", "POST", "/make", .write, hasSecretAnswer: true) { _ in
                    begun.store(true, ordering: .releasing)
                    for await _ in gate {}
                    return .tree(.text("secret"))
                }
            ] + OperationRoutes.all(look: .read, cancel: .write)
        try await SampleAPI.with(routes) { api async throws in
            async let made = api.send("POST", "/make")
            while !begun.load(ordering: .acquiring) { await Task.yield() }
            api.context.manual.advance(by: .seconds(3600))
            opener.finish()
            #expect(try await made.text == "\"secret\"\n")
            #expect(try await api.send("GET", "/v1/operations").text == "{\"operations\":[]}\n")
        }
    }

    @Test(arguments: [(false, 304), (true, 200)])
    func `what changes more often than its version is sent again`(isVolatile: Bool, status: Int) async throws
    {
        let route = Route("look", "GET", "/look", .read) { _ in
            var reply = APIReply.tree(.text("seen"), version: "7")
            reply.isVolatile = isVolatile
            return reply
        }
        try await SampleAPI.with([route]) { api async throws in
            let first = try await api.send("GET", "/look")
            #expect(first.fields["etag"] == "\"7\"")
            let again = try await api.send("GET", "/look", nil, ["if-none-match": "\"7\""])
            #expect(again.status == status)
        }
    }

    @Test(
        arguments: [
            ("PUT", nil, [:], 428), ("PUT", nil, ["if-none-match": "*"], 204),
            ("PUT", nil, ["if-match": "*"], 412),
            ("PUT", "3", ["if-none-match": "*"], 412), ("PUT", "3", ["if-match": "\"3\""], 204),
            ("PUT", "3", ["if-match": "\"2\", W/\"3\""], 204), ("PUT", "3", ["if-match": "\"2\""], 412),
            ("DELETE", "3", ["if-none-match": "*"], 428), ("DELETE", "3", ["if-match": "*"], 204),
        ] as [(String, String?, [String: String], Int)])
    func `changes say what they expect`(
        method: String, version: String?, given: [String: String], status: Int
    ) async throws {
        let route = Route("change", method, "/thing", .write) { call throws(APIProblem) in
            try call.checkPreconditions(version: version)
            return .nothing
        }
        try await SampleAPI.with([route]) { api async throws in
            var fields = HTTPFields()
            for (name, value) in given { fields.add(name, value) }
            let answer = try await api.send(method, "/thing", nil, fields)
            #expect(answer.status == status)
            // Who was late learns what is there now.
            #expect(answer.fields["etag"] == (status == 412 ? version.map { "\"\($0)\"" } : nil))
        }
    }

    @Test func `a stream ends when the token that opened it is revoked`() async throws {
        let route = Route("follow", "GET", "/events", .read, streams: true) { call throws(APIProblem) in
            try call.takeStream()
            let (numbers, continuation) = AsyncStream.makeStream(of: UInt64.self)
            let stream = EventStream(clock: call.context.clock)
            return APIReply(
                .stream(type: EventStream.type) { output in
                    await stream.send(numbers, to: output) { _ in nil }
                    continuation.finish()
                })
        }
        try await SampleAPI.with([route]) { api async throws in
            async let stream = api.send("GET", "/events", nil, ["accept": "text/event-stream"])
            await api.context.manual.waitForSleepers(2)
            api.context.manual.advance(by: .seconds(5))
            await api.context.manual.waitForSleepers(2)
            api.context.revoke()
            api.context.manual.advance(by: .seconds(5))
            #expect(try await stream.text.hasPrefix(": events"))
        }
    }

    @Test func `an answer with an end that is cut by a revoked token does not look whole`() async throws {
        let route = Route("export", "GET", "/export", .read, streams: true) { call throws(APIProblem) in
            try call.takeStream()
            return APIReply(
                .stream(type: "application/jsonl") { output in
                    _ = output.send(Bytes(utf8: "1\n"))
                    await output.ended()
                })
        }
        try await SampleAPI.with([route]) { api async throws in
            let export = Task { try await api.send("GET", "/export") }
            await api.context.manual.waitForSleepers(1)
            api.context.revoke()
            api.context.manual.advance(by: .seconds(5))
            await #expect(throws: TransportError.self) { try await export.value }
        }
    }

    @Test func `a stream carries the events that are wanted, with their ids`() async throws {
        let route = Route("follow", "GET", "/events", .read, streams: true) { call throws(APIProblem) in
            let first = try call.lastEvent().map { $0 + 1 } ?? 1
            guard call.wantsEvents else { return .tree(.number(first)) }
            try call.takeStream()
            let numbers = AsyncStream<UInt64> { continuation in
                for number in first...4 { continuation.yield(number) }
                continuation.finish()
            }
            let stream = EventStream(clock: call.context.clock)
            return APIReply(
                .stream(type: EventStream.type) { output in
                    await stream.send(numbers, to: output) { number in
                        number == 3 ? nil : EventStream.Message(id: number, kind: "n", data: "\(number)")
                    }
                })
        }
        try await SampleAPI.with([route]) { api async throws in
            let fields: HTTPFields = ["accept": "text/event-stream", "last-event-id": "1"]
            let text = try await api.send("GET", "/events", nil, fields).text
            #expect(
                text == ": events\nretry: 3000\n\nid: 2\nevent: n\ndata: 2\n\nid: 4\nevent: n\ndata: 4\n\n")
            #expect(try await api.send("GET", "/events?after=6").text == "7\n")
            #expect(try await api.send("GET", "/events?after=x").status == 400)
        }
    }
}
