import Testing

@testable import Transport

@Suite struct ReadBufferSizeTests {
    @Test func `without a limit every connection reads as much as is useful`() {
        #expect(ReadBufferSize.maximum(connections: 10_000, limit: .max) == 256 << 10)
    }

    @Test(arguments: [(1, 256), (8, 256), (16, 128), (64, 32), (128, 16), (10_000, 16)])
    func `the more connections share a limit, the less each reads at a time`(connections: Int, size: Int) {
        #expect(ReadBufferSize.maximum(connections: connections, limit: 128 << 20) == size << 10)
    }
}
