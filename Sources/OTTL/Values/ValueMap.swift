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
        for entry in entries { self[entry.key] = entry.value }
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

    private func index(of key: Bytes) -> Int? { entries.firstIndex { $0.key.isEqual(to: key) } }
}
