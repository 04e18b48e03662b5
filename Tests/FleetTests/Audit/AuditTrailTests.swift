import FleetStore
import Logging
import PipelineTesting
import Settings
import Testing

@testable import Fleet

@Suite struct AuditTrailTests {
    private static let event = AuditEvent(
        actor: "token:ann", origin: "10.0.0.1:99", action: "configuration.add",
        target: "configuration/edge@2",
        request: "r-1", before: "1", after: "2", message: "why")

    private static func with(
        _ body: (AuditTrail, FleetStore, ManualClock) async throws -> Void
    ) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let store = try await FleetStore.open(.memory, replica: "a", logger: logger)
        let clock = ManualClock()
        try await body(
            AuditTrail(store, clock: clock) { $0.replacing("marker-secret", with: "***") }, store, clock)
        await store.close()
    }

    @Test func `an event says who did what to what, from where, and what came of it`() async throws {
        try await Self.with { trail, _, clock in
            #expect(try await trail.record(Self.event) == 1)
            let record = try #require(try await trail.lines().first?.record)
            #expect(record.actor == "token:ann" && record.origin == "10.0.0.1:99")
            #expect(record.action == "configuration.add" && record.target == "configuration/edge@2")
            #expect(record.result == "done" && record.time == clock.unixNanoseconds)
            #expect(
                record.detail.json() == #"{"request":"r-1","before":"1","after":"2","message":"why"}"#)
        }
    }

    @Test func `the chain is intact, and an exported line that is changed shows`() async throws {
        try await Self.with { trail, _, _ in
            for _ in 0..<5 { try await trail.record(Self.event) }
            let found = try await trail.verify()
            #expect(found.isIntact && found.lines == 5 && found.first == 1 && found.last == 5)
            let lines = try await trail.export().text.split(separator: "\n").map(String.init)
            #expect(lines.count == 5)
            var verifier = AuditVerifier()
            #expect(lines.compactMap { verifier.take($0) }.isEmpty)
            var other = AuditVerifier()
            let changed = lines.map {
                $0.replacing("\"number\":3,\"time\":", with: "\"number\":3,\"time\":1")
            }
            #expect(changed.compactMap { other.take($0) }.first == "it has been changed")
        }
    }

    @Test func `an export comes in pages`() async throws {
        try await Self.with { trail, _, _ in
            for _ in 0..<5 { try await trail.record(Self.event) }
            var text = ""
            var last: Int64 = 0
            var pages = 0
            while true {
                let page = try await trail.export(after: last, limit: 2)
                guard let end = page.last else { break }
                text += page.text
                last = end
                pages += 1
            }
            #expect(pages == 3)
            #expect(text.split(separator: "\n").count == 5)
            #expect(try await trail.latest(limit: 2).map(\.number) == [5, 4])
        }
    }

    @Test func `denied tries are written until they are too many, and then counted`() async throws {
        try await Self.with { trail, _, clock in
            var event = Self.event
            event.result = .denied
            for _ in 0..<50 { try await trail.record(event) }
            #expect(try await trail.lines().count == AuditTrail.deniedBurst)
            // Somebody else is not silenced by that, and neither is what is done.
            event.actor = "token:bob"
            #expect(try await trail.record(event) != nil)
            event.actor = "token:ann"
            event.result = .done
            #expect(try await trail.record(event) != nil)
            event.result = .denied
            clock.advance(by: .seconds(1))
            try await trail.record(event)
            let last = try #require(try await trail.latest(limit: 1).first)
            #expect(last.record.detail["not_written"]?.text == "30")
        }
    }

    @Test func `known secrets never get in, and long texts are cut`() async throws {
        try await Self.with { trail, _, _ in
            var event = Self.event
            event.message = "failed with marker-secret"
            event.target = String(repeating: "x", count: 100_000)
            try await trail.record(event)
            let text = try await trail.export().text
            #expect(!text.contains("marker-secret") && text.contains("failed with ***"))
            #expect(text.utf8.count < 10_000)
        }
    }
}
