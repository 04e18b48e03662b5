/// Remembers what was used lately, within a bound.
///
/// There are two generations; when the younger has half of the bound it becomes the older, and what nobody
/// has asked for since then is forgotten.
struct GenerationCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let limit: Int
    private var young: [Key: (value: Value, cost: Int)] = [:]
    private var old: [Key: (value: Value, cost: Int)] = [:]
    private var youngCost = 0

    /// - Parameter limit: the sum of costs that is kept.
    init(limit: Int) { self.limit = limit }

    /// How much is remembered.
    var count: Int { young.count + old.count }

    mutating func value(_ key: Key) -> Value? {
        if let found = young[key] { return found.value }
        guard let found = old.removeValue(forKey: key) else { return nil }
        put(key, found.value, cost: found.cost)
        return found.value
    }

    /// Remembers a value, unless it alone is more than half of the bound.
    mutating func put(_ key: Key, _ value: Value, cost: Int) {
        guard cost <= limit / 2 else { return }
        old[key] = nil
        youngCost += cost - (young.updateValue((value, cost), forKey: key)?.cost ?? 0)
        guard youngCost > limit / 2 else { return }
        old = young
        young = [:]
        youngCost = 0
    }

    mutating func remove(_ key: Key) {
        youngCost -= young.removeValue(forKey: key)?.cost ?? 0
        old[key] = nil
    }

    mutating func removeAll() {
        young = [:]
        old = [:]
        youngCost = 0
    }
}
