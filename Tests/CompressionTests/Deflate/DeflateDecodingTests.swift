import Compression
import Testing
import Wire

struct DeflateDecodingTests {
    private let sample = Samples.text(5000)

    @Test func `any number of gzip members are one body`() throws {
        let compressor = try Compressor(.gzip)
        var body: [UInt8] = []
        var expected: [UInt8] = []
        for size in [0, 10, 70_000, 1, 0, 3000] {
            let part = Samples.text(size, seed: UInt64(size))
            body += try compressor.compress([part]).array
            expected += part.array
        }
        let restored = try Decompression.decompress(Bytes(body), .gzip, limit: expected.count)
        #expect(restored.array == expected)
        #expect(throws: CompressionError.tooLarge(limit: expected.count - 1)) {
            try Decompression.decompress(Bytes(body), .gzip, limit: expected.count - 1)
        }
    }

    @Test(arguments: [CompressionAlgorithm.gzip, .zlib, .deflate])
    func `bytes behind the stream are an error`(algorithm: CompressionAlgorithm) throws {
        let body = try Compressor(algorithm).compress([sample]).array + [1, 2, 3]
        let error = #expect(throws: CompressionError.self) {
            try Decompression.decompress(Bytes(body), algorithm, limit: 10_000)
        }
        guard case .corrupt = error else {
            Issue.record("expected corrupt, got \(String(describing: error))")
            return
        }
    }

    @Test(arguments: [CompressionAlgorithm.gzip, .zlib])
    func `a wrong checksum is an error`(algorithm: CompressionAlgorithm) throws {
        var body = try Compressor(algorithm).compress([sample]).array
        body[body.count - (algorithm == .gzip ? 6 : 1)] ^= 1
        #expect(throws: CompressionError.self) {
            try Decompression.decompress(Bytes(body), algorithm, limit: 10_000)
        }
    }

    @Test func `a gzip size that lies costs no more than deflate can produce`() throws {
        var body = try Compressor(.gzip).compress([sample]).array
        body.replaceSubrange((body.count - 4)..., with: [255, 255, 255, 127])
        #expect(throws: CompressionError.self) {
            try Decompression.decompress(Bytes(body), .gzip, limit: 1 << 40)
        }
    }

    @Test func `the zlib format is not accepted as gzip nor the other way round`() throws {
        let gzip = try Compressor(.gzip).compress([sample])
        let zlib = try Compressor(.zlib).compress([sample])
        #expect(throws: CompressionError.self) { try Decompression.decompress(zlib, .gzip, limit: 10_000) }
        #expect(throws: CompressionError.self) { try Decompression.decompress(gzip, .zlib, limit: 10_000) }
    }
}
