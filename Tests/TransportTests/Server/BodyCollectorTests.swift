import Testing
import Wire

@testable import Transport

@Suite struct BodyCollectorTests {
    /// A collector with its budget; the macros of the tests cannot hold what is not copyable.
    private final class Collecting {
        private var collector = BodyCollector()
        private let budget: BodyBudget

        init(_ budget: BodyBudget) { self.budget = budget }

        var capacity: Int { collector.capacity }
        var isDiscarding: Bool { collector.isDiscarding }

        func begin(limit: Int, framing: BodyFraming = .plain, expected: Int? = nil) -> Bool {
            collector.begin(limit: limit, framing: framing, expected: expected)
        }

        func take(_ bytes: [UInt8]) -> BodyCollector.Outcome {
            bytes.withUnsafeBytes { collector.take($0, budget: budget) }
        }

        func take(count: Int) -> BodyCollector.Outcome { take([UInt8](repeating: 7, count: count)) }
        func retry() -> Bool { collector.retry(budget: budget) }
        func finish() -> Bytes { collector.finish(budget: budget) }
    }

    @Test func `pieces become one body and the budget gets its bytes back`() {
        let budget = BodyBudget(limit: 1000)
        let collector = Collecting(budget)
        #expect(collector.begin(limit: 100))
        #expect(collector.take(count: 40) == .kept)
        #expect(collector.take(count: 60) == .kept)
        #expect(budget.used >= 100)
        #expect(collector.finish().count == 100)
        #expect(budget.used == 0)
    }

    @Test func `a body without a byte is empty`() {
        let budget = BodyBudget(limit: 1000)
        let collector = Collecting(budget)
        #expect(collector.begin(limit: 100, expected: 0))
        #expect(collector.finish().isEmpty)
    }

    @Test func `a declared length over the limit is refused before a byte is read`() {
        let collector = Collecting(BodyBudget(limit: 1000))
        #expect(!collector.begin(limit: 100, expected: 101))
        #expect(collector.begin(limit: 100, expected: 100))
    }

    @Test func `one byte over the limit is too large and what follows is thrown away`() {
        let budget = BodyBudget(limit: 1000)
        let collector = Collecting(budget)
        #expect(collector.begin(limit: 100))
        #expect(collector.take(count: 100) == .kept)
        #expect(collector.take(count: 1) == .tooLarge)
        #expect(collector.take(count: 1) == .discarded)
        #expect(budget.used == 0)
    }

    @Test func `a gRPC prefix over the limit is refused with its first piece`() {
        let budget = BodyBudget(limit: 1000)
        let collector = Collecting(budget)
        #expect(collector.begin(limit: 105, framing: .lengthPrefixed))
        #expect(collector.take([0, 0, 0, 0, 101, 1]) == .tooLarge)
    }

    @Test func `a length that is only claimed takes little of the budget`() {
        let budget = BodyBudget(limit: 100 << 20)
        let collector = Collecting(budget)
        #expect(collector.begin(limit: 64 << 20, expected: 64 << 20))
        #expect(collector.take(count: 10) == .kept)
        #expect(budget.used <= 256 << 10)
    }

    @Test func `memory follows what arrived, up to the length that was claimed`() {
        let budget = BodyBudget(limit: 100 << 20)
        let collector = Collecting(budget)
        #expect(collector.begin(limit: 64 << 20, expected: 10 << 20))
        #expect(collector.take(count: 10) == .kept)
        #expect(collector.capacity == 256 << 10)
        #expect(collector.take(count: 256 << 10) == .kept)
        #expect(collector.capacity == 2 << 20)
        #expect(collector.take(count: 2 << 20) == .kept)
        #expect(collector.capacity == 10 << 20)
        #expect(collector.finish().count == 10 + (256 << 10) + (2 << 20))
        #expect(collector.begin(limit: 64 << 20, expected: 100))
        #expect(collector.take(count: 100) == .kept)
        #expect(collector.capacity == 100)
    }

    @Test func `a body waits when others have the budget and goes on when they give it back`() {
        let budget = BodyBudget(limit: 1000)
        let first = Collecting(budget)
        let second = Collecting(budget)
        #expect(first.begin(limit: 900, expected: 900))
        #expect(second.begin(limit: 900, expected: 900))
        #expect(first.take(count: 900) == .kept)
        #expect(second.take(count: 200) == .waiting)
        #expect(second.retry() == false)
        #expect(first.finish().count == 900)
        #expect(second.retry())
        #expect(second.take(count: 700) == .kept)
        #expect(second.finish().count == 900)
        #expect(budget.used == 0)
    }

    @Test func `far over the budget a body is refused`() {
        let budget = BodyBudget(limit: 1000)
        let first = Collecting(budget)
        let second = Collecting(budget)
        #expect(first.begin(limit: 1000, expected: 1000))
        #expect(second.begin(limit: 1000, expected: 1000))
        #expect(first.take(count: 1000) == .kept)
        #expect(second.take(count: 300) == .refused)
        #expect(second.isDiscarding)
        #expect(budget.used == 1000)
    }

    @Test func `one body alone may be larger than the whole budget`() {
        let budget = BodyBudget(limit: 10)
        let collector = Collecting(budget)
        #expect(collector.begin(limit: 1000, expected: 1000))
        #expect(collector.take(count: 1000) == .kept)
    }
}
