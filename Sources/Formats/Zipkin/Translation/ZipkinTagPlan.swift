internal import Telemetry
internal import Wire

/// What becomes of the tags of a span of version 2.
struct ZipkinTagPlan {
    private var special = [Int](repeating: -1, count: ZipkinTagRole.allCases.count)
    private(set) var resource: [Int] = []
    private(set) var ordinary: [Int] = []
    /// Where links are, by their number.
    private var links: [Int] = []

    /// Looks at all tags of a span.
    mutating func sort(_ tags: ZipkinTags) {
        for role in special.indices { special[role] = -1 }
        resource.removeAll(keepingCapacity: true)
        ordinary.removeAll(keepingCapacity: true)
        links.removeAll(keepingCapacity: true)
        for (index, pair) in tags.pairs.enumerated() {
            switch ZipkinTagRole.role(of: pair.key) {
            case nil:
                if let number = Self.linkNumber(pair.key) {
                    while links.count <= number { links.append(-1) }
                    links[number] = index
                } else {
                    ordinary.append(index)
                }
            case .resource: resource.append(index)
            case .some(let role): special[role.rawValue] = index
            }
        }
    }

    /// Where the tag with a role is; `nil` when there is none, or when it has been taken.
    func place(of role: ZipkinTagRole) -> Int? {
        let place = special[role.rawValue]
        return place < 0 ? nil : place
    }

    /// Takes the tag with a role, so that it does not become an attribute; `nil` when there is none.
    mutating func take(_ role: ZipkinTagRole) -> Int? {
        let place = place(of: role)
        special[role.rawValue] = -1
        return place
    }

    /// Where the tags of links are, from number 0 on up to the first number that is missing.
    var linkPlaces: ArraySlice<Int> { links.prefix { $0 >= 0 } }

    /// Makes ordinary tags of those with a role that nobody took and of links behind a gap.
    mutating func keepRest() {
        for place in special where place >= 0 { ordinary.append(place) }
        for place in links.drop(while: { $0 >= 0 }) where place >= 0 { ordinary.append(place) }
    }

    /// Makes an ordinary tag of one that was taken for something else.
    mutating func keep(_ place: Int) { ordinary.append(place) }

    /// The number of a link: `otlp.link.7` is 7.
    private static func linkNumber(_ key: Bytes) -> Int? {
        let prefix = ZipkinNames.linkPrefix.utf8
        guard key.count > prefix.count, key.count <= prefix.count + 3,
            prefix.enumerated().allSatisfy({ key[$0.offset] == $0.element })
        else { return nil }
        let digits = key[prefix.count..<key.count].string
        guard let number = Int(digits), number >= 0, number < ZipkinNames.linkLimit,
            String(number) == digits
        else { return nil }
        return number
    }
}
