/// The places of agents that have something in common, in as little memory as it takes: most values are one
/// agent's own, some are nearly everybody's.
enum PlaceSet: Sendable {
    case none
    case one(UInt32)
    /// Sorted; four bytes each.
    case few([UInt32])
    /// From where a bit for each place is no more than a sorted list.
    case many(Bitmap)

    mutating func insert(_ place: UInt32) {
        switch self {
        case .none: self = .one(place)
        case .one(let other):
            guard other != place else { return }
            self = .few([min(place, other), max(place, other)])
        case .few(var list):
            // Nobody else has the list while it is changed.
            self = .none
            let index = Self.index(of: place, in: list)
            if index == list.count || list[index] != place {
                if list.count == list.capacity { list.reserveCapacity(list.count + list.count / 4 + 2) }
                list.insert(place, at: index)
            }
            self = list.count * 32 > Int(list[list.count - 1]) + 64 ? .many(Bitmap(list)) : .few(list)
        case .many(var bits):
            self = .none
            bits.insert(place)
            self = .many(bits)
        }
    }

    mutating func remove(_ place: UInt32) {
        switch self {
        case .none: break
        case .one(let other): if other == place { self = .none }
        case .few(var list):
            self = .none
            let index = Self.index(of: place, in: list)
            if index < list.count, list[index] == place { list.remove(at: index) }
            self = Self.small(list)
        case .many(var bits):
            self = .none
            let isThinner = bits.remove(place)
            // Half of what made it one, so that it does not go to and fro.
            if isThinner, bits.count < bits.words.count {
                var list: [UInt32] = []
                bits.forEach { list.append($0) }
                self = Self.small(list)
            } else {
                self = .many(bits)
            }
        }
    }

    var isEmpty: Bool { count == 0 }

    var count: Int {
        switch self {
        case .none: 0
        case .one: 1
        case .few(let list): list.count
        case .many(let bits): bits.count
        }
    }

    func contains(_ place: UInt32) -> Bool {
        switch self {
        case .none: return false
        case .one(let other): return other == place
        case .few(let list):
            let index = Self.index(of: place, in: list)
            return index < list.count && list[index] == place
        case .many(let bits): return bits.contains(place)
        }
    }

    /// How many of them are among others.
    func count(in others: Bitmap) -> Int {
        switch self {
        case .none: 0
        case .one(let place): others.contains(place) ? 1 : 0
        case .few(let list): list.reduce(0) { $0 + (others.contains($1) ? 1 : 0) }
        case .many(let bits): bits.countCommon(others)
        }
    }

    private static func small(_ list: [UInt32]) -> PlaceSet {
        list.isEmpty ? .none : list.count == 1 ? .one(list[0]) : .few(list)
    }

    /// Where a place is in a sorted list, or would be.
    private static func index(of place: UInt32, in list: [UInt32]) -> Int {
        // Agents that come get larger and larger places.
        guard let last = list.last, last >= place else { return list.count }
        var (low, high) = (0, list.count)
        while low < high {
            let middle = (low + high) / 2
            if list[middle] < place { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension Bitmap {
    mutating func formUnion(_ set: PlaceSet) {
        switch set {
        case .none: break
        case .one(let place): insert(place)
        case .few(let list): for place in list { insert(place) }
        case .many(let bits): formUnion(bits)
        }
    }

    mutating func subtract(_ set: PlaceSet) {
        switch set {
        case .none: break
        case .one(let place): remove(place)
        case .few(let list): for place in list { remove(place) }
        case .many(let bits): subtract(bits)
        }
    }

    mutating func formIntersection(_ set: PlaceSet) {
        if case .many(let bits) = set { return formIntersection(bits) }
        var found = Bitmap()
        found.formUnion(set)
        formIntersection(found)
    }
}

/// Sets of places by small numbers, such as those of a table.
struct PlaceSets: Sendable {
    private(set) var sets: [PlaceSet] = []

    subscript(number: UInt32) -> PlaceSet { Int(number) < sets.count ? sets[Int(number)] : .none }

    mutating func insert(_ place: UInt32, at number: UInt32) {
        guard number != .absent else { return }
        while sets.count <= Int(number) { sets.append(.none) }
        sets[Int(number)].insert(place)
    }

    mutating func remove(_ place: UInt32, at number: UInt32) {
        guard Int(number) < sets.count else { return }
        sets[Int(number)].remove(place)
    }

    mutating func move(_ place: UInt32, from old: UInt32, to new: UInt32) {
        guard old != new else { return }
        remove(place, at: old)
        insert(place, at: new)
    }
}
