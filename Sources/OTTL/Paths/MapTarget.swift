internal import Telemetry
public import Wire

/// A map in telemetry that editors change in place: attributes, a map inside of them, `cache`, a body.
///
/// Where it is not a map (a body that is text, an attribute that is not there), everything here is an error.
/// What is not changed is not written.
public struct MapTarget: Sendable {
    let location: Location

    enum Location: Sendable {
        /// The attributes of the draft that is so many steps further out.
        case attributes(steps: UInt8)
        /// A map that is taken out, changed and put back.
        case value(get: Getter, set: Setter)
    }

    /// What `change` does with an entry.
    public enum Change: Sendable {
        case keep, remove
        case replace(Value)
    }

    /// All entries.
    public func entries(_ frame: Frame) throws(EvaluationError) -> ValueMap {
        switch location {
        case .attributes(let steps): return frame.draft(steps).attributeMap
        case .value(let get, _):
            let value = try get(frame)
            guard let map = value.entries else { throw .wrongKind(expected: .map, got: value.kind) }
            return map
        }
    }

    /// Sets one entry.
    public func set(_ frame: Frame, _ key: Bytes, _ value: Value) throws(EvaluationError) {
        switch location {
        case .attributes(let steps):
            try frame.draft(steps).set(attribute: AttributeKey(key.string), value)
        case .value(_, let set):
            var map = try entries(frame)
            map[key] = value
            try set(frame, .map(map))
        }
    }

    /// How many entries are put into attributes one by one; more are merged at once.
    private static let fewEntries = 16

    /// Puts the entries of another map into it: those whose keys are there already, others, or both.
    func merge(
        _ frame: Frame, _ source: ValueMap, replaces: Bool, adds: Bool
    ) throws(EvaluationError) {
        guard !source.isEmpty else { return }
        if case .attributes(let steps) = location, source.count <= Self.fewEntries {
            let draft = frame.draft(steps)
            for entry in source.entries {
                let key = AttributeKey(entry.key.string)
                if !(replaces && adds) {
                    guard draft.has(key) ? replaces : adds else { continue }
                }
                try draft.set(attribute: key, entry.value)
            }
            return
        }
        var map = try entries(frame)
        if map.merge(source.entries, replaces: replaces, adds: adds) { try replace(frame, with: map) }
    }

    /// Takes one entry out; returns whether it was there.
    @discardableResult
    public func remove(_ frame: Frame, _ key: Bytes) throws(EvaluationError) -> Bool {
        if case .attributes(let steps) = location {
            let draft = frame.draft(steps)
            if draft.isReadOnly { try draft.checkWritable() }
            return draft.removeAttribute(key)
        }
        return try change(frame) { entry in entry.key.isEqual(to: key) ? .remove : .keep } > 0
    }

    /// Shows all entries to `body` and does what it says; returns how many were not kept.
    @discardableResult
    public func change(
        _ frame: Frame, _ body: (ValueMap.Entry) throws(EvaluationError) -> Change
    ) throws(EvaluationError) -> Int {
        if case .attributes(let steps) = location { return try frame.draft(steps).changeAttributes(body) }
        var (kept, changes) = ([ValueMap.Entry](), 0)
        for entry in try entries(frame).entries {
            switch try body(entry) {
            case .keep: kept.append(entry)
            case .remove: changes += 1
            case .replace(let value):
                kept.append(ValueMap.Entry(entry.key, value))
                changes += 1
            }
        }
        if changes > 0 { try replace(frame, with: ValueMap(unique: kept)) }
        return changes
    }

    /// Replaces the whole map.
    public func replace(_ frame: Frame, with map: ValueMap) throws(EvaluationError) {
        switch location {
        case .attributes(let steps): try frame.draft(steps).replaceAttributes(with: map)
        case .value(_, let set): try set(frame, .map(map))
        }
    }
}
