internal import Settings

/// Changing one value of a tree by its path.
extension Tree {
    /// Puts `value` at `key` of a table; a new key goes to the end.
    func setting(_ key: String, to value: Tree) -> Tree {
        var entries = table ?? []
        if let index = entries.firstIndex(where: { $0.key == key }) {
            entries[index] = Entry(key, at: value.position, value)
        } else {
            entries.append(Entry(key, at: value.position, value))
        }
        return Tree(.table(entries), at: position)
    }

    /// Takes `key` out of a table.
    func removing(_ key: String) -> Tree {
        Tree(.table((table ?? []).filter { $0.key != key }), at: position)
    }

    /// The tree with `value` at a path of keys, making the tables on the way.
    func setting(_ path: ArraySlice<String>, to value: Tree) -> Tree {
        guard let key = path.first else { return value }
        let below = self[key].flatMap { $0.table == nil ? nil : $0 } ?? Tree(.table([]), at: value.position)
        return setting(key, to: below.setting(path.dropFirst(), to: value))
    }

    /// The tree without what is at a path of keys; `nil` when nothing is there.
    func removing(_ path: ArraySlice<String>) -> Tree? {
        guard let key = path.first, let below = self[key] else { return nil }
        if path.count == 1 { return removing(key) }
        guard let changed = below.removing(path.dropFirst()) else { return nil }
        return setting(key, to: changed)
    }

    /// RFC 7396: tables are merged, null removes, anything else takes the place of what was there.
    func mergePatched(with patch: Tree) -> Tree {
        guard let changes = patch.table else { return patch }
        var result = table == nil ? Tree(.table([]), at: patch.position) : self
        for change in changes {
            if change.value.isNull {
                result = result.removing(change.key)
            } else {
                let old = result[change.key] ?? Tree(.scalar(Scalar("null")), at: change.value.position)
                result = result.setting(change.key, to: old.mergePatched(with: change.value))
            }
        }
        return result
    }

    /// Equality as JSON has it: the order of keys means nothing, and `1` is `1.0`.
    func isJSONEqual(to other: Tree) -> Bool {
        switch (content, other.content) {
        case (.scalar(let left), .scalar(let right)): return left.isJSONEqual(to: right)
        case (.list(let left), .list(let right)):
            return left.count == right.count && zip(left, right).allSatisfy { $0.isJSONEqual(to: $1) }
        case (.table(let left), .table(let right)):
            return left.count == right.count
                && left.allSatisfy { entry in
                    other[entry.key].map { entry.value.isJSONEqual(to: $0) } ?? false
                }
        default: return false
        }
    }
}

extension Scalar {
    fileprivate func isJSONEqual(to other: Scalar) -> Bool {
        if let left = number, let right = other.number { return left == right }
        return value == other.value
    }

    private var number: Double? {
        switch value {
        case .int(let value): Double(value)
        case .unsigned(let value): Double(value)
        case .double(let value): value
        case .null, .bool, .string: nil
        }
    }
}
