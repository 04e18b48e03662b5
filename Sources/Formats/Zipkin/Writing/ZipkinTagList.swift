/// Tags of a span that is being written, over those of its resource and scope; of equal keys the last counts.
struct ZipkinTagList {
    /// Up to so many keys, comparing with all is quicker than hashing.
    private static let threshold = 16

    private let base: [(key: String, value: String)]
    /// Without a value, a key is not written, whatever the base says.
    private var own: [(key: String, value: String?)] = []
    private var places: [String: Int] = [:]

    /// - Parameter base: tags with keys of which none comes twice.
    init(over base: [(key: String, value: String)] = []) { self.base = base }

    /// Sets a tag.
    mutating func set(_ key: String, _ value: String) { replace(key, value) }

    /// Leaves a tag out.
    mutating func remove(_ key: String) { replace(key, nil) }

    /// The value of a tag.
    subscript(key: String) -> String? {
        if let place = place(of: key) { return own[place].value }
        return base.first { $0.key == key }?.value
    }

    /// All tags, those of the base first.
    var all: [(key: String, value: String)] {
        guard !own.isEmpty else { return base }
        let kept = base.filter { place(of: $0.key) == nil }
        return kept + own.compactMap { tag in tag.value.map { (key: tag.key, value: $0) } }
    }

    private mutating func replace(_ key: String, _ value: String?) {
        if let place = place(of: key) {
            own[place].value = value
            return
        }
        own.append((key, value))
        guard own.count > Self.threshold else { return }
        if places.isEmpty {
            for (place, tag) in own.enumerated() { places[tag.key] = place }
        } else {
            places[key] = own.count - 1
        }
    }

    private func place(of key: String) -> Int? {
        own.count > Self.threshold ? places[key] : own.firstIndex { $0.key == key }
    }
}
