import Compression
import Testing
import Wire

@Suite struct ChecksumTests {
    @Test(arguments: [
        ("", 0 as UInt32), ("a", 0xe8b7_be43), ("123456789", 0xcbf4_3926),
        ("The quick brown fox jumps over the lazy dog", 0x414f_a339),
    ])
    func `it is the CRC-32 that everybody knows`(text: String, expected: UInt32) {
        #expect(Checksum(of: Bytes(utf8: text)).value == expected)
    }

    @Test func `pieces of any size give the checksum of the whole`() {
        let bytes = Bytes((0..<500).map { UInt8(truncatingIfNeeded: $0 * 7) })
        for size in [1, 2, 3, 64, 499] {
            var checksum = Checksum()
            for start in stride(from: 0, to: bytes.count, by: size) {
                checksum.update(bytes[start..<min(start + size, bytes.count)])
                checksum.update(UnsafeRawBufferPointer(start: nil, count: 0))
                checksum.update(.empty)
            }
            #expect(checksum == Checksum(of: bytes))
        }
    }
}
