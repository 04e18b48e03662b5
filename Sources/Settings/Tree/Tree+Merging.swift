extension Tree {
    /// Puts another tree on top of this one: maps are merged key by key, anything else is replaced, lists
    /// too.
    ///
    /// Null replaces as well: `processors:` without a value in a later file takes all processors away.
    /// What is replaced stays in `overridden`.
    public func merging(_ upper: Tree) -> Tree {
        guard let entries = table, let upperEntries = upper.table else {
            var result = upper
            var replaced = self
            replaced.overridden = []
            result.overridden = overridden + [replaced] + upper.overridden
            return result
        }
        var result = entries
        var places: [String: Int] = [:]
        for (index, entry) in entries.enumerated() { places[entry.key] = index }
        for entry in upperEntries {
            if let index = places[entry.key] {
                let merged = result[index].value.merging(entry.value)
                let isMerged = result[index].value.table != nil && entry.value.table != nil
                let position = isMerged ? result[index].keyPosition : entry.keyPosition
                result[index] = Entry(entry.key, at: position, merged)
            } else {
                places[entry.key] = result.count
                result.append(entry)
            }
        }
        var tree = self
        tree.content = .table(result)
        return tree
    }

    /// A table whose keys `a::b` have become `a: {b: …}`, at the first level; later entries are merged
    /// over earlier ones.
    func unflattened() -> Tree {
        guard let entries = table, entries.contains(where: { $0.key.contains("::") }) else { return self }
        var result = self
        result.content = .table([])
        for entry in entries {
            let steps = entry.key.split(separator: "::", omittingEmptySubsequences: false).map(String.init)
            result = result.merging(Tree.nested(steps, entry.value, at: entry.keyPosition))
        }
        return result
    }

    /// `a: {b: value}` for the steps `a`, `b`.
    static func nested(_ steps: [String], _ value: Tree, at position: Position) -> Tree {
        steps.reversed().reduce(value) { inner, step in
            Tree(.table([Entry(step, at: position, inner)]), at: position)
        }
    }
}
