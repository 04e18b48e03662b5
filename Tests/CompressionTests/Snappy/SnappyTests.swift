import Compression
import Testing
import Wire

struct SnappyTests {
    private let sample = Samples.text(200_000)

    @Test func `framed input is recognised where snappy is announced`() throws {
        let framed = try Compressor(.snappyFramed).compress([sample])
        #expect(try Decompression.decompress(framed, .snappy, limit: 200_000).array == sample.array)
    }

    @Test func `a block is not accepted as a framed stream`() throws {
        let block = try Compressor(.snappy).compress([sample])
        #expect(throws: CompressionError.self) {
            try Decompression.decompress(block, .snappyFramed, limit: 200_000)
        }
    }

    @Test func `a wrong chunk checksum is named`() throws {
        var framed = try Compressor(.snappyFramed).compress([sample]).array
        framed[14] ^= 0x40
        let error = #expect(throws: CompressionError.self) {
            try Decompression.decompress(Bytes(framed), .snappyFramed, limit: 200_000)
        }
        #expect(error?.description == "the snappy chunk at byte 10 has a wrong checksum")
    }

    @Test func `padding and reserved skippable chunks are skipped and others refused`() throws {
        let framed = try Compressor(.snappyFramed).compress([sample]).array
        let padded = framed + [0xfe, 3, 0, 0, 9, 9, 9] + [0x80, 0, 0, 0] + framed
        let restored = try Decompression.decompress(Bytes(padded), .snappyFramed, limit: 400_000)
        #expect(restored.array == sample.array + sample.array)
        let error = #expect(throws: CompressionError.self) {
            let unknown = Bytes(framed + [0x02, 0, 0, 0])
            return try Decompression.decompress(unknown, .snappyFramed, limit: 400_000)
        }
        #expect(error?.description.contains("unknown type 2") == true)
    }

    @Test func `a block that declares more than it can hold is refused before memory is taken`() {
        let lying = Bytes([0xff, 0xff, 0xff, 0xff, 0x07, 0x00, 0x61])
        let error = #expect(throws: CompressionError.self) {
            try Decompression.decompress(lying, .snappy, limit: 1 << 40)
        }
        #expect(error?.description == "the snappy block of 7 bytes declares 2147483647 bytes")
    }
}
