internal import Wire

extension Value {
    /// Whether two values are equal in the sense of `==` in a statement, lists and maps by what is in them.
    func isSame(as other: Value) -> Bool {
        switch (self, other) {
        case (.null, .null): return true
        case (.bool(let left), .bool(let right)): return left == right
        case (.int(let left), .int(let right)): return left == right
        case (.int(let left), .double(let right)): return Double(left) == right
        case (.double(let left), .int(let right)): return left == Double(right)
        case (.double(let left), .double(let right)): return left == right
        case (.string(let left), .string(let right)): return left.isEqual(to: right)
        case (.bytes(let left), .bytes(let right)): return left.isEqual(to: right)
        case (.time(let left), .time(let right)): return left.nanoseconds == right.nanoseconds
        case (.duration(let left), .duration(let right)): return left == right
        case (.message(let left), .message(let right)):
            return left.name == right.name && left.bytes.isEqual(to: right.bytes)
        default: break
        }
        if let left = elements, let right = other.elements {
            return left.count == right.count && zip(left, right).allSatisfy { $0.isSame(as: $1) }
        }
        if let left = entries, let right = other.entries {
            return left.count == right.count
                && left.entries.allSatisfy { entry in
                    right[entry.key].map { $0.isSame(as: entry.value) } ?? false
                }
        }
        return false
    }
}
