internal import Patterns
internal import Prometheus
public import Settings

/// `resource_to_telemetry_conversion`: which attributes of resources become labels.
public struct ResourceConversion: SettingGroup, Equatable {
    public var enabled = false
    public var excludesService = false
    public var names = ResourceLabels()

    public init() {}

    public static var fields: [Field<ResourceConversion>] {
        [
            Field("enabled", \.enabled, "Whether all attributes become labels."),
            Field(
                "exclude_service_attributes", \.excludesService,
                "Whether the attributes that job and instance are made of are left out."),
            Field(embedding: \.names),
        ]
    }

    var isEmpty: Bool { !enabled && names.isEmpty }

    var selection: ResourceSelection {
        guard !isEmpty else { return .none }
        return ResourceSelection(
            included: ResourceLabels.globs(names.included), excluded: ResourceLabels.globs(names.excluded),
            includesAll: enabled, excludesService: excludesService)
    }
}

/// `resource_constant_labels`: which attributes of resources become labels, by their names.
public struct ResourceLabels: SettingGroup, Equatable {
    public var included: [String] = []
    public var excluded: [String] = []

    public init() {}

    public static var fields: [Field<ResourceLabels>] {
        [
            Field(
                "included", \.included, "Names of attributes, * for any characters; all when only excluded.",
                check: problem),
            Field("excluded", \.excluded, "Names of attributes to leave out.", check: problem),
        ]
    }

    private static let problem: @Sendable ([String]) -> String? = { patterns in
        for pattern in patterns {
            do throws(PatternError) { _ = try Glob(pattern) } catch { return "'\(pattern)': \(error)" }
        }
        return nil
    }

    var isEmpty: Bool { included.isEmpty && excluded.isEmpty }

    var selection: ResourceSelection {
        isEmpty
            ? .none : ResourceSelection(included: Self.globs(included), excluded: Self.globs(excluded))
    }

    /// The patterns, which have been checked.
    static func globs(_ patterns: [String]) -> [Glob] { patterns.compactMap { try? Glob($0) } }
}
