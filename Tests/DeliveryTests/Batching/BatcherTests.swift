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
}
