internal import Wire

/// The query of a probe: `verbose`, and any number of `exclude=NAME`.
struct ProbeQuery {
    let isVerbose: Bool
    let excluded: Set<String>

    /// The most names that are taken from one query; more are not excluded.
    private static let excludedLimit = 32

    init(_ query: String?) {
        var isVerbose = false
        var excluded: Set<String> = []
        for item in (query ?? "").split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? PercentDecoding.lenient(parts[1]) : ""
            if parts[0] == "verbose" {
                isVerbose = value != "false"
            } else if parts[0] == "exclude", excluded.count < Self.excludedLimit {
                excluded.insert(value)
            }
        }
        self.isVerbose = isVerbose
        self.excluded = excluded
    }
}
