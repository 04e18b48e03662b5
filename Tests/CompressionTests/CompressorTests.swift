import Compression
import Testing
import Wire

struct CompressorTests {
    @Test(arguments: CompressionAlgorithm.allCases)
    func `what was compressed comes back`(algorithm: CompressionAlgorithm) throws {
        let compressor = try Compressor(algorithm)
        for sample in Samples.all {
            let packed = try compressor.compress([sample])
            let restored = try Decompression.decompress(packed, algorithm, limit: sample.count)
            #expect(restored.array == sample.array)
        }
    }

    @Test(arguments: CompressionAlgorithm.allCases)
    func `every level comes back`(algorithm: CompressionAlgorithm) throws {
        for level in algorithm.levels ?? 0...0 {
            let compressor = try Compressor(algorithm, level: level)
            for sample in [Bytes.empty, Samples.text(500), Samples.text(200_000), Samples.noise(100_000)] {
                let packed = try compressor.compress([sample])
                let restored = try Decompression.decompress(packed, algorithm, limit: sample.count)
                #expect(restored.array == sample.array, "level \(level), \(sample.count) bytes")
            }
        }
    }

    @Test(arguments: CompressionAlgorithm.allCases)
    func `parts become one body`(algorithm: CompressionAlgorithm) throws {
        let compressor = try Compressor(algorithm)
        var random = SplitMix(seed: 7)
        for round in 0..<40 {
            let parts = (0..<Int.random(in: 0...6, using: &random)).map { index in
                let size = Int.random(in: 0...40_000, using: &random)
                return index % 3 == 0 ? Samples.noise(size) : Samples.text(size, seed: UInt64(round))
            }
            let packed = try compressor.compress(parts)
            let restored = try Decompression.decompress(packed, algorithm, limit: 1 << 20)
            #expect(restored.array == parts.flatMap(\.array))
        }
    }

    @Test(arguments: [
        (CompressionAlgorithm.gzip, 10, "use -2 to 9"), (.zlib, -3, "use -2 to 9"),
        (.deflate, 11, "use -2 to 9"),
        (.zstd, 0, "use 1 to 19"), (.zstd, 20, "use 1 to 19"), (.snappy, 1, "no compression levels"),
        (.snappyFramed, 3, "no compression levels"),
    ])
    func `a level that does not exist is refused with the range`(
        algorithm: CompressionAlgorithm, level: Int, range: String
    ) {
        let error = #expect(throws: CompressionError.self) { try Compressor(algorithm, level: level) }
        #expect(error?.description.contains(range) == true)
        #expect(error?.description.contains(algorithm.rawValue) == true)
    }

    @Test func `a higher level gives a smaller body`() throws {
        let sample = Samples.text(200_000)
        for algorithm in [CompressionAlgorithm.gzip, .zlib, .zstd] {
            let fast = try Compressor(algorithm, level: 1).compress([sample])
            let best = try Compressor(algorithm, level: 9).compress([sample])
            #expect(best.count < fast.count)
        }
    }

    @Test func `text shrinks in every format`() throws {
        for algorithm in CompressionAlgorithm.allCases {
            let packed = try Compressor(algorithm).compress([Samples.text(100_000)])
            #expect(packed.count < 70_000)
        }
    }

    @Test func `many tasks share one compressor`() async throws {
        let compressor = try Compressor(.gzip)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for seed in 0..<32 {
                group.addTask {
                    let sample = Samples.text(20_000, seed: UInt64(seed))
                    let packed = try compressor.compress([sample])
                    let restored = try Decompression.decompress(packed, .gzip, limit: 20_000)
                    return restored.array == sample.array
                }
            }
            for try await isEqual in group { #expect(isEqual) }
        }
    }
}
