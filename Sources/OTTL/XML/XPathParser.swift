/// Reads expressions of XPath.
struct XPathParser {
    private enum Token: Equatable {
        case symbol(String)
        case name(String)
        case number(Double)
        case string(String)
    }

    private let text: String
    private var tokens: [Token] = []
    private var index = 0
    private var depth = 0
    private var operators = 0

    init(_ text: String) throws(FunctionError) {
        self.text = text
        guard text.utf8.count <= 4096 else { throw FunctionError("the XPath has more than 4096 bytes") }
        try split()
    }

    private func wrong(_ what: String) -> FunctionError {
        FunctionError("the XPath '\(text)' is not valid: \(what)")
    }

    private static let symbols = [
        "::", "//", "..", "!=", "<=", ">=", "/", "|", "=", "<", ">", "+", "-", "*", "(", ")", "[", "]", "@",
        ",", ".",
    ]

    private mutating func split() throws(FunctionError) {
        var rest = Substring(text)
        while let first = rest.first {
            if first.isWhitespace {
                rest.removeFirst()
            } else if first == "'" || first == "\"" {
                guard let end = rest.dropFirst().firstIndex(of: first) else {
                    throw wrong("a quote is not closed")
                }
                tokens.append(.string(String(rest[rest.index(after: rest.startIndex)..<end])))
                rest = rest[rest.index(after: end)...]
            } else if first.isNumber || (first == "." && rest.dropFirst().first?.isNumber == true) {
                let digits = rest.prefix { $0.isNumber || $0 == "." }
                guard let number = Double(digits.hasSuffix(".") ? "\(digits)0" : "0\(digits)") else {
                    throw wrong("'\(digits)' is no number")
                }
                tokens.append(.number(number))
                rest.removeFirst(digits.count)
            } else if first.isLetter || first == "_" {
                let name = Self.name(at: rest)
                tokens.append(.name(String(name)))
                rest.removeFirst(name.count)
            } else if let symbol = Self.symbols.first(where: { rest.hasPrefix($0) }) {
                tokens.append(.symbol(symbol))
                rest.removeFirst(symbol.count)
            } else {
                throw wrong("'\(first)' is not expected")
            }
        }
    }

    /// A name with its prefix; `::` is not part of it.
    private static func name(at text: Substring) -> Substring {
        var end = text.startIndex
        while end < text.endIndex {
            let character = text[end]
            let isPart = character.isLetter || character.isNumber || "_-.".contains(character)
            let next = text.index(after: end)
            let isPrefix = character == ":" && next < text.endIndex && text[next] != ":"
            guard isPart || isPrefix else { break }
            end = next
        }
        return text[..<end]
    }

    private var current: Token? { index < tokens.count ? tokens[index] : nil }
    private var next: Token? { index + 1 < tokens.count ? tokens[index + 1] : nil }

    private mutating func take(_ symbol: String) -> Bool {
        guard current == .symbol(symbol) else { return false }
        index += 1
        return true
    }

    private mutating func need(_ symbol: String) throws(FunctionError) {
        guard take(symbol) else { throw wrong("'\(symbol)' is missing") }
    }

    mutating func parse() throws(FunctionError) -> XPath.Expression {
        let expression = try binary(0)
        guard index == tokens.count else { throw wrong("something is left over at its end") }
        return expression
    }

    /// Operators that bind more and more tightly.
    private static let levels: [[XPath.Operator]] = [
        [.or], [.and], [.equal, .notEqual], [.less, .lessOrEqual, .greater, .greaterOrEqual],
        [.add, .subtract], [.multiply, .div, .mod],
    ]

    private mutating func binary(_ level: Int) throws(FunctionError) -> XPath.Expression {
        depth += 1
        defer { depth -= 1 }
        guard depth < 200 else { throw wrong("it nests too deeply") }
        guard level < Self.levels.count else { return try unary() }
        var left = try binary(level + 1)
        while let operation = self.operation(of: Self.levels[level]) {
            index += 1
            try countOperator()
            left = .binary(operation, left, try binary(level + 1))
        }
        return left
    }

    private func operation(of level: [XPath.Operator]) -> XPath.Operator? {
        let name: String
        switch current {
        case .symbol(let symbol)?: name = symbol
        case .name(let word)?: name = word
        default: return nil
        }
        return level.first { $0.rawValue == name }
    }

