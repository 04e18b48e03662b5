/// Values by keys, as many as fit; those that were asked for the longest time ago make room for new ones.
struct RecencyTable<Value: Sendable>: Sendable {
    private struct Entry: Sendable {
        var value: Value
        var byteCount: Int
        var turn: UInt64
    }

    private let countLimit: Int
    private let byteLimit: Int
    private var entries: [SeriesKey: Entry] = [:]
    private var turn: UInt64 = 0
    private(set) var byteCount = 0

    init(countLimit: Int, byteLimit: Int) {
        self.countLimit = countLimit
        self.byteLimit = byteLimit
    }

    var count: Int { entries.count }

    /// The value of a key, which becomes the latest.
    mutating func value(of key: SeriesKey) -> Value? {
        guard let place = entries.index(forKey: key) else { return nil }
        turn += 1
        entries.values[place].turn = turn
        return entries.values[place].value
    }

    /// Sets the value of a key; `byteCount` is what it takes.
    mutating func set(_ value: Value, of key: SeriesKey, byteCount size: Int) {
        let size = size + key.bytes.count + 200
        turn += 1
        byteCount += size - (entries[key]?.byteCount ?? 0)
        entries[key] = Entry(value: value, byteCount: size, turn: turn)
        if entries.count > countLimit || byteCount > byteLimit { shrink() }
    }

    /// Forgets a quarter, so that it does not happen with every new value, and more while that is not enough.
    private mutating func shrink() {
        let byAge = entries.map { ($0.value.turn, $0.key, $0.value.byteCount) }.sorted { $0.0 < $1.0 }
        for (index, entry) in byAge.enumerated() {
            guard index < byAge.count / 4 || entries.count > countLimit || byteCount > byteLimit else {
                break
            }
            entries.removeValue(forKey: entry.1)
            byteCount -= entry.2
        }
    }
}
