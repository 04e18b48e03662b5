public import Settings

/// `retry_on_failure`: when and how often a batch is tried again.
public struct RetrySettings: SettingGroup, Equatable {
    public var enabled = true
    public var initialInterval = Duration.seconds(5)
    public var maxInterval = Duration.seconds(30)
    public var maxElapsedTime: Duration?
    public var multiplier = 1.5
    public var randomizationFactor = 0.5

    public init() {}

    public static var fields: [Field<RetrySettings>] {
        [
            Field("enabled", \.enabled, "Whether a batch is tried again after a failure that may pass."),
            Field("initial_interval", \.initialInterval, "Time before the second attempt.") {
                $0 <= .zero ? "must be more than 0" : nil
            },
            Field("max_interval", \.maxInterval, "Longest time between two attempts.") {
                $0 <= .zero ? "must be more than 0" : nil
            },
            Field(
                "max_elapsed_time", \.maxElapsedTime,
                "Time after which a batch is given up; 0 is never. Default: 5m, never with a storage."
            ) { $0.map { $0 < .zero } == true ? "must not be negative" : nil },
            Field("multiplier", \.multiplier, "Factor by which the time between attempts grows.") {
                $0 < 1 ? "must be at least 1" : nil
            },
            Field(
                "randomization_factor", \.randomizationFactor,
                "Share by which the time between attempts is varied, from 0 to 1."
            ) { (0...1).contains($0) ? nil : "must be from 0 to 1" },
        ]
    }

    public func check() -> [Problem] {
        guard enabled, initialInterval > maxInterval else { return [] }
        return [Problem("initial_interval", "must not be more than max_interval")]
    }
}
