// Finding fields and attributes in what is around a draft. Statements on spans ask their resource, once for
// each span: going through a resource of a hundred thousand attributes each time would take for ever.
extension Draft {
    /// Where fields and attributes of a large message are, as far as somebody has asked.
    struct Lookups {
        /// What it was read of: where the message begins in the source, and how many of its fields had come
        /// and gone.
        let start: Int
        let shape: Int
        /// Slots by the numbers of their fields and the keys of their attributes; `nil` for what is absent.
        var fields: [Int: Int?] = [:]
        var attributes: [[UInt8]: Int?] = [:]
    }

    /// From how many slots on it is worth remembering where they are.
    private static let largeCount = 64
    /// How many keys are remembered; after that it begins anew, since statements can compute keys.
    private static let keyLimit = 256

    /// Whether the message is large and asked by what is inside of it.
    @inline(__always)
    var isLargeParent: Bool { slots.count > Self.largeCount && access != .open }

    /// What `find` says of an attribute, which is asked only once.
    func remembered(_ key: [UInt8], _ find: () -> Int?) -> Int? {
        prepareLookups()
        if let known = lookups?.attributes[key] { return known }
        let found = find()
        if lookups?.attributes.count ?? 0 >= Self.keyLimit { lookups?.attributes = [:] }
        lookups?.attributes[key] = .some(found)
        return found
    }

    /// What `find` says of a field, which is asked only once.
    func remembered(_ number: Int, _ find: () -> Int?) -> Int? {
        prepareLookups()
        if let known = lookups?.fields[number] { return known }
        let found = find()
        lookups?.fields[number] = .some(found)
        return found
    }

    private func prepareLookups() {
        if let lookups, lookups.start == range.lowerBound, lookups.shape == shape { return }
        lookups = Lookups(start: range.lowerBound, shape: shape)
    }
}
