/// Reads tokens into expressions.
///
/// Values and conditions share one ladder of precedence, so that a parenthesis needs no second try: what
/// stands inside is one or the other, and whoever uses it says which was needed.
struct Parser {
    /// Levels of parentheses, lists, maps and calls inside of each other.
    static let nestingLimit = 64
    /// Operators of a statement: a chain of them nests as deeply as it is long.
    static let operatorLimit = 500
    /// Unicode scalars of a statement.
    static let lengthLimit = 65_536

    let tokens: [Token]
    var index = 0
    private var depth = 0
    private var operators = 0

    enum Part {
        case value(Expression)
        case logic(LogicExpression)

        var range: Range<Int> {
            switch self {
            case .value(let value): value.range
            case .logic(let logic): logic.range
            }
        }
    }

    private init(_ text: String) throws(OTTLError) {
        guard text.unicodeScalars.count <= Self.lengthLimit else {
            throw OTTLError("the statement is longer than \(Self.lengthLimit) characters", at: 0..<1)
        }
        tokens = try Lexer.tokens(of: text)
    }

    /// Reads a statement: `editor(…) where …`.
    static func statement(_ text: String) throws(OTTLError) -> StatementExpression {
        var parser = try Parser(text)
        return try parser.statement()
    }

    /// Reads a condition, without `where`.
    static func condition(_ text: String) throws(OTTLError) -> LogicExpression {
        var parser = try Parser(text)
        if parser.isWord("where") {
            throw OTTLError("a condition has no 'where'", at: parser.current.range)
        }
        let logic = try parser.logic()
        try parser.end("'and', 'or' or the end")
        return logic
    }

    /// Reads an expression that gives a value.
    static func value(_ text: String) throws(OTTLError) -> Expression {
        var parser = try Parser(text)
        let value = try parser.asValue(try parser.sum())
        try parser.end("an operator or the end")
        return value
    }

    // MARK: - Tokens

    var current: Token { tokens[min(index, tokens.count - 1)] }

    var following: Token { tokens[min(index + 1, tokens.count - 1)] }

    func isWord(_ word: String) -> Bool { current.kind == .word(word) }

    mutating func skip(_ symbol: Token.Symbol) -> Bool {
        guard current.kind == .symbol(symbol) else { return false }
        index += 1
        return true
    }

    mutating func expect(_ symbol: Token.Symbol, _ wanted: String) throws(OTTLError) {
        if !skip(symbol) { throw unexpected(wanted) }
    }

    private func end(_ wanted: String) throws(OTTLError) {
        if current.kind != .end { throw unexpected(wanted) }
    }

    func unexpected(_ wanted: String) -> OTTLError {
        OTTLError("expected \(wanted), found \(current.name)", at: current.range)
    }

    func range(from start: Int) -> Range<Int> {
        start..<max(start, index > 0 ? tokens[index - 1].range.upperBound : start)
    }

    /// Goes one level deeper in `body`.
    mutating func nested<Result>(
        _ body: (inout Parser) throws(OTTLError) -> Result
    ) throws(OTTLError) -> Result {
        guard depth < Self.nestingLimit else {
            throw OTTLError("more than \(Self.nestingLimit) levels of nesting", at: current.range)
        }
        depth += 1
        let result = try body(&self)
        depth -= 1
        return result
    }

    /// Passes over an operator.
    private mutating func takeOperator() throws(OTTLError) {
        operators += 1
        guard operators <= Self.operatorLimit else {
            throw OTTLError("more than \(Self.operatorLimit) operators in one statement", at: current.range)
        }
        index += 1
    }

    // MARK: - Statements and conditions

    private mutating func statement() throws(OTTLError) -> StatementExpression {
        let start = current.range.lowerBound
        guard case .word(let name) = current.kind, following.kind == .symbol(.leftParenthesis) else {
            throw unexpected("an editor such as set(…)")
        }
        if name.first?.isUppercase == true {
            throw OTTLError(
                "'\(name)' is a converter; a statement begins with an editor, in lower case",
                at: current.range)
        }
        let call = try call()
        if let key = call.keys.first {
            throw OTTLError("what an editor does has no value to be indexed", at: key.range)
        }
        let range = range(from: start)
        guard isWord("where") else {
            try end("'where' or the end")
            return StatementExpression(editor: call, range: range, condition: nil)
        }
        index += 1
        let condition = try logic()
        try end("'and', 'or' or the end")
        return StatementExpression(editor: call, range: range, condition: condition)
    }

    private mutating func logic() throws(OTTLError) -> LogicExpression { try asLogic(try alternatives()) }

    mutating func alternatives() throws(OTTLError) -> Part {
        var left = try conjunction()
        while isWord("or") {
            try takeOperator()
            let (first, second) = (try asLogic(left), try asLogic(try conjunction()))
            let range = first.range.lowerBound..<second.range.upperBound
            left = .logic(LogicExpression(range: range, kind: .or(first, second)))
        }
        return left
    }

    private mutating func conjunction() throws(OTTLError) -> Part {
        var left = try negation()
        while isWord("and") {
            try takeOperator()
            let (first, second) = (try asLogic(left), try asLogic(try negation()))
            let range = first.range.lowerBound..<second.range.upperBound
            left = .logic(LogicExpression(range: range, kind: .and(first, second)))
        }
        return left
    }

