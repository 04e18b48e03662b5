internal import Settings

/// When a receiver that scrapes does so: the keys that all of them have.
struct ScrapeSettings: SettingGroup {
    var collectionInterval = Duration.seconds(60)
    var initialDelay = Duration.seconds(1)
    var timeout = Duration.zero

    init() {}

    static let fields: [Field<Self>] = [
        Field("collection_interval", \.collectionInterval, "How often it is scraped.") {
            $0 <= .zero ? "must be more than 0" : nil
        },
        Field("initial_delay", \.initialDelay, "How long after the start the first scrape is.") {
            $0 < .zero ? "must not be negative" : nil
        },
        Field(
            "timeout", \.timeout,
            "How long one source may take before it is left out; 0 is the collection_interval, but 30s at "
                + "least."
        ) { $0 < .zero ? "must not be negative" : nil },
    ]

    /// How long one source may take: what hangs must not keep the others waiting for ever.
    var limit: Duration { timeout > .zero ? timeout : max(collectionInterval, .seconds(30)) }
}
