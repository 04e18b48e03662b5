internal import Patterns
internal import Wire

/// IsMatch, ExtractPatterns, ExtractGrokPatterns.
enum PatternConverters {
    static let all: [Function] = [isMatch, extract, grok]

    private static let isMatch = Function(
        test: "IsMatch", [Parameter("target", .value), Parameter("pattern", .string)]
    ) { arguments throws(FunctionError) in
        let target = arguments[0].value
        let pattern = try DynamicPattern(arguments, 1) { text throws(PatternError) in
            try RegularExpression(text)
        }
        return { frame throws(EvaluationError) in
            let value = try target(frame)
            if case .string(let text) = value { return try pattern(frame).matches(text) }
            guard let text = try value.likeString() else { return false }
            return try pattern(frame).matches(text)
        }
    }.documented(
        "Whether a regular expression matches in the value, which is made into text as "
            + "by String; nil never matches.",
        example: #"IsMatch(span.attributes["http.path"], "^/api/")"#)

    private static let extract = Function(
        converter: "ExtractPatterns", [Parameter("target", .string), Parameter("pattern", .string)],
        gives: .map
    ) { arguments throws(FunctionError) in
        let target = arguments[0].string
        let pattern = try DynamicPattern(arguments, 1) { text throws(PatternError) in
            try RegularExpression(text)
        }
        if let known = pattern.known, known.groupNames.allSatisfy({ $0 == nil }) {
            throw FunctionError("the pattern needs a group with a name: (?P<name>…)", parameter: 1)
        }
        return { frame throws(EvaluationError) in
            let expression = try pattern(frame)
            let text = try target(frame)
            guard let match = expression.firstMatch(in: text) else { return .map(ValueMap()) }
            var entries: [ValueMap.Entry] = []
            for (index, name) in expression.groupNames.enumerated() {
                guard let name else { continue }
                let value = match[index].map { text[$0] } ?? .empty
                entries.append(ValueMap.Entry(Bytes(utf8: name), .string(value)))
            }
            return .map(ValueMap(unique: entries))
        }
    }.documented(
        "What the named groups of a regular expression match, as a map; an empty one when it does not match.",
        example: #"ExtractPatterns(log.body, "^(?P<hostname>\\S+) (?P<process>\\w+)")"#)

    private static let grok = Function(
        converter: "ExtractGrokPatterns",
        [
            Parameter("target", .string), Parameter("pattern", .string),
            Parameter("named_captures_only", .literalBool, isOptional: true),
            Parameter("pattern_definitions", .listOf(.literalString), isOptional: true),
        ], gives: .map
    ) { arguments throws(FunctionError) in
        let target = arguments[0].string
        let namedOnly = arguments.optional(2)?.literalBool ?? false
        let definitions = try GrokExpression.definitions(try arguments.literals(3))
        let pattern = try DynamicPattern(arguments, 1) { text throws(PatternError) in
            try GrokExpression(text, namedOnly: namedOnly, definitions: definitions)
        }
        if namedOnly, let known = pattern.known, !known.hasCaptures {
            throw FunctionError("the pattern needs a part with a name: %{SYNTAX:name}", parameter: 1)
        }
        return { frame throws(EvaluationError) in .map(try pattern(frame).captures(in: try target(frame))) }
    }.documented(
        "What the parts of a grok pattern match, as a map; an empty one when it does not match.",
        example:
            #"ExtractGrokPatterns(log.body, "%{IPORHOST:client} %{WORD:method} %{POSINT:status:int}", true)"#)
}