    private mutating func unary() throws(FunctionError) -> XPath.Expression {
        if take("-") {
            try countOperator()
            return .negated(try unary())
        }
        var left = try path()
        while take("|") {
            try countOperator()
            left = .binary(.union, left, try path())
        }
        return left
    }

    /// A chain of operators nests as deeply as it is long.
    private mutating func countOperator() throws(FunctionError) {
        operators += 1
        guard operators <= 200 else { throw wrong("it has more than 200 operators") }
    }

    private mutating func path() throws(FunctionError) -> XPath.Expression {
        switch current {
        case .number(let number)?:
            index += 1
            return .number(number)
        case .string(let string)?:
            index += 1
            return .string(string)
        case .symbol("(")?:
            index += 1
            let inner = try binary(0)
            try need(")")
            return try continued(inner)
        case .name(let name)? where next == .symbol("(") && !Self.isNodeType(name):
            return try continued(try call(name))
        case .symbol("/")?:
            index += 1
            return .path(.document, startsStep ? try steps() : [])
        case .symbol("//")?:
            index += 1
            return .path(.document, [Self.anywhere] + (try steps()))
        default: return .path(.context, try steps())
        }
    }

    /// What follows an expression in parentheses or a function: predicates and steps.
    private mutating func continued(_ expression: XPath.Expression) throws(FunctionError) -> XPath.Expression
    {
        let predicates = try predicates()
        if take("/") { return .path(.nodes(expression, predicates), try steps()) }
        if take("//") { return .path(.nodes(expression, predicates), [Self.anywhere] + (try steps())) }
        return predicates.isEmpty ? expression : .path(.nodes(expression, predicates), [])
    }

    private static let anywhere = XPath.Step(axis: .descendantOrSelf, test: .node)

    private var startsStep: Bool {
        switch current {
        case .name?, .symbol("*")?, .symbol("@")?, .symbol(".")?, .symbol("..")?: true
        default: false
        }
    }

    private mutating func steps() throws(FunctionError) -> [XPath.Step] {
        var steps = [try step()]
        while true {
            if take("/") {
                steps.append(try step())
            } else if take("//") {
                steps += [Self.anywhere, try step()]
            } else {
                return steps
            }
        }
    }

    private mutating func step() throws(FunctionError) -> XPath.Step {
        if take(".") { return XPath.Step(axis: .itself, test: .node) }
        if take("..") { return XPath.Step(axis: .parent, test: .node) }
        var axis = XPath.Axis.child
        if take("@") {
            axis = .attribute
        } else if case .name(let name)? = current, next == .symbol("::") {
            guard let known = XPath.Axis(rawValue: name) else { throw wrong("there is no axis '\(name)'") }
            axis = known
            index += 2
        }
        var step = XPath.Step(axis: axis, test: try test())
        step.predicates = try predicates()
        return step
    }

    private static func isNodeType(_ name: String) -> Bool {
        ["node", "text", "comment", "processing-instruction"].contains(name)
    }

    private mutating func test() throws(FunctionError) -> XPath.Test {
        if take("*") { return .any }
        guard case .name(let name)? = current else { throw wrong("a step is missing") }
        index += 1
        if Self.isNodeType(name), take("(") {
            if name == "processing-instruction", case .string? = current { index += 1 }
            try need(")")
            switch name {
            case "text": return .text
            case "comment": return .comment
            case "node": return .node
            default: return .instruction
            }
        }
        if name.hasSuffix(":"), take("*") { return .anyWithPrefix(name) }
        return .name(name)
    }

    private mutating func predicates() throws(FunctionError) -> [XPath.Expression] {
        var predicates: [XPath.Expression] = []
        while take("[") {
            predicates.append(try binary(0))
            try need("]")
        }
        return predicates
    }

    private mutating func call(_ name: String) throws(FunctionError) -> XPath.Expression {
        guard let function = XPath.Function(rawValue: name) else {
            throw wrong("there is no function '\(name)'")
        }
        index += 2
        var arguments: [XPath.Expression] = []
        if !take(")") {
            repeat { arguments.append(try binary(0)) } while take(",")
            try need(")")
        }
        guard function.arguments.contains(arguments.count) else {
            throw wrong("'\(name)' does not take \(arguments.count) arguments")
        }
        return .call(function, arguments)
    }
}
