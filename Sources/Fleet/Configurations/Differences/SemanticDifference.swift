public import Settings

/// One value that tells two configurations apart.
public struct SemanticDifference: Sendable, Equatable {
    /// The keys and indices that lead to the value.
    public let path: [String]
    /// `nil` when the value is new.
    public let before: Tree?
    /// `nil` when the value is gone.
    public let after: Tree?

    /// The values that differ, down to scalars and lists, in the order of `after`, removed ones last.
    ///
    /// The order of keys, comments and the way a value is written do not count. Plaintext at places of
    /// secrets is shown as `***` and a fingerprint.
    public static func between(_ before: Tree, _ after: Tree) -> [SemanticDifference] {
        compare(before, after, path: []).map { change in
            SemanticDifference(
                path: change.path, before: change.before.map { SecretPlaces.hiding($0, at: change.path) },
                after: change.after.map { SecretPlaces.hiding($0, at: change.path) })
        }
    }

    private static func compare(_ before: Tree, _ after: Tree, path: [String]) -> [SemanticDifference] {
        guard let old = before.table, let new = after.table else {
            if isSame(before, after) { return [] }
            return [SemanticDifference(path: path, before: before, after: after)]
        }
        let known = Dictionary(old.map { ($0.key, $0.value) }) { first, _ in first }
        var found: [SemanticDifference] = []
        for entry in new {
            let path = path + [entry.key]
            if let other = known[entry.key] {
                found += compare(other, entry.value, path: path)
            } else {
                found.append(SemanticDifference(path: path, before: nil, after: entry.value))
            }
        }
        let kept = Set(new.map(\.key))
        for entry in old where !kept.contains(entry.key) {
            found.append(SemanticDifference(path: path + [entry.key], before: entry.value, after: nil))
        }
        return found
    }

    /// Whether both mean the same, whatever the order of keys.
    private static func isSame(_ left: Tree, _ right: Tree) -> Bool {
        switch (left.content, right.content) {
        case (.scalar(let one), .scalar(let other)): return one.value == other.value
        case (.list(let one), .list(let other)):
            return one.count == other.count && zip(one, other).allSatisfy { isSame($0, $1) }
        case (.table(let one), .table(let other)):
            guard one.count == other.count else { return false }
            let known = Dictionary(other.map { ($0.key, $0.value) }) { first, _ in first }
            return one.allSatisfy { entry in known[entry.key].map { isSame(entry.value, $0) } ?? false }
        default: return false
        }
    }
}
