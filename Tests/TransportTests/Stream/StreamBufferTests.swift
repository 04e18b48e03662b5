import Testing
import Wire

@testable import Transport

@Suite struct StreamBufferTests {
    private let budget = BodyBudget(limit: 1000)

    private func append(_ count: Int, to buffer: inout StreamBuffer) -> StreamBuffer.Outcome {
        Bytes(Array(repeating: 1, count: count)).withUnsafeBytes { buffer.append($0, budget: budget) }
    }

    @Test func `what is handed over counts until it is given back`() {
        var buffer = StreamBuffer()
        var outcome = append(900, to: &buffer)
        #expect(outcome == .kept)
        #expect(!budget.isLent)
        let taken = buffer.take(600, budget: budget)
        let left = buffer.count
        #expect(taken.count == 600 && left == 300)
        #expect(budget.used == 900)
        #expect(budget.isLent && budget.hasRoom)
        outcome = append(100, to: &buffer)
        #expect(outcome == .kept)
        #expect(!budget.hasRoom)
        // Others have to wait, and it helps.
        var other = StreamBuffer()
        outcome = append(100, to: &other)
        #expect(outcome == .waiting)
        var hasRoom = other.retry(budget: budget)
        #expect(!hasRoom && budget.isLent)
        buffer.giveBack(budget: budget)
        #expect(budget.used == 500)
        #expect(!budget.isLent && budget.hasRoom)
        hasRoom = other.retry(budget: budget)
        #expect(hasRoom)
        buffer.clear(budget: budget)
        other.clear(budget: budget)
        #expect(budget.used == 0)
    }

    @Test func `what is lent is nothing to wait for when there would be no room without it`() {
        var large = StreamBuffer()
        var small = StreamBuffer()
        let outcomes = [append(1000, to: &large), append(10, to: &small)]
        #expect(outcomes == [.kept, .waiting])
        _ = small.take(10, budget: budget)
        #expect(!budget.isLent)
        small.giveBack(budget: budget)
        large.clear(budget: budget)
        #expect(budget.used == 0)
    }
}
