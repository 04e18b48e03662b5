import Telemetry
import Testing
import Wire

/// What edits write, and how much of it is held.
@Suite struct GrowthTests {
    /// Log records with a short body in resources of their own.
    private static func logs(resources: Int, records: Int) -> Batch {
        var builder = LogsBuilder()
        for resource in 0..<resources {
            builder.resource { $0.attribute("number", .int(Int64(resource))) }
            builder.scope("scope")
            for _ in 0..<records { builder.record { $0.body("body") } }
        }
        return builder.finish()
    }

    @Test func `what is written to a resource counts until it is over, then what stays of it`() {
        var batch = Self.logs(resources: 3, records: 10)
        let before = batch.byteCount
        let text = AttributeValue.string(String(repeating: "x", count: 1000))
        var growths: [Int] = []
        batch.rewrite(.record, changesParents: true) { draft in
            growths.append(draft.growth)
            draft.resource.set("text", text)
        }
        let stays = (batch.byteCount - before) / 3
        #expect(stays > 1000 && stays < 1100)
        #expect(growths[0] == 0 && growths[10] == stays && growths[20] == 2 * stays)
        #expect(growths[9] > 9000 && growths[29] > 9000 + 2 * stays)
    }

    @Test func `a message takes so many bytes, and what is more says so`() throws {
        var batch = Self.logs(resources: 1, records: 2)
        let text = AttributeValue.string(String(repeating: "x", count: 100))
        var growths: [Int] = []
        batch.rewrite(.record, holding: 1000) { draft in
            growths.append(draft.growth)
            for number in 0..<20 { draft.set(AttributeKey("\(number)"), text) }
            growths.append(draft.growth)
        }
        #expect(growths == [0, .max, .max, .max])
        let records = try batch.validatedAgain().resourceLogs.flatMap { $0.scopes }.flatMap { $0.records }
        let counts = records.map { Array($0.attributes).count }
        #expect(counts.count == 2 && counts.allSatisfy { (1..<10).contains($0) }, "\(counts)")
    }

    @Test func `a draft of no telemetry takes no records`() {
        let draft = Draft.detached(.metric)
        #expect(draft.growth == 0 && draft.addToScope(draft.current) == .closed)
    }
}
