internal import Telemetry
internal import Wire

extension Target {
    /// A part of what a path points at, which holds maps or lists.
    func indexed(_ keys: [PathKey]) -> Target {
        Target(
            kinds: .attribute, accepts: accepts.isEmpty ? [] : .attribute,
            get: { [get] frame throws(EvaluationError) in
                try Indexing.value(try get(frame), keys[...], frame)
            },
            set: { [get, set] frame, value throws(EvaluationError) in
                let whole = try get(frame)
                guard whole.entries != nil || whole.elements != nil else {
                    throw .message("a \(whole.kind) cannot be indexed")
                }
                try set(frame, try Indexing.replacing(in: whole, keys[...], by: value, frame))
            })
    }

    /// The attributes of the draft that is so many steps further out.
    static func attributes(_ steps: UInt8) -> Target {
        let map = MapTarget(location: .attributes(steps: steps))
        return Target(
            kinds: .map, accepts: [.map, .null],
            get: { frame in .map(frame.draft(steps).attributeMap) },
            set: { frame, value throws(EvaluationError) in
                guard let map = value.isNull ? ValueMap() : value.entries else {
                    throw .wrongKind(expected: .map, got: value.kind)
                }
                try frame.draft(steps).replaceAttributes(with: map)
            }, map: map)
    }

    /// An attribute, or a part of it.
    static func attribute(_ steps: UInt8, _ keys: [PathKey]) -> Target {
        let rest = keys.dropFirst()
        guard case .text(let text)? = keys.first else { return computedAttribute(steps, keys) }
        let key = AttributeKey(text.string)
        if rest.isEmpty {
            var target = Target(
                kinds: .attribute, accepts: .attribute,
                get: { frame in frame.draft(steps).value(of: key) },
                set: { frame, value throws(EvaluationError) in
                    try frame.draft(steps).set(attribute: key, value)
                })
            target.attribute = Attribute(steps: steps, key: key)
            return target
        }
        return Target(
            kinds: .attribute, accepts: .attribute,
            get: { frame throws(EvaluationError) in
                guard let view = frame.draft(steps).sharedAttribute(key) else { return .null }
                return try Indexing.value(Value(view), rest, frame)
            },
            set: { frame, value throws(EvaluationError) in
                let draft = frame.draft(steps)
                let new = try Indexing.replacing(in: draft.value(of: key), rest, by: value, frame)
                try draft.set(attribute: key, new)
            })
    }

    private static func computedAttribute(_ steps: UInt8, _ keys: [PathKey]) -> Target {
        let (first, rest) = (keys[0], keys.dropFirst())
        return Target(
            kinds: .attribute, accepts: .attribute,
            get: { frame throws(EvaluationError) in
                let key = AttributeKey(try first.text(frame).string)
                guard let view = frame.draft(steps).sharedAttribute(key) else { return .null }
                return try Indexing.value(Value(view), rest, frame)
            },
            set: { frame, value throws(EvaluationError) in
                let (draft, key) = (frame.draft(steps), AttributeKey(try first.text(frame).string))
                let new = try Indexing.replacing(in: draft.value(of: key), rest, by: value, frame)
                try draft.set(attribute: key, new)
            })
    }

    /// `cache`, or a part of it.
    static func cache(_ keys: [PathKey]) -> Target {
        let get: Getter = { frame throws(EvaluationError) in
            try Indexing.value(.map(frame.cache.map), keys[...], frame)
        }
        let set: Setter = { frame, value throws(EvaluationError) in
            if case .message = value { throw .wrongKind(expected: .attribute, got: value.kind) }
            var bounds = ValueBounds(inside: keys.count)
            try bounds.check(value)
            let (known, weight) = try Indexing.known(keys, frame)
            let new = try Indexing.replacing(in: .map(frame.cache.map), known[...], by: value, frame)
            guard let map = new.isNull ? ValueMap() : new.entries else {
                throw .wrongKind(expected: .map, got: new.kind)
            }
            if keys.isEmpty { return frame.cache.replace(with: map) }
            let largest =
                keys.count > 1 ? Indexing.largestCount(in: .map(map), known[...]) : value.ownCount
            try frame.cache.change(
                to: map, adding: bounds.spent + weight.values, size: bounds.size + weight.size,
                largest: largest)
        }
        let kinds: ValueKinds = keys.isEmpty ? .map : .any.subtracting(.message)
        return Target(
            kinds: kinds, accepts: keys.isEmpty ? [.map, .null] : kinds, get: get, set: set,
            map: MapTarget(location: .value(get: get, set: set)))
    }
}
