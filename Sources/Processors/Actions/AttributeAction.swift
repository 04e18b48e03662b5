internal import Patterns
internal import Pipeline
public import Settings
internal import Telemetry

/// One thing to do with attributes.
public struct AttributeAction: SettingGroup {
    /// What is done; upper case is read too.
    public enum Kind: String, SettingChoice {
        case insert, update, upsert, delete, hash, extract, convert

        public static func read(
            _ tree: Tree, over existing: Kind?, with reader: inout SettingReader
        ) -> Kind? {
            if let kind = tree.text.flatMap({ Kind(rawValue: $0.lowercased()) }) { return kind }
            reader.mismatch(tree, expected: Self.kind)
            return nil
        }
    }

    /// What `convert` makes.
    public enum Target: String, SettingChoice {
        case int, double, string
    }

    public var key = ""
    public var action = Kind.upsert
    public var value: Tree?
    public var fromAttribute: String?
    public var fromContext: String?
    public var defaultValue: Tree?
    public var pattern: String?
    public var convertedType: Target?

    public init() {}

    public static let fields: [Field<Self>] = [
        Field("key", \.key, "The attribute; delete and hash can do with a pattern alone."),
        Field(
            "action", \.action,
            "insert where it is absent, update where it is there, upsert always, delete, hash (SHA-256), "
                + "extract into other attributes, or convert.",
            required: true),
        Field("value", \.value, "The value to set, of any type."),
        Field("from_attribute", \.fromAttribute, "The attribute whose value is set."),
        Field(
            "from_context", \.fromContext,
            "What is set: metadata.NAME of the request (include_metadata in the receiver), auth.NAME of its "
                + "authenticator, or client.address.",
            check: { $0.flatMap { ContextKey.problem(of: $0) } }),
        Field("default_value", \.defaultValue, "The value to set where there is no other."),
        Field(
            "pattern", \.pattern,
            "Regular expression (RE2): keys for delete and hash; for extract, named groups are "
                + "the new keys."),
        Field("converted_type", \.convertedType, "The type that convert makes."),
    ]

    public func check() -> [Problem] {
        var problems = needs
        for (name, isGiven) in unused where isGiven {
            problems.append(Problem(name, "is not used by the action \(action.rawValue)"))
        }
        if let pattern, problems.isEmpty { problems += self.problems(of: pattern) }
        return problems
    }

    /// What is missing, or too much of it.
    private var needs: [Problem] {
        switch action {
        case .insert, .update, .upsert:
            let sources = [isSet(value), isGiven(fromAttribute), isGiven(fromContext)].filter { $0 }.count
            guard !key.isEmpty else { return [Problem("", "needs a key")] }
            if sources > 1 {
                return [Problem("", "set one of value, from_attribute and from_context, not several")]
            }
            guard sources == 0, !isSet(defaultValue) else { return [] }
            return [Problem("", "needs one of value, from_attribute, from_context and default_value")]
        case .delete, .hash:
            guard key.isEmpty, !isGiven(pattern) else { return [] }
            return [Problem("", "needs a key, a pattern or both")]
        case .extract:
            guard !key.isEmpty else { return [Problem("", "needs a key")] }
            return isGiven(pattern) ? [] : [Problem("", "needs a pattern with named groups")]
        case .convert:
            guard !key.isEmpty else { return [Problem("", "needs a key")] }
            return convertedType == nil ? [Problem("", "needs a converted_type")] : []
        }
    }

    /// Keys that the action does not use, and whether they are there.
    private var unused: [(String, Bool)] {
        let sources = [
            ("value", isSet(value)), ("from_attribute", isGiven(fromAttribute)),
            ("from_context", isGiven(fromContext)), ("default_value", isSet(defaultValue)),
        ]
        let pattern = [("pattern", isGiven(pattern))]
        let target = [("converted_type", convertedType != nil)]
        return switch action {
        case .insert, .update, .upsert: pattern + target
        case .delete, .hash, .extract: sources + target
        case .convert: sources + pattern
        }
    }

    private func problems(of pattern: String) -> [Problem] {
        do throws(PatternError) {
            let expression = try RegularExpression(pattern)
            guard action == .extract else { return [] }
            if expression.groupCount == 0 {
                return [Problem("pattern", "has no named group, such as (?P<name>…)")]
            }
            guard expression.groupNames.dropFirst().contains(nil) else { return [] }
            return [Problem("pattern", "has a group without a name; write (?P<name>…), or (?:…) for none")]
        } catch {
            return [Problem("pattern", "is not a regular expression of RE2: \(error)")]
        }
    }

    private func isSet(_ tree: Tree?) -> Bool { tree.map { !$0.isNull } ?? false }
    private func isGiven(_ text: String?) -> Bool { text.map { !$0.isEmpty } ?? false }
}

extension AttributeValue {
    /// The value that configuration writes, with the type that YAML gives it; `nil` for null.
    init?(_ tree: Tree) {
        switch tree.content {
        case .list(let elements): self = .array(elements.map { AttributeValue($0) ?? .empty })
        case .table(let entries):
            self = .keyValues(entries.map { .init($0.key, AttributeValue($0.value) ?? .empty) })
        case .scalar(let scalar):
            switch scalar.value {
            case .null: return nil
            case .bool(let bool): self = .bool(bool)
            case .int(let int): self = .int(Int64(int))
            case .unsigned(let unsigned): self = .double(Double(unsigned))
            case .double(let double): self = .double(double)
            case .string(let text): self = .string(text)
            }
        }
    }
}
