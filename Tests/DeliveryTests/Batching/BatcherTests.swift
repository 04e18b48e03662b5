import Delivery
import Pipeline
import PipelineTesting
import Telemetry
import Testing

@Suite struct BatcherTests {
    private func instant(_ milliseconds: Int) -> Instant { Instant(offset: .milliseconds(milliseconds)) }

    private func sizes(_ portions: [Batcher.Portion]) -> [Int] { portions.map { $0.batch.itemCount } }

    @Test func `what reaches the minimum goes, all of it`() throws {
        var batcher = Batcher(.init(minimum: 5, timeout: .seconds(1)))
        #expect(try batcher.add(Samples.batch(.traces, items: 4), at: instant(0)).isEmpty)
        let portions = try batcher.add(Samples.batch(.traces, items: 4), at: instant(1))
        #expect(sizes(portions) == [8])
        #expect(portions.map(\.trigger) == [.size])
        #expect(batcher.isEmpty)
        #expect(batcher.due == nil)
    }

    @Test func `a maximum cuts, and the rest waits from then on`() throws {
        var batcher = Batcher(.init(minimum: 4, maximum: 4, timeout: .seconds(1)))
        _ = try batcher.add(Samples.batch(.logs, items: 3), at: instant(0))
        let portions = try batcher.add(Samples.batch(.logs, items: 7), at: instant(500))
        #expect(sizes(portions) == [4, 4])
        #expect(batcher.due == instant(1500))
        #expect(sizes(batcher.flush()) == [2])
    }

    @Test func `the first item decides when the portion is due`() throws {
        var batcher = Batcher(.init(minimum: 100, timeout: .milliseconds(200)))
        _ = try batcher.add(Samples.batch(.metrics, items: 1), at: instant(10))
        _ = try batcher.add(Samples.batch(.metrics, items: 1), at: instant(150))
        #expect(batcher.due == instant(210))
        #expect(batcher.takeDue(at: instant(209)).isEmpty)
        let portions = batcher.takeDue(at: instant(210))
        #expect(sizes(portions) == [2])
        #expect(portions.map(\.trigger) == [.timeout])
    }

    @Test(arguments: [
        Batcher.Limits(minimum: 0, maximum: 2, timeout: .seconds(1)),
        Batcher.Limits(minimum: 100, maximum: 2, timeout: .zero),
    ])
    func `without a minimum or a timeout everything goes at once and is only cut`(limits: Batcher.Limits)
        throws
    {
        var batcher = Batcher(limits)
        #expect(try sizes(batcher.add(Samples.batch(.traces, items: 5), at: instant(0))) == [2, 2, 1])
        #expect(batcher.isEmpty)
    }

    @Test func `bytes can be what is counted`() throws {
        let one = try Samples.batch(.logs, items: 1)
        let limits = Batcher.Limits(
            sizer: .bytes, minimum: one.byteCount * 2, maximum: one.byteCount * 2, timeout: .seconds(1))
        var batcher = Batcher(limits)
        #expect(batcher.add(one, at: instant(0)).isEmpty)
        _ = batcher.add(one, at: instant(0))
        #expect(batcher.isEmpty)
        let portions = try batcher.add(Samples.batch(.logs, items: 50), at: instant(0))
        #expect(!portions.isEmpty)
        #expect(portions.allSatisfy { $0.batch.byteCount <= limits.maximum })
        #expect(sizes(portions + batcher.flush()).reduce(0, +) == 50)
    }

    @Test func `an item larger than the maximum still goes`() throws {
        var batcher = Batcher(.init(sizer: .bytes, minimum: 1, maximum: 1, timeout: .seconds(1)))
        #expect(try sizes(batcher.add(Samples.batch(.traces, items: 3), at: instant(0))) == [1, 1, 1])
    }

    @Test func `an empty batch starts no waiting`() {
        var batcher = Batcher(.init(minimum: 10, timeout: .seconds(1)))
        #expect(batcher.add(Batch(signal: .traces), at: instant(0)).isEmpty)
        #expect(batcher.due == nil)
    }

    @Test func `collecting appends chunks and moves nothing`() throws {
        var batcher = Batcher(.init(minimum: 6, timeout: .seconds(1)))
        _ = try batcher.add(Samples.batch(.traces), at: instant(0))
        let portions = try batcher.add(Samples.batch(.traces), at: instant(0))
        #expect(portions.first?.batch.chunks.count == 2)
    }

    // MARK: - Claims

    /// Somebody with a name.
    private final class Sender: Claimant {
        let goal = ClaimGoal.delivered
        let name: String
        init(_ name: String) { self.name = name }
        func missed(_ items: Int, reason: String, retry: ClaimRetry) {}
    }

    private func batch(_ items: Int, of sender: String?, claimed: Int? = nil) throws -> Batch {
        var batch = try Samples.batch(.logs, items: items)
        if let sender { batch.claims = [Claim(Sender(sender), items: claimed ?? items)] }
        return batch
    }

    private func senders(_ batch: Batch) -> [String] {
        batch.claims.compactMap { claim in (claim.claimant as? Sender).map { "\($0.name)\(claim.items)" } }
    }

    @Test func `a cut of batches with and without senders gives each part its own`() throws {
        var batcher = Batcher(.init(minimum: 9, maximum: 4, timeout: .seconds(1)))
        _ = try batcher.add(batch(3, of: nil), at: instant(0))
        _ = try batcher.add(batch(2, of: "a"), at: instant(0))
        _ = try batcher.add(batch(3, of: nil), at: instant(0))
        let portions = try batcher.add(batch(1, of: "b"), at: instant(0))
        #expect(portions.map { senders($0.batch) } == [["a1"]])
        #expect(portions.map { $0.batch.claims.items } == [1], "of the others nobody wants to know")
        #expect(batcher.flush().map { senders($0.batch) } == [["a1"], ["b1"]])
    }

    @Test func `who may have items on either side of a cut is told of both`() throws {
        var batcher = Batcher(.init(minimum: 100, maximum: 2, timeout: .seconds(1)))
        // A processor has taken out one of four items, nobody knows whose.
        var joined = try batch(3, of: nil)
        joined.claims = [Claim(Sender("a"), items: 2), Claim(Sender("b"), items: 2)]
        _ = batcher.add(joined, at: instant(0))
        _ = try batcher.add(batch(1, of: "c"), at: instant(0))
        #expect(batcher.flush().map { senders($0.batch) } == [["a2", "b1"], ["b2", "c1"]])
    }

    @Test func `what a processor has left of one sender's items is its own`() throws {
        var batcher = Batcher(.init(minimum: 100, maximum: 4, timeout: .seconds(1)))
        _ = try batcher.add(batch(1, of: "a", claimed: 3), at: instant(0))
        _ = try batcher.add(batch(5, of: "b"), at: instant(0))
        _ = try batcher.add(batch(1, of: "c"), at: instant(0))
        #expect(batcher.flush().map { senders($0.batch) } == [["a1", "b3"], ["b2", "c1"]])
    }
}
