public import Settings

/// The types of template variables.
public enum VariableType: String, SettingChoice, Hashable {
    case string, int, bool, duration, list
}

/// One variable as a revision declares it.
public struct TemplateVariable: SettingGroup, Hashable {
    public var type = VariableType.string
    /// What it is when nobody says anything else.
    public var initial: Tree?
    /// Whether somebody has to say what it is.
    public var isRequired = false
    public var summary = ""
    /// The only values that are possible; empty for all of the type.
    public var allowed: [Tree] = []
    /// The label or reported attribute of an agent that says what it is, such as `host.name`.
    public var source = ""

    public init() {}

    public static var fields: [Field<TemplateVariable>] {
        [
            Field("type", \.type, "What kind of value it is."),
            Field("default", \.initial, "The value when nothing else says one."),
            Field("required", \.isRequired, "Whether there has to be a value from somewhere."),
            Field("description", \.summary, "What it is for."),
            Field("allowed", \.allowed, "The only values that are possible; empty for all."),
            Field(
                "from", \.source, "The label or reported attribute of the agent that says the value."),
        ]
    }

    public func check() -> [Problem] {
        var problems: [Problem] = []
        for (index, value) in allowed.enumerated() {
            if case .failure(let fault) = VariableValue.reading(value, as: type) {
                problems.append(Problem("allowed.\(index)", fault.description))
            }
        }
        if let initial, !initial.isNull {
            if isRequired {
                problems.append(Problem("required", "must not be true for a variable with a default"))
            }
            if case .failure(let fault) = value(of: initial) {
                problems.append(Problem("default", fault.description))
            }
        } else if !isRequired, type != .string, type != .list {
            problems.append(
                Problem("", "a variable of type \(type.rawValue) needs a default, or required: true"))
        }
        return problems
    }

    /// What a value that was set somewhere means for this variable.
    func value(of tree: Tree) -> Result<VariableValue, VariableFault> {
        VariableValue.reading(tree, as: type).flatMap { value in
            let possible = allowed.compactMap { try? VariableValue.reading($0, as: type).get() }
            let isPossible =
                allowed.isEmpty || possible.contains(value)
                || value.elements.map { $0.allSatisfy(Set(possible.flatMap { $0.elements ?? [] }).contains) }
                    ?? false
            guard isPossible else {
                let list = allowed.map { $0.text ?? "" }.joined(separator: ", ")
                return .failure(VariableFault("is not one of the allowed values: \(list)"))
            }
            return .success(value)
        }
    }

    /// The value when nothing says one; `nil` when something has to.
    var absentValue: VariableValue? {
        if let initial, !initial.isNull { return try? value(of: initial).get() }
        guard !isRequired else { return nil }
        return type == .list ? .list([]) : .text("")
    }
}

/// Why a value does not fit its variable; says nothing of the value itself, which others may have set.
struct VariableFault: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// What a variable is for one agent.
enum VariableValue: Sendable, Hashable {
    case text(String)
    case whole(Int)
    case truth(Bool)
    /// As it was written, in Go's syntax.
    case duration(String)
    case list([String])

    /// The longest text of a value, in UTF-8 bytes.
    static let longestText = 64 << 10
    /// The most elements of a list.
    static let mostElements = 1000

    var elements: [String]? { if case .list(let elements) = self { elements } else { nil } }

    /// The value in a configuration; a `$` in it means nothing to the collector.
    var tree: Tree {
        switch self {
        case .text(let text), .duration(let text): .text(TemplateText.escaped(text))
        case .whole(let number): .number(number)
        case .truth(let value): .bool(value)
        case .list(let elements): .list(elements.map { .text(TemplateText.escaped($0)) })
        }
    }

    /// The value as a part of a text; `nil` for a list.
    var inText: String? {
        switch self {
        case .text(let text), .duration(let text): text
        case .whole(let number): String(number)
        case .truth(let value): value ? "true" : "false"
        case .list: nil
        }
    }

    /// Reads what was set: as its type, or as text that says it, since labels and attributes are text.
    static func reading(_ tree: Tree, as type: VariableType) -> Result<VariableValue, VariableFault> {
        if type == .list { return list(tree) }
        guard let text = tree.text, tree.scalar != nil else {
            return .failure(VariableFault("must be \(kind(type)), not \(tree.kind)"))
        }
        guard text.utf8.count <= longestText else {
            return .failure(VariableFault("has more than \(longestText) bytes"))
        }
        let value: VariableValue? =
            switch type {
            case .string: .text(text)
            case .int: Int(text).map { .whole($0) }
            case .bool: text == "true" ? .truth(true) : text == "false" ? .truth(false) : nil
            case .duration: Duration(goSyntax: text).map { _ in .duration(text) }
            case .list: nil
            }
        return value.map { .success($0) } ?? .failure(VariableFault("must be \(kind(type))"))
    }

    private static func list(_ tree: Tree) -> Result<VariableValue, VariableFault> {
        var elements: [String] = []
        if let list = tree.list {
            for element in list {
                guard let text = element.text else {
                    return .failure(VariableFault("must be a list of texts"))
                }
                elements.append(text)
            }
        } else if let text = tree.text {
            elements = text.split(separator: ",").map { part in
                String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            }
        } else {
            return .failure(VariableFault("must be a list, or text with commas"))
        }
        guard elements.count <= mostElements,
            elements.reduce(0, { $0 + $1.utf8.count }) <= longestText
        else {
            return .failure(
                VariableFault("has more than \(mostElements) elements or \(longestText) bytes"))
        }
        return .success(.list(elements))
    }

    private static func kind(_ type: VariableType) -> String {
        switch type {
        case .string: "text"
        case .int: "a whole number"
        case .bool: "true or false"
        case .duration: Duration.kind
        case .list: "a list"
        }
    }
}
