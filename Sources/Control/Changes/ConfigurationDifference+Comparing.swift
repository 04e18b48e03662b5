public import Settings

extension ConfigurationDifference {
    /// The values that differ, down to scalars and lists, in the order of `after`, removed ones last.
    ///
    /// Secrets are as visible as they are in what is compared.
    public static func between(_ before: Tree, _ after: Tree) -> [ConfigurationDifference] {
        compare(before, after, path: [])
    }

    private static func compare(_ before: Tree, _ after: Tree, path: [String]) -> [ConfigurationDifference] {
        guard let old = before.table, let new = after.table else {
            if before.isJSONEqual(to: after) { return [] }
            return [ConfigurationDifference(path: path, before: before, after: after)]
        }
        var found: [ConfigurationDifference] = []
        for entry in new {
            let path = path + [entry.key]
            if let other = before[entry.key] {
                found += compare(other, entry.value, path: path)
            } else {
                found.append(ConfigurationDifference(path: path, before: nil, after: entry.value))
            }
        }
        for entry in old where after[entry.key] == nil {
            found.append(
                ConfigurationDifference(path: path + [entry.key], before: entry.value, after: nil))
        }
        return found
    }
}
