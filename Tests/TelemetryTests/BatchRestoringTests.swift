import Telemetry
import Testing
import Wire

@Suite struct BatchRestoringTests {
    @Test func `a restored batch is the one that was taken apart`() throws {
        let origin = Origin(peer: "10.1.2.3:4", metadata: ["a": ["b"]])
        let chunks = [(bytes: Bytes([1, 2, 3]), itemCount: 2), (Bytes([4]), 0), (Bytes([5, 6]), 5)]
        let batch = Batch(restoring: chunks, signal: .profiles, origin: origin)
        #expect(batch.signal == .profiles)
        #expect(batch.itemCount == 7)
        #expect(batch.byteCount == 6)
        #expect(batch.origin === origin)
        #expect(batch.chunks.map { $0.bytes.array } == [[1, 2, 3], [4], [5, 6]])
        #expect(batch.chunks.map { $0.itemCount } == [2, 0, 5])
        #expect(Batch(restoring: [], signal: .logs, origin: nil).itemCount == 0)
    }
}
