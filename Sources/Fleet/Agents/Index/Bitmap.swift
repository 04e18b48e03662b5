/// Places of agents, a bit for each; small enough to be copied whenever one moment is looked at.
struct Bitmap: Sendable {
    private(set) var words: [UInt64] = []

    init() {}

    /// Sorted places.
    init(_ places: some Sequence<UInt32>) {
        for place in places { insert(place) }
    }

    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    /// How many there are.
    var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    func contains(_ place: UInt32) -> Bool {
        let index = Int(place >> 6)
        return index < words.count && words[index] >> UInt64(place & 63) & 1 == 1
    }

    mutating func insert(_ place: UInt32) {
        let index = Int(place >> 6)
        if index >= words.count { grow(to: index + 1) }
        words[index] |= 1 << UInt64(place & 63)
    }

    /// Takes a place out.
    ///
    /// - Returns: Whether the 64 places around it are empty now, though they were not.
    @discardableResult
    mutating func remove(_ place: UInt32) -> Bool {
        let index = Int(place >> 6)
        guard index < words.count, words[index] != 0 else { return false }
        words[index] &= ~(1 << UInt64(place & 63))
        return words[index] == 0
    }

    mutating func set(_ place: UInt32, _ isIn: Bool) {
        if isIn { insert(place) } else { remove(place) }
    }

    mutating func formUnion(_ other: Bitmap) {
        if other.words.count > words.count { grow(to: other.words.count) }
        for index in other.words.indices { words[index] |= other.words[index] }
    }

    mutating func formIntersection(_ other: Bitmap) {
        let common = min(words.count, other.words.count)
        for index in 0..<common { words[index] &= other.words[index] }
        for index in common..<words.count { words[index] = 0 }
    }

    mutating func subtract(_ other: Bitmap) {
        for index in 0..<min(words.count, other.words.count) { words[index] &= ~other.words[index] }
    }

    func intersection(_ other: Bitmap) -> Bitmap {
        var common = self
        common.formIntersection(other)
        return common
    }

    /// How many are in both.
    func countCommon(_ other: Bitmap) -> Int {
        var count = 0
        for index in 0..<min(words.count, other.words.count) {
            count += (words[index] & other.words[index]).nonzeroBitCount
        }
        return count
    }

    /// The places of a part of the words, one after the other.
    func forEach(in range: Range<Int>? = nil, _ body: (UInt32) -> Void) {
        for index in (range ?? words.indices).clamped(to: words.indices) {
            var word = words[index]
            while word != 0 {
                body(UInt32(index << 6 + word.trailingZeroBitCount))
                word &= word - 1
            }
        }
    }

    /// Only as much as is needed and an eighth: there are a thousand of these in a large fleet.
    private mutating func grow(to count: Int) {
        if count > words.capacity { words.reserveCapacity(count + count / 8 + 4) }
        words.append(contentsOf: repeatElement(0, count: count - words.count))
    }
}
