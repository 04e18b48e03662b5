internal import Patterns
public import Settings

/// An attribute by which spans are told apart.
public struct DimensionSettings: SettingGroup {
    public var name: String?
    public var glob: String?
    public var defaultValue: String?

    public init() {}

    public static let fields: [Field<Self>] = [
        Field("name", \.name, "The attribute, of the span or else of its resource."),
        Field(
            "glob", \.glob,
            "Instead of a name: a pattern for the names of attributes, with *, ?, [a-z] and {one,two}."),
        Field(
            "default", \.defaultValue,
            "What stands where there is no such attribute; without it the dimension is left out then."),
    ]

    public func check() -> [Problem] {
        switch (name, glob) {
        case (nil, nil): return [Problem("", "needs a name or a glob")]
        case (.some, .some): return [Problem("glob", "set name or glob, not both")]
        case (.some(let name), nil): return name.isEmpty ? [Problem("name", "must not be empty")] : []
        case (nil, .some(let pattern)):
            if defaultValue != nil { return [Problem("default", "is of no use with a glob")] }
            do throws(PatternError) {
                _ = try Glob(pattern)
                return []
            } catch {
                return [Problem("glob", "is not a pattern: \(error)")]
            }
        }
    }
}

/// The histogram of durations.
public struct SpanHistogramSettings: SettingGroup {
    /// What durations are counted in.
    public enum Unit: String, SettingChoice {
        case milliseconds = "ms"
        case seconds = "s"

        /// Nanoseconds that one has.
        var nanoseconds: Double { self == .milliseconds ? 1e6 : 1e9 }
    }

    /// Buckets with bounds of their own.
    public struct Explicit: SettingGroup {
        public var buckets: [Duration] = [
            .milliseconds(2), .milliseconds(4), .milliseconds(6), .milliseconds(8), .milliseconds(10),
            .milliseconds(50), .milliseconds(100), .milliseconds(200), .milliseconds(400),
            .milliseconds(800), .seconds(1), .milliseconds(1400), .seconds(2), .seconds(5), .seconds(10),
            .seconds(15),
        ]

        public init() {}

        public static let fields: [Field<Self>] = [
            Field("buckets", \.buckets, "The upper bounds of the buckets, rising.") {
                LatencyBounds.problem(of: $0)
            }
        ]
    }

    /// Buckets that adapt to what is measured.
    public struct Exponential: SettingGroup {
        public var maxSize = 160

        public init() {}

        public static let fields: [Field<Self>] = [
            Field("max_size", \.maxSize, "The largest number of buckets.") {
                (2...16384).contains($0) ? nil : "must be from 2 to 16384"
            }
        ]
    }

    public var disable = false
    public var unit = Unit.milliseconds
    public var explicit = Presence(Explicit())
    public var exponential = Presence(Exponential())
    public var dimensions: [DimensionSettings] = []

    public init() {}

    public static let fields: [Field<Self>] = [
        Field("disable", \.disable, "Leaves the metric out."),
        Field("unit", \.unit, "The unit of durations."),
        Field("explicit", \.explicit, "Buckets with bounds of their own, which is the default."),
        Field("exponential", \.exponential, "Buckets that adapt to what is measured."),
        Field("dimensions", \.dimensions, "Further dimensions of this metric alone."),
    ]

    public func check() -> [Problem] {
        explicit.isPresent && exponential.isPresent
            ? [Problem("exponential", "set explicit or exponential, not both")] : []
    }

    /// The bounds of explicit buckets, in the unit; `nil` when buckets are exponential.
    var bounds: [Double]? {
        exponential.isPresent
            ? nil : LatencyBounds.numbers(explicit.section.buckets, unit: unit.nanoseconds)
    }
}

/// Which spans are shown as examples of a point.
public struct ExemplarSettings: SettingGroup {
    public var enabled = false
    public var maxPerDataPoint = 5

    public init() {}

    public static let fields: [Field<Self>] = [
        Field("enabled", \.enabled, "Adds ids of spans to the points."),
        Field("max_per_data_point", \.maxPerDataPoint, "The first so many spans since the last flush.") {
            (0...1000).contains($0) ? nil : "must be from 0 to 1000"
        },
    ]
}

/// The metric of events.
public struct SpanEventSettings: SettingGroup {
    public var enabled = false
    public var dimensions: [DimensionSettings] = []

    public init() {}

    public static let fields: [Field<Self>] = [
        Field("enabled", \.enabled, "Counts the events of spans."),
        Field(
            "dimensions", \.dimensions,
            "Attributes, also of the event, by which events are told apart, beside the dimensions of spans."),
    ]

    public func check() -> [Problem] {
        enabled && dimensions.isEmpty ? [Problem("dimensions", "is needed when events are counted")] : []
    }
}
