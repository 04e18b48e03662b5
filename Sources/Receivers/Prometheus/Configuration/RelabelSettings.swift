internal import Patterns
internal import Prometheus
public import Settings

/// One rule of `relabel_configs` or `metric_relabel_configs`.
public struct RelabelSettings: SettingGroup, Equatable {
    /// What a rule does.
    public enum Action: String, CaseIterable, SettingChoice {
        case replace, keep, drop, keepequal, dropequal, hashmod, labelmap, labeldrop, labelkeep, lowercase
        case uppercase
    }

    public var sourceLabels: [String] = []
    public var separator = ";"
    public var targetLabel = ""
    public var regex = "(.*)"
    public var modulus: UInt64 = 0
    public var replacement = "$1"
    public var action = Action.replace

    public init() {}

    public static var fields: [Field<RelabelSettings>] {
        [
            Field("source_labels", \.sourceLabels, "Labels whose values are joined."),
            Field("separator", \.separator, "What stands between the values."),
            Field("target_label", \.targetLabel, "The label that is set, or compared with."),
            Field("regex", \.regex, "What the joined values, or names of labels, have to match as a whole.") {
                regex in
                do throws(PatternError) {
                    _ = try RegularExpression(regex)
                    return nil
                } catch {
                    return "is no regular expression: \(error)"
                }
            },
            Field("modulus", \.modulus, "What the hash is divided by, for hashmod."),
            Field("replacement", \.replacement, "What the target label becomes; $1 is the first group."),
            Field("action", \.action, "What is done."),
        ]
    }

    public func check() -> [Problem] { definition.mistakes.map { Problem($0.key, $0.message) } }

    private var definition: RelabelRule.Definition {
        var definition = RelabelRule.Definition()
        definition.sourceLabels = sourceLabels
        definition.separator = separator
        definition.targetLabel = targetLabel
        definition.regex = regex
        definition.modulus = modulus
        definition.replacement = replacement
        definition.action = RelabelAction(rawValue: action.rawValue) ?? .replace
        return definition
    }

    /// The rule, compiled.
    func rule() throws(PatternError) -> RelabelRule { try RelabelRule(definition) }
}
