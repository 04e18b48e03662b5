internal import Telemetry
internal import Wire

/// What stands in brackets behind a path or a converter.
enum PathKey: Sendable {
    case text(Bytes)
    case index(Int64)
    /// A value that is known only when the statement runs.
    case computed(Getter)

    /// The key as a value.
    func value(_ frame: Frame) throws(EvaluationError) -> Value {
        switch self {
        case .text(let text): .string(text)
        case .index(let index): .int(index)
        case .computed(let getter): try getter(frame)
        }
    }

    /// The key of a map.
    func text(_ frame: Frame) throws(EvaluationError) -> Bytes {
        let value = try value(frame)
        guard case .string(let text) = value else {
            throw .message("a map is indexed by a string, not by \(value.kind)")
        }
        return text
    }

    /// The index of an element of a list that has `count` of them.
    func index(_ frame: Frame, count: Int) throws(EvaluationError) -> Int {
        let value = try value(frame)
        guard case .int(let index) = value else {
            throw .message("a list is indexed by an int, not by \(value.kind)")
        }
        guard index >= 0, index < Int64(count) else {
            throw .message("index \(index) is outside of a list of \(count)")
        }
        return Int(index)
    }
}

/// Reading and writing inside of maps and lists.
enum Indexing {
    /// How far a list grows when an element beyond its end is set.
    static let growthLimit = 4096

    /// What the keys lead to; `.null` where a map has no such key.
    static func value(
        _ value: Value, _ keys: ArraySlice<PathKey>, _ frame: Frame
    ) throws(EvaluationError) -> Value {
        var value = value
        for key in keys {
            if let map = value.entries {
                guard let next = map[try key.text(frame)] else { return .null }
                value = next
            } else if let elements = value.elements {
                value = elements[try key.index(frame, count: elements.count)]
            } else {
                throw .message("a \(value.kind) cannot be indexed")
            }
        }
        return value
    }

    /// Keys as they are for this telemetry, and what a map takes up at most in which they are new: values,
    /// and bytes of text.
    static func known(
        _ keys: [PathKey], _ frame: Frame
    ) throws(EvaluationError) -> (keys: [PathKey], weight: (values: Int, size: Int)) {
        var (known, weight) = (keys, (values: keys.count, size: 0))
        for (place, key) in keys.enumerated() {
            switch try key.value(frame) {
            case .string(let text):
                if case .computed = key { known[place] = .text(text) }
                weight.size += text.count
            case .int(let index):
                if case .computed = key { known[place] = .index(index) }
                // A list that is made for it is filled up.
                weight.values += Int(max(0, min(index, Int64(growthLimit))))
            case let other:
                throw .message("a map is indexed by a string and a list by an int, not by \(other.kind)")
            }
        }
        return (known, weight)
    }

    /// How many entries the largest list or map has that the keys, which are known, lead into or to.
    static func largestCount(in value: Value, _ keys: ArraySlice<PathKey>) -> Int {
        var (value, largest) = (value, value.ownCount)
        for key in keys {
            switch (value, key) {
            case (.map(let map), .text(let text)): value = map[text] ?? .null
            case (.list(let elements), .index(let index)) where index >= 0 && index < Int64(elements.count):
                value = elements[Int(index)]
            default: return largest
            }
            largest = max(largest, value.ownCount)
        }
        return largest
    }

    /// The same value with `new` where the keys lead to; what is missing on the way is made.
    static func replacing(
        in value: Value, _ keys: ArraySlice<PathKey>, by new: Value, _ frame: Frame
    ) throws(EvaluationError) -> Value {
        guard let key = keys.first else { return new }
        let rest = keys.dropFirst()
        if var map = value.entries {
            let text = try key.text(frame)
            map[text] = try replacing(in: map[text] ?? .null, rest, by: new, frame)
            return .map(map)
        }
        if var elements = value.elements {
            let index = try key.index(frame, count: elements.count)
            elements[index] = try replacing(in: elements[index], rest, by: new, frame)
            return .list(elements)
        }
        guard value.isNull else { throw .message("a \(value.kind) cannot be indexed") }
        switch try key.value(frame) {
        case .string(let text):
            var map = ValueMap()
            map[text] = try replacing(in: .null, rest, by: new, frame)
            return .map(map)
        case .int(let index) where index >= 0 && index < Int64(growthLimit):
            var elements = [Value](repeating: .null, count: Int(index))
            elements.append(try replacing(in: .null, rest, by: new, frame))
            return .list(elements)
        case let other: throw .message("a list or map cannot be made for the index \(other.plainText.string)")
        }
    }
}
