import Synchronization
import Telemetry
import Testing

@Suite struct ClaimTests {
    private final class Recorder: Claimant {
        let goal = ClaimGoal.delivered
        func missed(_ items: Int, reason: String, retry: ClaimRetry) {}
    }

    private let first = Recorder()
    private let second = Recorder()

    /// A batch of 10 items of which `first` has 4 and `second` 6.
    private func merged() -> Batch {
        var batch = Sample.batch(.logs, size: 4)
        batch.claims = [Claim(first, items: 4)]
        var other = Sample.batch(.logs, size: 6)
        other.claims = [Claim(second, items: 6)]
        batch.append(other)
        return batch
    }

    private func items(_ batch: Batch, of recorder: Recorder) -> Int {
        batch.claims.filter { $0.claimant === recorder }.reduce(0) { $0 + $1.items }
    }

    @Test func `merging keeps the claims of both batches`() {
        let batch = merged()
        #expect(items(batch, of: first) == 4)
        #expect(items(batch, of: second) == 6)
    }

    @Test(arguments: 1...9)
    func `cutting gives each part the claims on its items`(count: Int) {
        var rest = merged()
        let head = rest.removeFirst(items: count)
        #expect(head.claims.reduce(0) { $0 + $1.items } == count)
        #expect(items(head, of: first) == min(count, 4))
        #expect(items(rest, of: first) == max(4 - count, 0))
        #expect(items(rest, of: second) == min(10 - count, 6))
        #expect(rest.claims.allSatisfy { $0.items > 0 })
    }

    @Test func `taking everything takes every claim, also those on items a processor took out`() {
        var batch = merged()
        batch.claims.append(Claim(first, items: 5))
        let all = batch.removeFirst(items: 100)
        #expect(items(all, of: first) == 9)
        #expect(batch.claims.isEmpty)
    }

    @Test func `cutting by bytes gives each part the claims on its items`() {
        var rest = merged()
        let head = rest.removeFirst(bytes: rest.byteCount / 2)
        #expect(head.claims.reduce(0) { $0 + $1.items } == head.itemCount)
        #expect(rest.claims.reduce(0) { $0 + $1.items } == rest.itemCount)
    }

    @Test func `items that nobody waits for keep their place when batches are merged`() {
        var batch = Sample.batch(.logs, size: 3)
        var other = Sample.batch(.logs, size: 2)
        other.claims = [Claim(first, items: 2)]
        batch.append(other)
        batch.append(Sample.batch(.logs, size: 4))
        let (head, middle) = (batch.removeFirst(items: 3), batch.removeFirst(items: 3))
        #expect(head.claims.isEmpty)
        #expect(items(middle, of: first) == 2)
        #expect(batch.claims.isEmpty && batch.itemCount == 3)
    }

    @Test func `what is left of one sender's items is its own, and does not run into those of another`() {
        var batch = Sample.batch(.logs, size: 2)
        batch.claims = [Claim(first, items: 5)]
        var other = Sample.batch(.logs, size: 4)
        other.claims = [Claim(second, items: 4)]
        batch.append(other)
        let head = batch.removeFirst(items: 2)
        #expect(items(head, of: first) == 2 && items(head, of: second) == 0)
        #expect(items(batch, of: first) == 0 && items(batch, of: second) == 4)
    }

    @Test func `when nobody knows which items are left, each part has the claims that may be on it`() {
        var batch = merged()
        batch.claims.append(Claim(first, items: 1))
        // One of eleven is gone, so an item stands where it was or one place before.
        let head = batch.removeFirst(items: 4)
        #expect(items(head, of: first) == 4 && items(head, of: second) == 1)
        #expect(items(batch, of: second) == 6 && items(batch, of: first) == 1)
    }
}
