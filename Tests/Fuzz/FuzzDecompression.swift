import Compression
import Wire

/// The first byte chooses the algorithm; the rest is the body.
///
/// What comes out stays within the limit.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 0 else { return 0 }
    let input = Bytes(copying: UnsafeRawBufferPointer(start: start + 1, count: count - 1))
    let algorithms = CompressionAlgorithm.allCases
    let algorithm = algorithms[Int(start[0]) % algorithms.count]
    let limit = 1 << 16
    if let output = try? Decompression.decompress(input, algorithm, limit: limit) {
        precondition(output.count <= limit, "\(algorithm) gave \(output.count) bytes, more than its limit")
    }
    return 0
}
