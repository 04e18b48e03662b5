internal import Patterns
internal import Prometheus
public import Settings

/// `resource_constant_labels`, and its older form `resource_to_telemetry_conversion`: which attributes of
/// resources become labels of every series.
public struct ResourceLabels: SettingGroup, Equatable {
    public var included: [String] = []
    public var excluded: [String] = []
    public var enabled = false
    public var excludesService = false

    public init() {}

    public static var fields: [Field<ResourceLabels>] {
        [
            Field(
                "included", \.included,
                "Names of attributes, * for any characters; all when there are only excluded ones.",
                check: problem),
            Field("excluded", \.excluded, "Names of attributes to leave out.", check: problem),
            Field("enabled", \.enabled, "Whether all attributes are included."),
            Field(
                "exclude_service_attributes", \.excludesService,
                "Whether the attributes that job and instance are made of are left out."),
        ]
    }

    /// What is wrong with having both forms, if they are there.
    static func problems(_ labels: ResourceLabels, _ older: ResourceLabels) -> [Problem] {
        guard !labels.isEmpty, !older.isEmpty else { return [] }
        return [
            Problem(
                "resource_constant_labels",
                "cannot be together with resource_to_telemetry_conversion; leave that one out")
        ]
    }

    /// What the form that is there selects.
    static func selection(_ labels: ResourceLabels, _ older: ResourceLabels) -> ResourceSelection {
        (labels.isEmpty ? older : labels).selection
    }

    private static let problem: @Sendable ([String]) -> String? = { patterns in
        for pattern in patterns {
            do throws(PatternError) { _ = try Glob(pattern) } catch { return "'\(pattern)': \(error)" }
        }
        return nil
    }

    private var isEmpty: Bool { !enabled && included.isEmpty && excluded.isEmpty }

    private var selection: ResourceSelection {
        guard !isEmpty else { return .none }
        return ResourceSelection(
            included: Self.globs(included), excluded: Self.globs(excluded), includesAll: enabled,
            excludesService: excludesService)
    }

    /// The patterns, which have been checked.
    private static func globs(_ patterns: [String]) -> [Glob] { patterns.compactMap { try? Glob($0) } }
}
