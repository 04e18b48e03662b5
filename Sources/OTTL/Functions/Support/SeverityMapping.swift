internal import Wire

/// Which texts and numbers stand for which level.
struct SeverityMapping: Sendable {
    private enum Criterion: Sendable {
        case equals([Bytes])
        case range(ClosedRange<Int64>)
    }

    private let levels: [(name: Bytes, criteria: [Criterion])]

    /// Reads a mapping, or says what is wrong with it.
    init(_ map: ValueMap) throws(EvaluationError) {
        var levels: [(Bytes, [Criterion])] = []
        for entry in map.entries {
            let name = entry.key.string
            guard let elements = entry.value.elements else {
                throw .message("the criteria of '\(name)' have to be a list, not \(entry.value.kind)")
            }
            var criteria: [Criterion] = []
            for element in elements { criteria += try Self.criteria(element, name) }
            levels.append((entry.key, criteria))
        }
        self.levels = levels
    }

    private static func criteria(_ value: Value, _ level: String) throws(EvaluationError) -> [Criterion] {
        guard let map = value.entries else {
            throw .message("a criterion of '\(level)' has to be a map, not \(value.kind)")
        }
        var criteria: [Criterion] = []
        for entry in map.entries {
            switch entry.key.string {
            case "equals":
                guard let texts = entry.value.elements else {
                    throw .message("'equals' of '\(level)' has to be a list, not \(entry.value.kind)")
                }
                criteria.append(
                    .equals(
                        texts.compactMap { text in
                            if case .string(let text) = text { text } else { nil }
                        }))
            case "range": criteria.append(.range(try range(entry.value, level)))
            case "min", "max": continue
            case let other:
                throw .message("'\(level)' has a criterion '\(other)'; there are equals and range")
            }
        }
        if map["min"] != nil || map["max"] != nil { criteria.append(.range(try range(value, level))) }
        return criteria
    }

    private static func range(_ value: Value, _ level: String) throws(EvaluationError) -> ClosedRange<Int64> {
        if case .string(let text) = value {
            switch text.string {
            case "2xx": return 200...299
            case "3xx": return 300...399
            case "4xx": return 400...499
            case "5xx": return 500...599
            case let other: throw .message("the range '\(other)' of '\(level)' is not 2xx, 3xx, 4xx or 5xx")
            }
        }
        guard let map = value.entries else {
            throw .message("the range of '\(level)' has to be a map, not \(value.kind)")
        }
        guard case .int(let low)? = map["min"] else {
            throw .message("the range of '\(level)' needs an int 'min'")
        }
        guard case .int(let high)? = map["max"] else {
            throw .message("the range of '\(level)' needs an int 'max'")
        }
        guard low <= high else { throw .message("the range of '\(level)' goes from \(low) down to \(high)") }
        return low...high
    }

    /// The first level that a value stands for; throws when it stands for none.
    func level(of value: Value) throws(EvaluationError) -> Bytes {
        guard value.kind == .string || value.kind == .int else {
            throw .wrongKind(expected: [.string, .int], got: value.kind)
        }
        for level in levels {
            let matches = level.criteria.contains { criterion in
                switch (criterion, value) {
                case (.equals(let texts), .string(let text)): texts.contains { $0.isEqual(to: text) }
                case (.range(let range), .int(let int)): range.contains(int)
                default: false
                }
            }
            if matches { return level.name }
        }
        throw .message(
            "'\(try value.likeString()?.string.prefix(80) ?? "")' stands for no level of the mapping")
    }
}
