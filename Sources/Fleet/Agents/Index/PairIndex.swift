internal import FleetModel

/// Which agents have a pair of a key and a text, and which have a key at all.
struct PairIndex: Sendable {
    /// By the numbers of pairs.
    private(set) var byPair = PlaceSets()
    /// By the numbers of keys.
    private(set) var byKey = PlaceSets()

    mutating func insert(_ place: UInt32, _ numbers: some Sequence<UInt32>, of table: PairTable) {
        for number in numbers {
            byPair.insert(place, at: number)
            byKey.insert(place, at: table.key(of: number))
        }
    }

    mutating func remove(_ place: UInt32, _ numbers: some Sequence<UInt32>, of table: PairTable) {
        for number in numbers {
            byPair.remove(place, at: number)
            byKey.remove(place, at: table.key(of: number))
        }
    }

    /// Agents with a key.
    func having(_ key: String, in table: PairTable) -> PlaceSet { table.key(key).map { byKey[$0] } ?? .none }

    /// Adds agents that have a key with one of some texts.
    func add(_ key: String, _ texts: [String], in table: PairTable, to found: inout Bitmap) {
        guard let key = table.key(key) else { return }
        for text in texts {
            for isMarked in [false, true] {
                guard let number = table.number(key, text, isMarked: isMarked) else { continue }
                found.formUnion(byPair[number])
            }
        }
    }
}

/// What selectors look at: labels by operators, and attributes by the agents where operators say nothing.
struct LabelIndex: Sendable {
    /// Labels of agents; those of one agent are a number in a table of their own, too.
    private(set) var labels = PairTable()
    private(set) var byLabel = PairIndex()
    private(set) var byAttribute = PairIndex()

    /// An agent has these labels now, and had those before.
    mutating func label(_ place: UInt32, _ new: [String: String], before old: [String: String]) {
        var gone: [UInt32] = []
        for (key, text) in old where new[key] != text {
            guard let number = labels.key(key).flatMap({ labels.number($0, text) }) else { continue }
            byLabel.remove(place, CollectionOfOne(number), of: labels)
            gone.append(number)
        }
        for (key, text) in new where old[key] != text {
            byLabel.insert(place, CollectionOfOne(labels.take(key, text)), of: labels)
        }
        for number in gone { labels.release(number) }
    }

    /// An agent has these attributes now, and had those before; both are sorted.
    mutating func describe(
        _ place: UInt32, _ new: [UInt32], before old: [UInt32], in attributes: PairTable
    ) {
        var (gone, come): ([UInt32], [UInt32]) = ([], [])
        var (left, right) = (0, 0)
        while left < old.count || right < new.count {
            if right == new.count || left < old.count && old[left] < new[right] {
                gone.append(old[left])
                left += 1
            } else if left == old.count || new[right] < old[left] {
                come.append(new[right])
                right += 1
            } else {
                (left, right) = (left + 1, right + 1)
            }
        }
        byAttribute.remove(place, gone, of: attributes)
        byAttribute.insert(place, come, of: attributes)
    }

    /// Takes from `chosen` whom a requirement does not choose.
    func apply(
        _ requirement: Selector.Requirement, to chosen: inout Bitmap, _ attributes: PairTable
    ) {
        switch requirement {
        case .isOneOf(let key, let texts): chosen.formIntersection(having(key, texts, attributes))
        case .isNoneOf(let key, let texts): chosen.subtract(having(key, texts, attributes))
        case .exists(let key): chosen.formIntersection(having(key, attributes))
        case .doesNotExist(let key): chosen.subtract(having(key, attributes))
        }
    }

    private func having(_ key: String, _ texts: [String], _ attributes: PairTable) -> Bitmap {
        var found = Bitmap()
        byAttribute.add(key, texts, in: attributes, to: &found)
        // What operators say wins.
        found.subtract(byLabel.having(key, in: labels))
        byLabel.add(key, texts, in: labels, to: &found)
        return found
    }

    private func having(_ key: String, _ attributes: PairTable) -> Bitmap {
        var found = Bitmap()
        found.formUnion(byAttribute.having(key, in: attributes))
        found.formUnion(byLabel.having(key, in: labels))
        return found
    }
}
