import Compression
import Testing
import Wire

struct ZstdTests {
    @Test func `a frame that declares more than the limit is refused at once`() {
        // A header only: single segment, eight bytes of content size.
        let header = Bytes([0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x10])
        #expect(throws: CompressionError.tooLarge(limit: 1 << 30)) {
            try Decompression.decompress(header, .zstd, limit: 1 << 30)
        }
    }

    @Test func `a skippable frame before the content is skipped`() throws {
        let sample = Samples.text(50_000)
        let packed = try Compressor(.zstd).compress([sample])
        let body = Bytes([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3] + packed.array)
        #expect(try Decompression.decompress(body, .zstd, limit: 50_000).array == sample.array)
    }

    @Test func `a declared window of a gigabyte costs no memory`() throws {
        // RFC 8878: window descriptor 0xa0 is 2^30; one RLE block of 16 bytes, the last.
        let frame = Bytes([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa0, 0x83, 0x00, 0x00, 0x61])
        let restored = try Decompression.decompress(frame, .zstd, limit: 100)
        #expect(restored.string == String(repeating: "a", count: 16))
    }
}
