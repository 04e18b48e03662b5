public import Wire

/// Keys and values in the order in which they were added, each key once.
///
/// Looking a key up goes through all of them, which is fastest for the few that telemetry has.
public struct ValueMap: Sendable {
    /// A key, valid UTF-8, and its value.
    public struct Entry: Sendable {
        public let key: Bytes
        public var value: Value

        public init(_ key: Bytes, _ value: Value) {
            self.key = key
            self.value = value
        }
    }

    /// The entries in order.
    public private(set) var entries: [Entry] = []

    public init() {}

    /// Makes a map of entries; of several with the same key the last counts.
    public init(_ entries: some Sequence<Entry>) {
        merge(entries)
    }

    /// Takes over entries whose keys are known to be different.
    public init(unique entries: [Entry]) { self.entries = entries }

    public var count: Int { entries.count }
    public var isEmpty: Bool { entries.isEmpty }

    /// The value of a key; setting `nil` takes the key out, `.null` is a value.
    public subscript(key: Bytes) -> Value? {
        get { index(of: key).map { entries[$0].value } }
        set {
            switch (index(of: key), newValue) {
            case (let index?, let value?): entries[index].value = value
            case (let index?, nil): entries.remove(at: index)
            case (nil, let value?): entries.append(Entry(key, value))
            case (nil, nil): break
            }
        }
    }

    /// The value of a key given as text.
    public subscript(key: String) -> Value? {
        get { self[Bytes(utf8: key)] }
        set { self[Bytes(utf8: key)] = newValue }
    }

    /// Takes out the entries that `isUnwanted` says; returns how many.
    @discardableResult
    public mutating func removeAll(
        where isUnwanted: (Entry) throws(EvaluationError) -> Bool
    ) throws(EvaluationError) -> Int {
        let before = entries.count
        var kept: [Entry] = []
        for entry in entries where try !isUnwanted(entry) { kept.append(entry) }
        if kept.count != before { entries = kept }
        return before - kept.count
    }

    /// Replaces every value by what `change` makes of its entry.
    public mutating func mapValues(
        _ change: (Entry) throws(EvaluationError) -> Value
    ) throws(EvaluationError) {
        for index in entries.indices { entries[index].value = try change(entries[index]) }
    }

    /// Puts entries into the map; of several with the same key the last counts.
    ///
    /// `replaces` says whether a key that is there already gets the new value, `adds` whether others are
    /// added. Returns whether any entry was put.
    @discardableResult
    mutating func merge(_ more: some Sequence<Entry>, replaces: Bool = true, adds: Bool = true) -> Bool {
        var indices = indices
        let known = entries.count
        var isChanged = false
        for entry in more {
            let key = entry.key.array
            if let index = indices[key] {
                guard replaces || index >= known else { continue }
                entries[index].value = entry.value
            } else {
                guard adds else { continue }
                indices[key] = entries.count
                entries.append(entry)
            }
            isChanged = true
        }
        return isChanged
    }

    /// Whether both have the same keys with the same values, all the way down; both have as many entries.
    func isEqual(to other: ValueMap) -> Bool {
        // A few are found faster by looking at all of them.
        let indices = count > 16 ? other.indices : nil
        return entries.allSatisfy { entry in
            let index = indices.map { $0[entry.key.array] } ?? other.index(of: entry.key)
            return index.map { other.entries[$0].value.isEqual(to: entry.value) } ?? false
        }
    }

    /// Where each key is; of several that are the same the first.
    private var indices: [[UInt8]: Int] {
        var indices: [[UInt8]: Int] = [:]
        indices.reserveCapacity(entries.count)
        for (index, entry) in entries.enumerated() where indices[entry.key.array] == nil {
            indices[entry.key.array] = index
        }
        return indices
    }

    private func index(of key: Bytes) -> Int? { entries.firstIndex { $0.key.isEqual(to: key) } }
}
