internal import Wire

extension Comparison {
    /// Compares two values as the language does: values of different kinds are not equal, and neither is
    /// less than the other.
    func holds(_ left: Value, _ right: Value) -> Bool {
        switch (left, right) {
        case (.null, .null): return isEquality
        case (.bool(let first), .bool(let second)): return holds(first ? 1 : 0, second ? 1 : 0)
        case (.int(let first), .int(let second)): return holds(first, second)
        case (.double(let first), .double(let second)): return holds(first, second)
        case (.int(let first), .double(let second)): return holds(Double(first), second)
        case (.double(let first), .int(let second)): return holds(first, Double(second))
        case (.string(let first), .string(let second)), (.bytes(let first), .bytes(let second)):
            if isEqualityTest { return first.isEqual(to: second) == isEquality }
            return holds(first.compare(to: second), 0)
        case (.time(let first), .time(let second)): return holds(first.nanoseconds, second.nanoseconds)
        case (.duration(let first), .duration(let second)): return holds(first, second)
        default:
            guard isEqualityTest else { return false }
            return left.isEqual(to: right) == (self == .equal)
        }
    }

    func holds<Number: Comparable>(_ left: Number, _ right: Number) -> Bool {
        switch self {
        case .equal: left == right
        case .notEqual: left != right
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        }
    }

    private var isEquality: Bool { self == .equal }

    private var isEqualityTest: Bool { self == .equal || self == .notEqual }
}

extension Value {
    /// Whether both are the same, all the way down; the order of keys does not count.
    func isEqual(to other: Value) -> Bool {
        switch (self, other) {
        case (.null, .null): return true
        case (.bool(let left), .bool(let right)): return left == right
        case (.int(let left), .int(let right)): return left == right
        case (.double(let left), .double(let right)): return left == right
        case (.string(let left), .string(let right)), (.bytes(let left), .bytes(let right)):
            return left.isEqual(to: right)
        case (.time(let left), .time(let right)): return left.nanoseconds == right.nanoseconds
        case (.duration(let left), .duration(let right)): return left == right
        case (.message(let left), .message(let right)):
            return left.name == right.name && left.bytes.isEqual(to: right.bytes)
        default: break
        }
        if let left = elements, let right = other.elements {
            return left.count == right.count && zip(left, right).allSatisfy { $0.isEqual(to: $1) }
        }
        if let left = entries, let right = other.entries {
            return left.count == right.count && left.isEqual(to: right)
        }
        return false
    }
}
