internal import Patterns
public import Pipeline
public import Settings
public import Telemetry
internal import Wire

/// Makes names of spans from their attributes, takes attributes out of their names, and sets their status.
///
/// `/api/v1/document/12345678/update` and the rule `^/api/v1/document/(?P<documentId>.*)/update$` give the
/// name `/api/v1/document/{documentId}/update` and the attribute `documentId` = `12345678`.
public struct SpanProcessor: Processor {
    public static let name = "span"
    public static let summary =
        "Renames spans by their attributes, takes attributes from "
        + "names, sets the status."
    public static let signals: [Signal] = [.traces]
    public static let differences = [
        "A rule with a group that has no name is an error; there it sets an attribute without a name.",
        "A group that takes no part in the match, or stands inside of another one, changes "
            + "nothing in the name; "
            + "there it ends the process.",
    ]

    private struct Rule {
        let expression: RegularExpression
        let keys: [AttributeKey]
    }

    private let sources: [AttributeKey]
    private let separator: String
    private var rules: [Rule] = []
    private let settings: ToAttributes
    private let status: Status?
    private var selection: RecordSelection

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        sources = configuration.name?.fromAttributes.map { AttributeKey($0) } ?? []
        separator = configuration.name?.separator ?? ""
        settings = configuration.name?.toAttributes ?? ToAttributes()
        status = configuration.status
        selection = try RecordSelection(include: configuration.include, exclude: configuration.exclude)
        for text in settings.rules {
            do throws(PatternError) {
                let expression = try RegularExpression(text)
                rules.append(
                    Rule(
                        expression: expression, keys: expression.groupNames.map { AttributeKey($0 ?? "") }))
            } catch {
                throw ComponentError(
                    "is not a regular expression of RE2: \(error)", key: "name.to_attributes.rules")
            }
        }
    }

    public static func problems(of configuration: Configuration, for signal: Signal) -> [Problem] {
        MatchSettings.problems(
            ["include": configuration.include, "exclude": configuration.exclude], for: signal)
    }

    public mutating func process(_ batch: inout Batch) throws(Rejection) {
        batch.rewrite(selection.places.union(.record)) { draft in
            guard draft.kind == .span else { return selection.look(at: draft) }
            guard selection.contains(draft) else { return }
            name(draft)
            takeAttributes(draft)
            if let status { set(status, draft) }
        }
    }

    /// Makes the name of the values of attributes, if all of them are there.
    private func name(_ span: Draft) {
        guard !sources.isEmpty else { return }
        var name = ""
        for (index, key) in sources.enumerated() {
            guard let text = span.withAttribute(key, { Self.text(of: $0) }) else { return }
            if index > 0 { name += separator }
            name += text
        }
        span.setField(5, .text(name))
    }

    private static func text(of value: LentValue) -> String {
        switch value.number {
        case 1: value.string.map { String(decoding: $0, as: UTF8.self) } ?? ""
        case 2: value.bits == 0 ? "false" : "true"
        case 3: "\(Int64(bitPattern: value.bits))"
        case 4: Double(bitPattern: value.bits).plainText
        default: "<unknown-attribute-type>"
        }
    }

    /// Makes attributes of what the groups of the rules match in the name.
    private func takeAttributes(_ span: Draft) {
        for rule in rules {
            let name = span.data(5)
            guard !name.isEmpty, let match = rule.expression.firstMatch(in: name) else { continue }
            var (newName, position) = ("", 0)
            for group in 1..<rule.keys.count {
                let range = match[group]
                span.set(rule.keys[group], .string(range.map { name[$0].string } ?? ""))
                guard let range, range.lowerBound >= position else { continue }
                newName += name[position..<range.lowerBound].string + "{\(rule.keys[group].name)}"
                position = range.upperBound
            }
            newName += name[position..<name.count].string
            if !settings.keepOriginalName { span.setField(5, .text(newName)) }
            if settings.breakAfterMatch { return }
        }
    }

    private func set(_ status: Status, _ span: Draft) {
        let code: UInt64 =
            switch status.code {
            case .unset: 0
            case .ok: 1
            case .error: 2
            }
        if code == 0 { span.removeField(3, of: 15) } else { span.setField(3, of: 15, .unsigned(code)) }
        if status.description.isEmpty {
            span.removeField(2, of: 15)
        } else {
            span.setField(2, of: 15, .text(status.description))
        }
    }
}
