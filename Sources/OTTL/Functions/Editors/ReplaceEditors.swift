internal import Patterns
internal import Wire

/// replace_match, replace_pattern, replace_all_matches, replace_all_patterns.
enum ReplaceEditors {
    static let all: [Function] = [replaceMatch, replacePattern, replaceAllMatches, replaceAllPatterns]

    /// What replacements have in common: the text, and what becomes of it.
    private struct Making: Sendable {
        let replacement: TypedGetter<Bytes>
        /// What a literal stands for in an expression that is known beforehand too.
        private let template: Replacement?
        private let function: (@Sendable (Frame, Value) throws(EvaluationError) -> Value)?
        private let format: TypedGetter<Bytes>?
        /// What a literal has before and after its `%s`.
        private let parts: (before: String, after: String)?

        init(
            _ arguments: Arguments, _ first: Int, for expression: RegularExpression? = nil
        ) throws(FunctionError) {
            replacement = arguments[first].string
            let literal = arguments[first].literalString
            template = expression.flatMap { known in literal.map { Replacement($0, for: known) } }
            function = arguments.optional(first + 1)?.function
            format = arguments.optional(first + 2)?.string
            guard let literal = arguments.optional(first + 2)?.literalString else {
                parts = nil
                return
            }
            parts = Self.parts(of: literal)
            guard parts != nil else {
                throw FunctionError(
                    "the format needs exactly one %s and no other directive", parameter: first + 2)
            }
        }

        /// What matches of an expression are replaced by.
        func template(
            _ frame: Frame, for expression: RegularExpression
        ) throws(EvaluationError) -> Replacement {
            if let template { return template }
            return Replacement(try replacement(frame), for: expression)
        }

        var isPlain: Bool { function == nil }

        /// Applies the function and the format.
        func finish(_ frame: Frame, _ text: Bytes) throws(EvaluationError) -> Bytes {
            guard let function else { return text }
            let value = try function(frame, .string(text))
            guard case .string(var result) = value else {
                throw .wrongKind(expected: .string, got: value.kind)
            }
            if let format {
                let text = parts == nil ? try format(frame).string : ""
                guard let (before, after) = parts ?? Self.parts(of: text) else {
                    throw .message("the format needs exactly one %s and no other directive")
                }
                result = Bytes(utf8: before + result.string + after)
            }
            return result
        }

        /// What is before and after the only `%s`.
        private static func parts(of format: String) -> (before: String, after: String)? {
            guard let range = format.firstRange(of: "%s") else { return nil }
            let (before, after) = (format[..<range.lowerBound], format[range.upperBound...])
            return before.contains("%") || after.contains("%") ? nil : (String(before), String(after))
        }
    }

    /// What is made of a text by a regular expression; `nil` when it does not match.
    private static func replace(
        _ text: Bytes, _ expression: RegularExpression, _ making: Making, _ frame: Frame
    ) throws(EvaluationError) -> Bytes? {
        guard expression.matches(text) else { return nil }
        let replacement = try making.template(frame, for: expression)
        return try expression.replacingMatches(in: text) { (match, builder) throws(EvaluationError) in
            if making.isPlain {
                replacement.write(match, in: text, to: &builder)
            } else {
                var part = BytesBuilder(capacity: 32)
                replacement.write(match, in: text, to: &part)
                builder.append(try making.finish(frame, part.finish()))
            }
            try FunctionLimits.check(textSize: builder.count)
        }
    }

    private static let tail: [Parameter] = [
        Parameter("replacement", .string), Parameter("function", .function, isOptional: true),
        Parameter("replacement_format", .string, isOptional: true),
    ]

    private static let replaceMatch = Function(
        editor: "replace_match", [Parameter("target", .path), Parameter("pattern", .literalString)] + tail
    ) { arguments throws(FunctionError) in
        let target = arguments[0].target
        let glob = try DynamicPattern(arguments, 1) { text throws(PatternError) in try Glob(text) }
        let making = try Making(arguments, 2)
        return { frame throws(EvaluationError) in
            guard case .string(let text) = try target.get(frame), try glob(frame).matches(text) else {
                return
            }
            try target.set(frame, .string(try making.finish(frame, try making.replacement(frame))))
        }
    }.documented(
        "Replaces a text that matches a glob as a whole; `*` stands for `/` too.",
        example:
            #"replace_match(span.attributes["http.target"], "/user/*/list/*", "#
            + #""/user/{userId}/list/{listId}")"#
    )

