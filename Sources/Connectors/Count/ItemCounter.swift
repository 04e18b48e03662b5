internal import OTTL
internal import Telemetry

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
    mutating func count(_ frame: Frame, failed: (StatementFailure) -> Void) {
        for (index, rule) in rules.enumerated() {
            guard writeKey(of: frame.draft, rule.keys) else { continue }
            if let conditions = rule.conditions {
                frame.begin()
                // It cannot throw: failures are reported.
                guard (try? conditions.holds(frame, report: failed)) == true else { continue }
            }
            add(1, to: index)
        }
    }

    /// Counts things that no condition and no attribute concerns.
    mutating func add(_ count: UInt64) {
        scratch.removeAll()
        for index in tables.indices { add(count, to: index) }
    }

    private mutating func add(_ count: UInt64, to index: Int) {
        scratch.bytes.withUnsafeBytes { key in
            let hash = SeriesHash.of(key)
            let place = tables[index].find(key, hash) ?? tables[index].insert(key, hash, 0)
            tables[index][place] += count
        }
    }

    /// Writes the attributes that a count is kept apart by; `false` when one is missing.
    private mutating func writeKey(of draft: Draft, _ keys: [CountRule.Key]) -> Bool {
        scratch.removeAll()
        for key in keys {
            if append(key.key, of: draft) { continue }
            guard let standIn = key.standIn else { return false }
            scratch.append(standIn)
        }
        return true
    }

    /// Adds an attribute of a draft, or else of its scope or its resource.
    private mutating func append(_ key: AttributeKey, of draft: Draft) -> Bool {
        if draft.withAttribute(key, { scratch.append(key, $0) }) != nil { return true }
        var outer = draft.parent
        while let next = outer {
            if next.kind == .scope || next.kind == .resource,
                next.withAttribute(key, { scratch.append(key, $0) }) != nil
            {
                return true
            }
            outer = next.parent
        }
        return false
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
