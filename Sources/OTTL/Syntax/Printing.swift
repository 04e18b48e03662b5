internal import Wire

extension StatementExpression: CustomStringConvertible {
    /// The statement in its shortest regular form; reading it again gives the same statement.
    var description: String { condition.map { "\(editor) where \($0)" } ?? "\(editor)" }
}

extension CallExpression: CustomStringConvertible {
    var description: String {
        let arguments = arguments.map { argument in
            argument.name.map { "\($0)=\(argument.value)" } ?? "\(argument.value)"
        }
        return "\(name)(\(arguments.joined(separator: ", ")))" + Self.text(of: keys)
    }

    static func text(of keys: [Expression]) -> String { keys.map { "[\($0)]" }.joined() }
}

extension PathExpression: CustomStringConvertible {
    var description: String {
        segments.map { $0.name + CallExpression.text(of: $0.keys) }.joined(separator: ".")
    }
}

extension Expression: CustomStringConvertible {
    var description: String {
        switch kind {
        case .null: "nil"
        case .bool(let bool): "\(bool)"
        case .int(let int): "\(int)"
        case .float(let float): Self.text(of: float)
        case .string(let text): GoText.quoted(text)
        case .bytes(let bytes): "0x" + Hexadecimal.text(of: bytes)
        case .list(let elements): "[" + elements.map { "\($0)" }.joined(separator: ", ") + "]"
        case .map(let entries):
            "{" + entries.map { "\(GoText.quoted($0.key)): \($0.value)" }.joined(separator: ", ") + "}"
        case .path(let path): "\(path)"
        case .call(let call): "\(call)"
        case .name(let name): name
        case .negation(let inner): "-(\(inner))"
        case .math(let left, let operation, let right): math(left, operation, right)
        case .lambda(let parameters, .value(let body)): "(\(parameters.joined(separator: ", "))) => \(body)"
        case .lambda(let parameters, .logic(let body)): "(\(parameters.joined(separator: ", "))) => \(body)"
        }
    }

    private func math(_ left: Expression, _ operation: MathOperator, _ right: Expression) -> String {
        let first = left.strength < strength ? "(\(left))" : "\(left)"
        let second = right.strength <= strength ? "(\(right))" : "\(right)"
        return "\(first) \(operation.rawValue) \(second)"
    }

    /// How closely it holds together: sums 1, products 2, everything else 3.
    private var strength: Int {
        guard case .math(_, let operation, _) = kind else { return 3 }
        return operation == .add || operation == .subtract ? 1 : 2
    }

    /// A float with a point, since a number without one is an integer.
    private static func text(of float: Double) -> String {
        let text = "\(float)"
        guard let exponent = text.firstIndex(of: "e") else { return text }
        let digits = text[..<exponent]
        return digits.contains(".") ? text : digits + ".0" + text[exponent...]
    }
}

extension LogicExpression: CustomStringConvertible {
    var description: String {
        switch kind {
        case .constant(let bool): "\(bool)"
        case .call(let call): "\(call)"
        case .comparison(let left, let operation, let right): "\(left) \(operation.rawValue) \(right)"
        case .not(let inner): inner.strength < 3 ? "not (\(inner))" : "not \(inner)"
        case .and(let left, let right): Self.joined(left, "and", right, strength)
        case .or(let left, let right): Self.joined(left, "or", right, strength)
        }
    }

    /// How closely it holds together: `or` 1, `and` 2, everything else 3.
    private var strength: Int {
        switch kind {
        case .or: 1
        case .and: 2
        default: 3
        }
    }

    private static func joined(
        _ left: LogicExpression, _ word: String, _ right: LogicExpression, _ strength: Int
    ) -> String {
        let first = left.strength < strength ? "(\(left))" : "\(left)"
        let second = right.strength <= strength ? "(\(right))" : "\(right)"
        return "\(first) \(word) \(second)"
    }
}
