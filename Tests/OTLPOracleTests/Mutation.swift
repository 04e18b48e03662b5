import OTLPOracle

/// Damages bytes the way networks, bugs and attackers do.
struct Mutation {
    var source: RandomSource
    /// Bytes that mean something in the format at hand.
    let meaningful: [UInt8]

    /// Damages that belong to `seed`.
    init(seed: UInt64, meaningful: [UInt8]) {
        source = RandomSource(seed: seed)
        self.meaningful = meaningful
    }

    /// A copy of `bytes` with one to three damages.
    mutating func damage(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<source.integer(in: 1...3) {
            guard !bytes.isEmpty else { return bytes }
            let index = source.integer(in: 0...bytes.count - 1)
            let end = min(bytes.count, index + source.integer(in: 1...16))
            switch source.integer(in: 0...6) {
            case 0: bytes[index] ^= 1 << UInt8(source.integer(in: 0...7))
            case 1: bytes[index] = source.one(of: meaningful)
            case 2: bytes.insert(source.one(of: meaningful), at: index)
            case 3: bytes.removeSubrange(index..<end)
            case 4: bytes.insert(contentsOf: bytes[index..<end], at: source.integer(in: 0...bytes.count))
            case 5: bytes.remove(at: index)
            default: if source.once(in: 4) { bytes.removeSubrange(index...) }
            }
        }
        return bytes
    }
}
