internal import Patterns
internal import Pipeline
public import Settings

extension SpanProcessor {
    /// How a span ended.
    public enum StatusCode: String, SettingChoice {
        case unset = "Unset"
        case ok = "Ok"
        case error = "Error"
    }

    /// The keys of the processor.
    public struct Configuration: SettingGroup {
        public var name: Name?
        public var status: Status?
        public var include: MatchSettings?
        public var exclude: MatchSettings?

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "name", \.name,
                "How the name of a span is made of its attributes, or the "
                    + "other way around."),
            Field("status", \.status, "The status that spans get."),
            Field("include", \.include, "The spans that are worked on; without it all are."),
            Field("exclude", \.exclude, "Spans that are left alone, of those that are included."),
        ]

        public func check() -> [Problem] {
            let isAnything =
                status != nil || name.map { !$0.fromAttributes.isEmpty || $0.toAttributes != nil } ?? false
            return isAnything
                ? [] : [Problem("", "needs a status, or from_attributes or to_attributes under name")]
        }
    }

    /// What is done to names, in the order of the keys.
    public struct Name: SettingGroup {
        public var fromAttributes: [String] = []
        public var separator = ""
        public var toAttributes: ToAttributes?

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "from_attributes", \.fromAttributes,
                "Attributes whose values, one after another, become the name; if one is absent it stays."
            ) { $0.contains("") ? "must not have an empty key" : nil },
            Field("separator", \.separator, "Text between these values."),
            Field("to_attributes", \.toAttributes, "What of the name becomes attributes."),
        ]
    }

    /// Parts of names that become attributes.
    public struct ToAttributes: SettingGroup {
        public var rules: [String] = []
        public var breakAfterMatch = false
        public var keepOriginalName = false

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "rules", \.rules,
                "Regular expressions (RE2) for names; what a group (?P<key>…) matches becomes "
                    + "an attribute, and "
                    + "{key} in the name. Each works on what the one before made.",
                required: true
            ) { $0.isEmpty ? "must not be empty" : nil },
            Field(
                "break_after_match", \.breakAfterMatch,
                "Whether the first rule that matches is "
                    + "the last one."),
            Field("keep_original_name", \.keepOriginalName, "Whether the name stays as it is."),
        ]

        public func check() -> [Problem] {
            rules.enumerated().compactMap { index, rule in
                Self.problem(of: rule).map { Problem("rules.\(index)", $0) }
            }
        }

        private static func problem(of rule: String) -> String? {
            do throws(PatternError) {
                let names = try RegularExpression(rule).groupNames.dropFirst()
                if names.isEmpty { return "has no named group, such as (?P<key>…)" }
                return names.contains(nil)
                    ? "has a group without a name; write (?P<key>…), or (?:…) for none" : nil
            } catch {
                return "is not a regular expression of RE2: \(error)"
            }
        }
    }

    /// The status that spans get.
    public struct Status: SettingGroup {
        public var code = StatusCode.unset
        public var description = ""

        public init() {}

        public static let fields: [Field<Self>] = [
            Field("code", \.code, "Unset, Ok or Error.", required: true),
            Field("description", \.description, "What went wrong; for Error only."),
        ]

        public func check() -> [Problem] {
            code == .error || description.isEmpty
                ? [] : [Problem("description", "can only be given with the code Error")]
        }
    }
}
