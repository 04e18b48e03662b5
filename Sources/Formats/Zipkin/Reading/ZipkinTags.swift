internal import Glibc
internal import Wire

/// Bytes that are compared and hashed by what they are.
struct TextKey: Hashable {
    let bytes: Bytes

    init(_ bytes: Bytes) { self.bytes = bytes }
    init(_ text: String) { bytes = Bytes(utf8: text) }

    static func == (left: TextKey, right: TextKey) -> Bool { left.bytes.isEqual(to: right.bytes) }

    func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }
}

extension Bytes {
    /// Whether the bytes are the same.
    func isEqual(to other: Bytes) -> Bool {
        guard count == other.count else { return false }
        return withUnsafeBytes { left in
            other.withUnsafeBytes { right in
                guard let left = left.baseAddress, let right = right.baseAddress else { return true }
                return memcmp(left, right, count) == 0
            }
        }
    }

    /// Whether the bytes are the UTF-8 of `text`.
    func isEqual(to text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        return withUnsafeBytes { memory in
            guard let start = memory.baseAddress else { return true }
            return memcmp(start, text.utf8Start, count) == 0
        }
    }
}

/// Keys and values of a span; of equal keys the last one counts.
struct ZipkinTags {
    /// Up to so many keys, comparing with all is quicker than hashing.
    private static let threshold = 16

    private(set) var pairs: [(key: Bytes, value: Bytes)] = []
    private var places: [TextKey: Int] = [:]

    /// Adds a pair, in the place of one with the same key.
    mutating func set(_ key: Bytes, _ value: Bytes) {
        if let place = place(of: key) {
            pairs[place].value = value
            return
        }
        pairs.append((key, value))
        guard pairs.count > Self.threshold else { return }
        if places.isEmpty {
            for (index, pair) in pairs.enumerated() { places[TextKey(pair.key)] = index }
        } else {
            places[TextKey(key)] = pairs.count - 1
        }
    }

    private func place(of key: Bytes) -> Int? {
        guard pairs.count <= Self.threshold else { return places[TextKey(key)] }
        return pairs.firstIndex { $0.key.isEqual(to: key) }
    }

    /// Forgets everything and keeps the memory.
    mutating func removeAll() {
        pairs.removeAll(keepingCapacity: true)
        if !places.isEmpty { places = [:] }
    }
}
