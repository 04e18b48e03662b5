import Engine
import Pipeline
import PipelineTesting
import Settings
import Testing
import Transport

@testable import AdminAPI
@testable import HTTPAPI

@Suite struct EventRouteTests {
    @Test func `events are listed, chosen and paged`() async throws {
        try await TestAPI.with { api async throws in
            api.events.note(.componentStatus, "exporter/a", "one")
            api.events.note(.configurationApplied, "rev2", "two")
            let all = try await api.send("GET", "/v1/events?page_size=1")
            #expect(all.tree?["events"]?.list?.first?["message"] == .text("one"))
            let token = try #require(all.tree?["next_page_token"]?.text)
            let next = try await api.send("GET", "/v1/events?page_size=1&page_token=\(token)")
            #expect(next.tree?["events"]?.list?.first?["id"] == .number(2))
            let chosen = try await api.send("GET", "/v1/events?kind=config.applied")
            #expect(chosen.tree?["events"]?.list?.count == 1)
            #expect(try await api.send("GET", "/v1/events?kind=other").status == 400)
        }
    }

    @Test func `a stream resumes after the last event that was seen, stays alive and ends with the server`()
        async throws
    {
        try await TestAPI.with { api async throws in
            api.events.note(.componentStatus, "exporter/a", "one")
            api.events.note(.componentStatus, "exporter/a", "two")
            async let stream = api.send(
                "GET", "/v1/events", nil, ["accept": "text/event-stream", "last-event-id": "1"])
            await api.clock.waitForSleepers(2)
            api.clock.advance(by: EventStream.heartbeat)
            await api.clock.waitForSleepers(2)
            api.events.note(.drainBegan, "collector", "three")
            // Ending the server ends the stream, with everything that was sent before.
            for _ in 0..<1000 { await Task.yield() }
            await api.server.shutdown(grace: .seconds(30))
            let answer = try await stream
            #expect(answer.status == 200)
            #expect(answer.fields["content-type"] == "text/event-stream")
            #expect(!answer.text.contains("id: 1\n"))
            #expect(answer.text.contains("id: 2\nevent: component.status\ndata: {\"id\":2,"))
            #expect(answer.text.contains(": still here\n\n"))
        }
    }

    @Test func `what is forgotten is gone, and nonsense is refused`() async throws {
        try await TestAPI.with { api async throws in
            let accept = "text/event-stream"
            let gone = try await api.send(
                "GET", "/v1/events", nil, ["accept": accept, "last-event-id": "7"])
            #expect(gone.status == 410)
            let bad = try await api.send("GET", "/v1/events?after=x", nil, ["accept": accept])
            #expect(bad.status == 400)
        }
    }
}
