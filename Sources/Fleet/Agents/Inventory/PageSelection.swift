internal import FleetModel
internal import OpAMP

/// Chooses the agents of one page out of many that come in any order.
struct PageSelection {
    /// What agents are sorted by.
    struct Key {
        let uid: InstanceUID
        let name: String
        let number: UInt64

        /// What the next page is asked for with.
        func token(_ query: AgentQuery) -> String {
            switch query.order {
            case .uid: "u\(uid)"
            case .name: "n\(uid)\(name)"
            case .lastSeen: "t\(uid)\(number)"
            }
        }
    }

    private let order: AgentQuery.Order
    private let isDescending: Bool
    private let size: Int
    private let last: Key?
    /// The best so far, the first of the page first.
    private var keys: [Key] = []

    init(_ query: AgentQuery, size: Int) throws(InventoryError) {
        order = query.order
        isDescending = query.isDescending
        self.size = size
        guard let token = query.pageToken else {
            last = nil
            return
        }
        let kind: Character = query.order == .uid ? "u" : query.order == .name ? "n" : "t"
        let rest = token.dropFirst()
        guard token.first == kind, rest.utf8.count >= 36, let uid = InstanceUID(String(rest.prefix(36)))
        else {
            throw .invalidPageToken
        }
        let value = String(rest.dropFirst(36))
        switch query.order {
        case .uid: last = Key(uid: uid, name: "", number: 0)
        case .name: last = Key(uid: uid, name: value, number: 0)
        case .lastSeen:
            guard let number = UInt64(value) else { throw .invalidPageToken }
            last = Key(uid: uid, name: "", number: number)
        }
    }

    var lastUID: InstanceUID? { last?.uid }
    var isFull: Bool { keys.count >= size }
    var sorted: [Key] { keys }

    /// Takes an agent into account.
    mutating func offer(_ uid: InstanceUID, name: String, lastSeen: UInt64) {
        // Moments of one second are one: `last_seen` goes on while pages are read.
        let number = order == .lastSeen ? lastSeen / 1_000_000_000 : 0
        let key = Key(uid: uid, name: order == .name ? name : "", number: number)
        if let last, !isBefore(last, key) { return }
        if keys.count >= size, let worst = keys.last {
            guard isBefore(key, worst) else { return }
            keys.removeLast()
        }
        var (low, high) = (0, keys.count)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(keys[middle], key) { low = middle + 1 } else { high = middle }
        }
        keys.insert(key, at: low)
    }

    private func isBefore(_ left: Key, _ right: Key) -> Bool {
        let (first, second) = isDescending ? (right, left) : (left, right)
        switch order {
        case .uid: return first.uid < second.uid
        case .name: return first.name == second.name ? first.uid < second.uid : first.name < second.name
        case .lastSeen:
            return first.number == second.number ? first.uid < second.uid : first.number < second.number
        }
    }
}
