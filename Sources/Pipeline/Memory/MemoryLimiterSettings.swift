public import Settings

/// The keys of memory limiters: otelcol's, for its processor and its extension.
public struct MemoryLimiterSettings: SettingGroup {
    public var checkInterval = Duration.zero
    public var limitMiB = 0
    public var spikeLimitMiB = 0
    public var limitPercentage = 0
    public var spikeLimitPercentage = 0
    public var minGCIntervalWhenSoftLimited: Duration?
    public var minGCIntervalWhenHardLimited: Duration?
    public var maxGCIntervalWhenSoftLimited: Duration?
    public var maxGCIntervalWhenHardLimited: Duration?

    public init() {}

    public static let fields: [Field<Self>] = [
        Field(
            "check_interval", \.checkInterval,
            "Longest time between two looks at the size of the process; telemetry is counted all the time.",
            required: true
        ) { $0 <= .zero ? "must be more than 0; 1s is a good choice" : nil },
        Field(
            "limit_mib", \.limitMiB,
            "Most memory the process should use, in MiB; goes before limit_percentage.",
            check: Self.notNegative),
        Field(
            "spike_limit_mib", \.spikeLimitMiB,
            "Room below limit_mib in which telemetry is refused, in MiB; 0 is a fifth of the limit.",
            check: Self.notNegative),
        Field(
            "limit_percentage", \.limitPercentage,
            "Most memory the process should use, in percent of what the cgroup or the machine has.",
            check: Self.percentage),
        Field(
            "spike_limit_percentage", \.spikeLimitPercentage,
            "Room below limit_percentage in which telemetry is refused; 0 is a fifth of the limit.",
            check: Self.percentage),
        Field(
            "min_gc_interval_when_soft_limited", \.minGCIntervalWhenSoftLimited,
            "Without effect: memory is counted, nothing has to be collected."),
        Field(
            "min_gc_interval_when_hard_limited", \.minGCIntervalWhenHardLimited,
            "Without effect: memory is counted, nothing has to be collected."),
        Field(
            "max_gc_interval_when_soft_limited", \.maxGCIntervalWhenSoftLimited,
            "Without effect: memory is counted, nothing has to be collected."),
        Field(
            "max_gc_interval_when_hard_limited", \.maxGCIntervalWhenHardLimited,
            "Without effect: memory is counted, nothing has to be collected."),
    ]

    public func check() -> [Problem] {
        var problems: [Problem] = []
        if limitMiB == 0, limitPercentage == 0 {
            problems.append(Problem("", "needs limit_mib or limit_percentage"))
        }
        if limitMiB > 0, spikeLimitMiB >= limitMiB {
            problems.append(Problem("spike_limit_mib", "must be less than limit_mib"))
        }
        if limitPercentage > 0, spikeLimitPercentage >= limitPercentage {
            problems.append(Problem("spike_limit_percentage", "must be less than limit_percentage"))
        }
        return problems
    }

    /// Whether somebody wrote a key that is about garbage collection.
    var namesCollection: Bool {
        [
            minGCIntervalWhenSoftLimited, minGCIntervalWhenHardLimited, maxGCIntervalWhenSoftLimited,
            maxGCIntervalWhenHardLimited,
        ].contains { $0 != nil }
    }

    /// The limits in bytes; `probe` is asked for the memory there is when they are given in percent.
    ///
    /// - Throws: What to do when that is unknown.
    public func limits(_ probe: MemoryProbe) throws(ComponentError) -> MemoryLimits {
        guard limitMiB == 0 else { return MemoryLimits(hard: limitMiB << 20, spike: spikeLimitMiB << 20) }
        let total = try probe.total()
        return MemoryLimits(
            hard: total / 100 * limitPercentage, spike: total / 100 * spikeLimitPercentage)
    }

    private static let notNegative: @Sendable (Int) -> String? = {
        (0...Int(UInt32.max)).contains($0) ? nil : "must be from 0 to \(UInt32.max)"
    }

    private static let percentage: @Sendable (Int) -> String? = {
        (0...100).contains($0) ? nil : "must be from 0 to 100"
    }
}
