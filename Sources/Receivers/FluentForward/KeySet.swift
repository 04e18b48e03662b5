internal import Wire

/// Keys that have been seen, for maps in which a key may come more than once.
struct KeySet {
    private var few: [Range<Int>] = []
    private var many: Set<[UInt8]> = []

    /// Up to so many keys, comparing with all is quicker than hashing.
    private static let threshold = 16

    /// Adds the key that is at `range` of `bytes`; false when it is known.
    mutating func insert(_ range: Range<Int>, of bytes: Bytes) -> Bool {
        guard few.count >= Self.threshold else {
            guard !few.contains(where: { Self.areEqual($0, range, bytes) }) else { return false }
            few.append(range)
            return true
        }
        if many.isEmpty { for known in few { many.insert(bytes[known].array) } }
        return many.insert(bytes[range].array).inserted
    }

    /// Forgets everything and keeps the memory.
    mutating func removeAll() {
        few.removeAll(keepingCapacity: true)
        many.removeAll()
    }

    private static func areEqual(_ left: Range<Int>, _ right: Range<Int>, _ bytes: Bytes) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).allSatisfy { bytes[$0] == bytes[$1] }
    }
}