    private static let replacePattern = Function(
        editor: "replace_pattern", [Parameter("target", .path), Parameter("regex", .string)] + tail
    ) { arguments throws(FunctionError) in
        let target = arguments[0].target
        let pattern = try DynamicPattern(arguments, 1) { text throws(PatternError) in
            try RegularExpression(text)
        }
        let making = try Making(arguments, 2, for: pattern.known)
        return { frame throws(EvaluationError) in
            guard case .string(let text) = try target.get(frame) else { return }
            guard let result = try replace(text, try pattern(frame), making, frame) else { return }
            try target.set(frame, .string(result))
        }
    }.documented(
        "Replaces every part of a text that matches a regular expression; `$1` and "
            + "`${name}` stand for groups.",
        example: #"replace_pattern(metric.name, "^kube_([0-9A-Za-z]+_)", "k8s.$1.")"#)

    private static let replaceAllMatches = Function(
        editor: "replace_all_matches",
        [Parameter("target", .mapPath), Parameter("pattern", .literalString)] + tail
    ) { arguments throws(FunctionError) in
        let map = try MapEditors.map(arguments)
        let glob = try DynamicPattern(arguments, 1) { text throws(PatternError) in try Glob(text) }
        let making = try Making(arguments, 2)
        return { frame throws(EvaluationError) in
            let glob = try glob(frame)
            try map.change(frame) { entry throws(EvaluationError) in
                guard case .string(let text) = entry.value, glob.matches(text) else { return .keep }
                return .replace(.string(try making.finish(frame, try making.replacement(frame))))
            }
        }
    }.documented(
        "Replaces every text in a map that matches a glob as a whole; `*` stands for `/` too.",
        example:
            #"replace_all_matches(resource.attributes, "/user/*/list/*", "/user/{userId}/list/{listId}")"#)

    private static let replaceAllPatterns = Function(
        editor: "replace_all_patterns",
        [Parameter("target", .mapPath), Parameter("mode", .literalString), Parameter("regex", .string)] + tail
    ) { arguments throws(FunctionError) in
        let map = try MapEditors.map(arguments)
        let mode = try arguments.literal(1)
        guard mode == "key" || mode == "value" else {
            throw FunctionError("there is no mode '\(mode)'; use key or value", parameter: 1)
        }
        let pattern = try DynamicPattern(arguments, 2) { text throws(PatternError) in
            try RegularExpression(text)
        }
        let making = try Making(arguments, 3, for: pattern.known)
        return { frame throws(EvaluationError) in
            let expression = try pattern(frame)
            guard mode == "value" else { return try replaceKeys(frame, map, expression, making) }
            try map.change(frame) { entry throws(EvaluationError) in
                guard case .string(let text) = entry.value,
                    let result = try replace(text, expression, making, frame)
                else { return .keep }
                return .replace(.string(result))
            }
        }
    }.documented(
        "Replaces every part of the keys or of the texts in a map that matches a regular expression.",
        example:
            #"replace_all_patterns(resource.attributes, "value", "/account/\\d{4}", "/account/{accountId}")"#)

    /// Gives keys other names; of two that become the same the last counts.
    private static func replaceKeys(
        _ frame: Frame, _ map: MapTarget, _ expression: RegularExpression, _ making: Making
    ) throws(EvaluationError) {
        var entries: [ValueMap.Entry] = []
        var isChanged = false
        for entry in try map.entries(frame).entries {
            let key = try replace(entry.key, expression, making, frame)
            isChanged = isChanged || key != nil
            entries.append(ValueMap.Entry(key ?? entry.key, entry.value))
        }
        if isChanged { try map.replace(frame, with: ValueMap(entries)) }
    }
}
