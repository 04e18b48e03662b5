// Paths, calls, lambdas, lists and maps.
extension Parser {
    mutating func path() throws(OTTLError) -> Expression {
        let start = current.range.lowerBound
        var segments: [PathExpression.Segment] = []
        repeat {
            guard case .word(let name) = current.kind else { throw unexpected("the name of a field") }
            let range = current.range
            if name != name.lowercased() {
                throw OTTLError("names in paths are lower case", at: range, suggestion: name.lowercased())
            }
            index += 1
            segments.append(.init(name: name, range: range, keys: try keys()))
        } while skip(.dot)
        return Expression(range: range(from: start), kind: .path(PathExpression(segments: segments)))
    }

    private mutating func keys() throws(OTTLError) -> [Expression] {
        var keys: [Expression] = []
        while skip(.leftBracket) {
            guard keys.count < Self.nestingLimit else {
                throw OTTLError("more than \(Self.nestingLimit) keys behind each other", at: current.range)
            }
            let key = try nested { parser throws(OTTLError) in try parser.asValue(try parser.sum()) }
            try expect(.rightBracket, "']'")
            keys.append(key)
        }
        return keys
    }

    mutating func call() throws(OTTLError) -> CallExpression {
        guard case .word(let name) = current.kind else { throw unexpected("a function") }
        let nameRange = current.range
        index += 2
        let arguments = try nested { parser throws(OTTLError) in try parser.arguments() }
        return CallExpression(name: name, nameRange: nameRange, arguments: arguments, keys: try keys())
    }

    private mutating func arguments() throws(OTTLError) -> [CallExpression.Argument] {
        var arguments: [CallExpression.Argument] = []
        if skip(.rightParenthesis) { return arguments }
        repeat {
            var name: String?
            let range = current.range
            if case .word(let word) = current.kind, following.kind == .symbol(.equal) {
                name = word
                index += 2
            } else if arguments.last?.name != nil {
                throw OTTLError("arguments without names come before those with names", at: range)
            }
            let value = isLambda ? try lambda() : try asValue(try alternatives())
            arguments.append(.init(name: name, nameRange: range, value: value))
        } while skip(.comma)
        try expect(.rightParenthesis, "',' or ')'")
        return arguments
    }

    /// Whether a lambda begins here: names in parentheses, and an arrow behind them.
    private var isLambda: Bool {
        guard current.kind == .symbol(.leftParenthesis) else { return false }
        var place = index + 1
        while place + 1 < tokens.count, tokens[place].kind != .symbol(.rightParenthesis) {
            guard tokens[place].isNameOrComma else { return false }
            place += 1
        }
        return place + 1 < tokens.count && tokens[place + 1].kind == .symbol(.arrow)
    }

    private mutating func lambda() throws(OTTLError) -> Expression {
        let start = current.range.lowerBound
        index += 1
        var names: [String] = []
        if current.kind != .symbol(.rightParenthesis) {
            repeat {
                guard case .word(let name) = current.kind, name.first?.isUppercase != true else {
                    throw unexpected("the name of a parameter")
                }
                guard name == "_" || !names.contains(name) else {
                    throw OTTLError("the parameter '\(name)' is there twice", at: current.range)
                }
                names.append(name)
                index += 1
            } while skip(.comma)
        }
        try expect(.rightParenthesis, "',' or ')'")
        try expect(.arrow, "'=>'")
        let body = try nested { parser throws(OTTLError) in try parser.alternatives() }
        let kind: Expression.Kind =
            switch body {
            case .value(let value): .lambda(parameters: names, .value(value))
            case .logic(let logic): .lambda(parameters: names, .logic(logic))
            }
        return Expression(range: range(from: start), kind: kind)
    }

    mutating func list() throws(OTTLError) -> Expression {
        let start = current.range.lowerBound
        index += 1
        var elements: [Expression] = []
        if !skip(.rightBracket) {
            repeat { elements.append(try asValue(try sum())) } while skip(.comma)
            try expect(.rightBracket, "',' or ']'")
        }
        return Expression(range: range(from: start), kind: .list(elements))
    }

    mutating func map() throws(OTTLError) -> Expression {
        let start = current.range.lowerBound
        index += 1
        var entries: [(key: String, value: Expression)] = []
        while !skip(.rightBrace) {
            guard case .string(let key) = current.kind else { throw unexpected("a key in quotes or '}'") }
            if entries.contains(where: { $0.key == key }) {
                throw OTTLError("the key '\(key)' is there twice", at: current.range)
            }
            index += 1
            try expect(.colon, "':'")
            entries.append((key, try asValue(try sum())))
            // The comma may be left out, as in the reference implementation.
            if !skip(.comma), current.kind == .end { throw unexpected("',' or '}'") }
        }
        return Expression(range: range(from: start), kind: .map(entries))
    }
}
