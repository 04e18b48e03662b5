public import Settings

/// `adaptive_concurrency`: whether fewer requests are sent at a time when the other side is overloaded.
public struct AdaptiveConcurrencySettings: SettingGroup, Equatable {
    public var enabled = true
    public var min = 1

    public init() {}

    public static var fields: [Field<AdaptiveConcurrencySettings>] {
        [
            Field(
                "enabled", \.enabled,
                "Whether fewer batches are sent at the same time while the other side is slow or fails."),
            Field("min", \.min, "Batches that are sent at the same time even then.") {
                $0 < 1 ? "must be at least 1" : nil
            },
        ]
    }
}
