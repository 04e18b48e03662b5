internal import Wire

/// Which of two libraries writes a deflate stream, and how hard it tries.
///
/// ISA-L is the fastest by far but has a fixed cost of about 10 µs and three levels; libdeflate is better
/// below about 3 KB and where a level asks for a better ratio.
struct DeflateEncoding: Sendable {
    let container: DeflateContainer
    private let engine: Engine

    private enum Engine {
        case automatic
        case isal(level: Int)
        case libdeflate(level: Int)
    }

    /// Below this size the fixed cost of ISA-L is larger than what it saves (measured).
    private static let smallBody = 3 * 1024

    init(container: DeflateContainer, level: Int?) {
        self.container = container
        engine =
            switch level {
            case nil, -1, 1: .automatic
            case -2: .isal(level: 0)
            case 2, 3: .isal(level: 3)
            case .some(let level): .libdeflate(level: level)
            }
    }

    func encode(_ parts: [Bytes]) throws(CompressionError) -> Bytes {
        switch engine {
        case .automatic where parts.byteCount < Self.smallBody:
            try LibdeflateEncoder.encode(parts.joined(), container: container, level: 1)
        case .automatic: try IsalEncoder.encode(parts, container: container, level: 1)
        case .isal(let level): try IsalEncoder.encode(parts, container: container, level: level)
        case .libdeflate(let level):
            try LibdeflateEncoder.encode(parts.joined(), container: container, level: level)
        }
    }
}
