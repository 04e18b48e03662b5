internal import Pipeline
internal import Telemetry

/// What was decided about the traces that were looked at last: a bounded map that forgets those first for
/// which nothing has come for the longest time.
struct DecisionMemory: Sendable {
    /// What is remembered of a trace.
    struct Entry: Sendable {
        let decision: TraceDecision
        let time: Instant
    }

    private struct Node {
        let id: TraceID
        var entry: Entry
        var newer: Int
        var older: Int
    }

    private static let none = -1
    private(set) var capacity: Int
    private var nodes: [Node] = []
    private var places: [TraceID: Int] = [:]
    private var newest = Self.none
    private var oldest = Self.none

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { places.count }

    /// What was decided about a trace, which becomes the one that is forgotten last.
    mutating func look(up id: TraceID) -> Entry? {
        guard capacity > 0, let place = places[id] else { return nil }
        unlink(place)
        link(place)
        return nodes[place].entry
    }

    mutating func remember(_ entry: Entry, of id: TraceID) {
        guard capacity > 0 else { return }
        if let place = places[id] {
            nodes[place].entry = entry
            unlink(place)
            link(place)
            return
        }
        let node = Node(id: id, entry: entry, newer: Self.none, older: Self.none)
        var place = nodes.count
        if places.count >= capacity {
            place = oldest
            unlink(place)
            places[nodes[place].id] = nil
            nodes[place] = node
        } else {
            nodes.append(node)
        }
        places[id] = place
        link(place)
    }

    /// Changes how many traces are remembered; when they become fewer, the newest are kept.
    mutating func resize(to capacity: Int) {
        guard capacity != self.capacity else { return }
        var kept: [Node] = []
        var place = newest
        while place != Self.none, kept.count < capacity {
            kept.append(nodes[place])
            place = nodes[place].older
        }
        self = DecisionMemory(capacity: capacity)
        for node in kept.reversed() { remember(node.entry, of: node.id) }
    }

    private mutating func unlink(_ place: Int) {
        let (newer, older) = (nodes[place].newer, nodes[place].older)
        if newer == Self.none { newest = older } else { nodes[newer].older = older }
        if older == Self.none { oldest = newer } else { nodes[older].newer = newer }
    }

    private mutating func link(_ place: Int) {
        nodes[place].newer = Self.none
        nodes[place].older = newest
        if newest == Self.none { oldest = place } else { nodes[newest].newer = place }
        newest = place
    }
}
