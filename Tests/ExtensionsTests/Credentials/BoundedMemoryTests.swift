import Testing

@testable import Extensions

@Suite struct BoundedMemoryTests {
    @Test func `the oldest is forgotten for a new one`() {
        let hasher = CredentialHasher()
        let digests = (0..<7).map { hasher.digest("\($0)") }
        var memory = BoundedMemory<Int>(capacity: 3)
        for (number, digest) in digests.enumerated() {
            memory.insert(number, for: digest)
            memory.insert(number, for: digest)
        }
        #expect(digests.map { memory[$0] } == [nil, nil, nil, nil, 4, 5, 6])
        memory.removeAll()
        #expect(digests.allSatisfy { memory[$0] == nil })
        memory.insert(1, for: digests[0])
        #expect(memory[digests[0]] == 1)
    }

    @Test func `digests match when the credentials are the same, under the same key only`() {
        let hasher = CredentialHasher()
        #expect(hasher.digest("a").matches(hasher.digest([UInt8(ascii: "a")])))
        #expect(!hasher.digest("a").matches(hasher.digest("b")))
        #expect(!hasher.digest("a").matches(CredentialHasher().digest("a")))
    }
}