    private mutating func negation() throws(OTTLError) -> Part {
        guard isWord("not") else { return try comparison() }
        let start = current.range.lowerBound
        index += 1
        let inner = try nested { parser throws(OTTLError) in try parser.asLogic(try parser.negation()) }
        return .logic(LogicExpression(range: start..<inner.range.upperBound, kind: .not(inner)))
    }

    private mutating func comparison() throws(OTTLError) -> Part {
        let left = try sum()
        guard case .symbol(let symbol) = current.kind, let operation = Comparison(rawValue: symbol.rawValue)
        else {
            if current.kind == .symbol(.equal) {
                throw OTTLError("'=' does not compare", at: current.range, suggestion: "==")
            }
            return left
        }
        index += 1
        let (first, second) = (try asValue(left), try asValue(try sum()))
        let range = first.range.lowerBound..<second.range.upperBound
        return .logic(LogicExpression(range: range, kind: .comparison(first, operation, second)))
    }

    func asLogic(_ part: Part) throws(OTTLError) -> LogicExpression {
        switch part {
        case .logic(let logic): return logic
        case .value(let value):
            switch value.kind {
            case .bool(let bool): return LogicExpression(range: value.range, kind: .constant(bool))
            case .call: return LogicExpression(range: value.range, kind: .call(value))
            default:
                throw OTTLError(
                    "expected a condition, found a value; compare it with ==, !=, <, <=, > or >=",
                    at: value.range)
            }
        }
    }

    func asValue(_ part: Part) throws(OTTLError) -> Expression {
        switch part {
        case .value(let value): return value
        case .logic(let logic): throw OTTLError("expected a value, found a condition", at: logic.range)
        }
    }

    // MARK: - Values

    mutating func sum() throws(OTTLError) -> Part {
        var left = try product()
        while case .symbol(let symbol) = current.kind, symbol == .plus || symbol == .minus {
            try takeOperator()
            left = try math(left, symbol == .plus ? .add : .subtract, try product())
        }
        return left
    }

    private mutating func product() throws(OTTLError) -> Part {
        var left = try signed()
        while case .symbol(let symbol) = current.kind, symbol == .times || symbol == .divide {
            try takeOperator()
            left = try math(left, symbol == .times ? .multiply : .divide, try signed())
        }
        return left
    }

    private func math(
        _ left: Part, _ operation: Expression.MathOperator, _ right: Part
    ) throws(OTTLError) -> Part {
        let (first, second) = (try asValue(left), try asValue(right))
        let range = first.range.lowerBound..<second.range.upperBound
        return .value(Expression(range: range, kind: .math(first, operation, second)))
    }

    private mutating func signed() throws(OTTLError) -> Part {
        let start = current.range.lowerBound
        guard case .symbol(let symbol) = current.kind, symbol == .plus || symbol == .minus else {
            return try primary()
        }
        index += 1
        if symbol == .minus, case .int(let magnitude) = current.kind {
            index += 1
            let value = Int64(truncatingIfNeeded: 0 &- magnitude)
            return .value(Expression(range: range(from: start), kind: .int(value)))
        }
        if symbol == .minus, case .float(let magnitude) = current.kind {
            index += 1
            return .value(Expression(range: range(from: start), kind: .float(-magnitude)))
        }
        let inner = try nested { parser throws(OTTLError) in try parser.asValue(try parser.signed()) }
        if symbol == .plus { return .value(inner) }
        return .value(Expression(range: start..<inner.range.upperBound, kind: .negation(inner)))
    }

    private mutating func primary() throws(OTTLError) -> Part {
        let token = current
        switch token.kind {
        case .int(let magnitude):
            guard let value = Int64(exactly: magnitude) else {
                throw OTTLError("the number does not fit into 64 bits", at: token.range)
            }
            return literal(.int(value))
        case .float(let value): return literal(.float(value))
        case .string(let text): return literal(.string(text))
        case .bytes(let bytes): return literal(.bytes(bytes))
        case .word(let word): return .value(try expression(beginningWith: word))
        case .symbol(.leftBracket):
            return .value(try nested { parser throws(OTTLError) in try parser.list() })
        case .symbol(.leftBrace): return .value(try nested { parser throws(OTTLError) in try parser.map() })
        case .symbol(.leftParenthesis):
            index += 1
            let inner = try nested { parser throws(OTTLError) in try parser.alternatives() }
            try expect(.rightParenthesis, "an operator or ')'")
            return inner
        default: throw unexpected("a value")
        }
    }

    private mutating func literal(_ kind: Expression.Kind) -> Part {
        let range = current.range
        index += 1
        return .value(Expression(range: range, kind: kind))
    }

    private mutating func expression(beginningWith word: String) throws(OTTLError) -> Expression {
        let token = current
        switch word {
        case "true", "false":
            index += 1
            return Expression(range: token.range, kind: .bool(word == "true"))
        case "nil":
            index += 1
            return Expression(range: token.range, kind: .null)
        case "and", "or", "not", "where": throw unexpected("a value")
        default: break
        }
        let isCapital = word.first?.isUppercase == true
        if following.kind == .symbol(.leftParenthesis) {
            guard isCapital else {
                throw OTTLError(
                    "'\(word)' is an editor; a value comes from a converter, "
                        + "whose name begins with a capital",
                    at: token.range)
            }
            let call = try call()
            return Expression(range: range(from: token.range.lowerBound), kind: .call(call))
        }
        if isCapital {
            index += 1
            return Expression(range: token.range, kind: .name(word))
        }
        return try path()
    }
}
