// Finding fields and attributes in what is around a draft. Statements on spans ask and change their resource,
// once for each span: going through a resource of a hundred thousand attributes each time would take for
// ever. All of this is kept apart from what edits do to records, which are small and many.
extension Draft {
    /// Where fields and attributes of a large message are, as far as somebody has asked.
    struct Lookups {
        /// Where the message that it is about begins in the source.
        let start: Int
        /// Slots by the numbers of their fields and the keys of their attributes; `nil` for what is absent.
        var fields: [Int: Int?] = [:]
        var attributes: [[UInt8]: Int?] = [:]
    }

    /// From how many slots on it is worth remembering where they are.
    private static let largeCount = 64
    /// How many keys are remembered; after that it begins anew, since statements can compute keys.
    private static let keyLimit = 256

    /// Whether the message is large.
    @inline(__always)
    var isLarge: Bool { slots.count > Self.largeCount }

    /// Index of the first attribute with a key in UTF-8; in a large message it is looked for once.
    @inline(never)
    func remembered(_ key: [UInt8]) -> Int? {
        load()
        guard isLarge else { return key.withUnsafeBytes { find($0, from: 0) } }
        prepareLookups()
        if let known = lookups?.attributes[key] { return known }
        let found = key.withUnsafeBytes { find($0, from: 0) }
        if lookups?.attributes.count ?? 0 >= Self.keyLimit { lookups?.attributes = [:] }
        lookups?.attributes[key] = .some(found)
        return found
    }

    /// Index of the last field `number` of a large message, which is looked for once.
    @inline(never)
    func remembered(_ number: Int) -> Int? {
        prepareLookups()
        if let known = lookups?.fields[number] { return known }
        let found = lastSlot(number)
        lookups?.fields[number] = .some(found)
        return found
    }

    /// Takes out every attribute with a key in UTF-8; returns whether there was one.
    @inline(never)
    func removeRemembered(_ key: [UInt8]) -> Bool {
        guard var index = remembered(key) else { return false }
        remove(at: index)
        key.withUnsafeBytes { wanted in
            while let next = find(wanted, from: index + 1) {
                index = next
                remove(at: index)
            }
        }
        if isLarge { lookups?.attributes[key] = .some(nil) }
        return true
    }

    /// Takes note of a slot that was added behind all others.
    @inline(never)
    func noteAdded(at index: Int) {
        guard lookups != nil else { return }
        let number = Int(slots[index].number)
        lookups?.fields[number] = .some(index)
        guard number == kind.attributesField else { return }
        let key = key(at: index)
        if let known = lookups?.attributes[key], known == nil { lookups?.attributes[key] = .some(index) }
    }

    /// Takes note of a slot that is about to be taken out.
    @inline(never)
    func noteRemoval(at index: Int) {
        guard lookups != nil else { return }
        let number = Int(slots[index].number)
        if lookups?.fields[number] == index { lookups?.fields.removeValue(forKey: number) }
        guard number == kind.attributesField else { return }
        let key = key(at: index)
        if lookups?.attributes[key] == index { lookups?.attributes.removeValue(forKey: key) }
    }

    /// Takes note that there is no field `number` any more.
    @inline(never)
    func noteAbsent(_ number: Int) { lookups?.fields[number] = .some(nil) }

    /// Forgets what is known of another message.
    ///
    /// The same message does not come again in a source, and with another source `turn` forgets everything.
    private func prepareLookups() {
        if lookups?.start != range.lowerBound { lookups = Lookups(start: range.lowerBound) }
    }
}
