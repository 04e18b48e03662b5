import Compression
import Testing
import Wire

struct DecompressionTests {
    @Test(arguments: ForeignBody.all)
    func `bodies of other libraries are read`(body: ForeignBody) throws {
        let restored = try Decompression.decompress(body.bytes, body.algorithm, limit: 10_000)
        #expect(restored.string == ForeignBody.content.string)
    }

    @Test(arguments: ForeignBody.all)
    func `the limit is exact`(body: ForeignBody) throws {
        let size = ForeignBody.content.count
        #expect(try Decompression.decompress(body.bytes, body.algorithm, limit: size).count == size)
        for limit in [size - 1, size / 2, 1, 0] {
            #expect(throws: CompressionError.tooLarge(limit: limit)) {
                try Decompression.decompress(body.bytes, body.algorithm, limit: limit)
            }
        }
    }

    @Test(arguments: ForeignBody.all)
    func `a body cut at any byte is an error`(body: ForeignBody) throws {
        let bytes = body.bytes
        for length in 0..<bytes.count {
            do {
                let restored = try Decompression.decompress(
                    bytes[0..<length], body.algorithm, limit: 10_000)
                // Formats of several members end properly between two of them.
                #expect(restored.count < ForeignBody.content.count)
                #expect(["gzipTwoMembers", "zstdTwoFrames", "snappyFramed"].contains(body.testDescription))
            } catch {
                guard case .corrupt(let reason) = error else { throw error }
                #expect(!reason.isEmpty)
            }
        }
    }

    @Test(arguments: ForeignBody.all)
    func `damage never crashes and never exceeds the limit`(body: ForeignBody) throws {
        let original = body.bytes.array
        var random = SplitMix(seed: 42)
        var refused = 0
        for _ in 0..<20_000 {
            var damaged = original
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            if Bool.random(using: &random) {
                damaged.removeLast(Int.random(in: 0..<damaged.count, using: &random))
            }
            do {
                let restored = try Decompression.decompress(Bytes(damaged), body.algorithm, limit: 5000)
                #expect(restored.count <= 5000)
            } catch {
                refused += 1
            }
        }
        #expect(refused > 10_000)
    }

    @Test(arguments: CompressionAlgorithm.allCases)
    func `a bomb is stopped at the limit`(algorithm: CompressionAlgorithm) throws {
        let bomb = try Compressor(algorithm).compress([Samples.zeros(20_000_000)])
        #expect(bomb.count < 1_500_000)
        for limit in [0, 1000, 1_000_000] {
            #expect(throws: CompressionError.tooLarge(limit: limit)) {
                try Decompression.decompress(bomb, algorithm, limit: limit)
            }
        }
    }

    @Test(arguments: CompressionAlgorithm.allCases)
    func `noise is not a body`(algorithm: CompressionAlgorithm) {
        for seed in 0..<200 {
            #expect(throws: CompressionError.self) {
                let noise = Samples.noise(100 + seed, seed: UInt64(seed))
                _ = try Decompression.decompress(noise, algorithm, limit: 100_000)
            }
        }
    }

    @Test(arguments: CompressionAlgorithm.allCases)
    func `an empty body is an error that names the format`(algorithm: CompressionAlgorithm) {
        let error = #expect(throws: CompressionError.self) {
            try Decompression.decompress(.empty, algorithm, limit: 10)
        }
        #expect(error?.description.contains(algorithm.rawValue) == true)
    }

    @Test(arguments: CompressionAlgorithm.allCases)
    func `a small result does not hold on to a large buffer`(algorithm: CompressionAlgorithm) throws {
        let packed = try Compressor(algorithm).compress([Samples.text(100)])
        let before = LiveMemory.bytes
        var held: [Bytes] = []
        for _ in 0..<20_000 {
            held.append(try Decompression.decompress(packed, algorithm, limit: 1 << 30))
        }
        // Other tests run beside this one; the bound leaves them 160 MB and still catches a guess of 16 KiB.
        #expect(LiveMemory.bytes - before < 20_000 * 8_000)
        #expect(held.allSatisfy { $0.count == 100 })
    }
}
