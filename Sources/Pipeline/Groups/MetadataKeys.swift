public import Settings

/// Lists of request headers that telemetry is kept apart by.
public enum MetadataKeys {
    /// What is wrong with `keys`, which stand under `field`: a key that is named twice.
    public static func problems(of keys: [String], field: String) -> [Problem] {
        var known: Set<String> = []
        return keys.enumerated().compactMap { index, key in
            let name = key.lowercased()
            guard !known.insert(name).inserted else { return nil }
            return Problem("\(field).\(index)", "names '\(name)' a second time; case does not count")
        }
    }
}
