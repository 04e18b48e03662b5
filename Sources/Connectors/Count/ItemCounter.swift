internal import OTTL
internal import Telemetry

/// What the attributes by which counts are kept apart may take in one batch, for all counters together.
struct CountRoom {
    /// Bytes of the attributes of one count.
    static let keyLimit = 64 << 10

    /// Bytes that are left.
    private var left = 16 << 20
    /// Things that were counted in the overflow.
    private(set) var overflowed = 0

    /// Takes room for one more count; `false` when there is none.
    mutating func take(keyOf size: Int) -> Bool {
        let bytes = SeriesTable<UInt64>.byteCount(keyOf: size)
        guard bytes <= left else { return false }
        left -= bytes
        return true
    }

    mutating func overflow() { overflowed += 1 }
}

/// Counts one kind of thing in one resource.
struct ItemCounter {
    private let rules: [CountRule]
    private var tables: [SeriesTable<UInt64>]
    private var scratch = EncodedAttributes()
    /// When the first and the last thing happened, in nanoseconds since 1970; 0 when nothing says a time.
    private var times: (first: UInt64, last: UInt64) = (0, 0)

    init(_ rules: [CountRule]) {
        self.rules = rules
        tables = Array(repeating: SeriesTable(), count: rules.count)
    }

    /// Begins with the next resource.
    mutating func removeAll() {
        times = (0, 0)
        for index in tables.indices where !tables[index].entries.isEmpty { tables[index] = SeriesTable() }
    }

    /// Notes when something happened.
    mutating func note(_ time: UInt64) {
        guard time != 0 else { return }
        times = times.first == 0 ? (time, time) : (min(times.first, time), max(times.last, time))
    }

    /// Counts the thing that a frame is about; `failed` hears of conditions that could not be evaluated.
    mutating func count(_ frame: Frame, _ room: inout CountRoom, failed: (StatementFailure) -> Void) {
        for (index, rule) in rules.enumerated() {
            let key = writeKey(of: frame.draft, rule.keys)
            guard key != .missing else { continue }
            if let conditions = rule.conditions {
                frame.begin()
                // It cannot throw: failures are reported.
                guard (try? conditions.holds(frame, report: failed)) == true else { continue }
            }
            add(1, to: index, fits: key == .whole, &room)
        }
    }

    /// Counts things that no condition and no attribute concerns.
    mutating func add(_ count: UInt64, _ room: inout CountRoom) {
        scratch.removeAll()
        for index in tables.indices { add(count, to: index, fits: true, &room) }
    }

    private mutating func add(_ count: UInt64, to index: Int, fits: Bool, _ room: inout CountRoom) {
        let place = fits ? place(in: index, &room) : nil
        if place == nil { room.overflow() }
        tables[index][place ?? tables[index].overflowing(0)] += count
    }

    /// The index of the count with the attributes that were written; `nil` when there is no room for it.
    private mutating func place(in index: Int, _ room: inout CountRoom) -> Int? {
        scratch.bytes.withUnsafeBytes { key in
            let hash = SeriesHash.of(key)
            if let known = tables[index].find(key, hash) { return known }
            // Counts that nothing keeps apart are as few as the resources.
            guard key.isEmpty || room.take(keyOf: key.count) else { return nil }
            return tables[index].insert(key, hash, 0)
        }
    }

    /// What became of the attributes that a count is kept apart by.
    private enum Key {
        case whole, tooLong
        /// One is not there, so there is nothing to count.
        case missing
    }

    /// Writes the attributes that a count is kept apart by.
    private mutating func writeKey(of draft: Draft, _ keys: [CountRule.Key]) -> Key {
        scratch.removeAll()
        var isTooLong = false
        for key in keys {
            if let fits = append(key.key, of: draft) {
                isTooLong = isTooLong || !fits
            } else {
                guard let standIn = key.standIn else { return .missing }
                scratch.append(standIn)
            }
        }
        return isTooLong ? .tooLong : .whole
    }

    /// Adds an attribute of a draft, or else of its scope or its resource; whether it fits, or `nil` when
    /// there is none.
    private mutating func append(_ key: AttributeKey, of draft: Draft) -> Bool? {
        if let fits = draft.withAttribute(key, { append(key, $0) }) { return fits }
        var outer = draft.parent
        while let next = outer {
            if next.kind == .scope || next.kind == .resource,
                let fits = next.withAttribute(key, { append(key, $0) })
            {
                return fits
            }
            outer = next.parent
        }
        return nil
    }

    private mutating func append(_ key: AttributeKey, _ value: LentValue) -> Bool {
        guard scratch.byteCount + value.memory.count <= CountRoom.keyLimit else { return false }
        scratch.append(key, value)
        return true
    }

    /// Whether something was counted.
    var isEmpty: Bool { tables.allSatisfy { $0.entries.isEmpty } }

    /// Writes the counts as sums with delta temporality.
    func write(to builder: inout MetricsBuilder, now: UInt64) {
        let times = times.first == 0 ? (first: now, last: now) : times
        for (index, rule) in rules.enumerated() where !tables[index].entries.isEmpty {
            let entries = tables[index].entries
            builder.sum(rule.header, .delta, isMonotonic: true) { points in
                for entry in entries {
                    points.point { point in
                        point.startTime(times.first)
                        point.time(times.last)
                        point.value(.int(Int64(clamping: entry.value)))
                        point.attributes(entry.attributes)
                    }
                }
            }
        }
    }
}
