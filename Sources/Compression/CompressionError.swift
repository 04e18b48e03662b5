/// Why a body could not be compressed or decompressed.
public enum CompressionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The decompressed body would be larger than `limit` bytes.
    case tooLarge(limit: Int)
    /// There is no memory for the body at the moment; the same body may be taken later.
    case noRoom
    /// The input is truncated or damaged, or is not in the format it was said to be.
    case corrupt(reason: String)
    /// The algorithm has no such level.
    case unsupportedLevel(Int, CompressionAlgorithm)
    /// The library could not do its work, which means that memory ran out.
    case failed(reason: String)

    public var description: String {
        switch self {
        case .tooLarge(let limit): return "the decompressed body is larger than \(limit) bytes"
        case .noRoom: return "there is no memory for the decompressed body at the moment"
        case .corrupt(let reason): return reason
        case .unsupportedLevel(let level, let algorithm):
            guard let levels = algorithm.levels else {
                return
                    "\(algorithm.rawValue) has no compression levels; leave the level out instead of \(level)"
            }
            let range = "\(levels.lowerBound) to \(levels.upperBound)"
            return "compression level \(level) does not exist for \(algorithm.rawValue); use \(range)"
        case .failed(let reason): return reason
        }
    }
}
