internal import Wire

// Shorter ways to write down the many functions that take one argument.
extension Function {
    /// A converter of one text.
    static func ofString(
        _ name: String, _ parameter: String, gives result: ValueKinds, summary: String, example: String,
        _ convert: @escaping @Sendable (Bytes) throws(EvaluationError) -> Value
    ) -> Function {
        Function(
            converter: name, [Parameter(parameter, .string)], gives: result
        ) { arguments throws(FunctionError) in
            let text = arguments[0].string
            return { frame throws(EvaluationError) in try convert(try text(frame)) }
        }.documented(summary, example: example)
    }

    /// A converter of one value of any kind.
    static func ofValue(
        _ name: String, _ parameter: String = "value", gives result: ValueKinds, summary: String,
        example: String, _ convert: @escaping @Sendable (Value) throws(EvaluationError) -> Value
    ) -> Function {
        Function(
            converter: name, [Parameter(parameter, .value)], gives: result
        ) { arguments throws(FunctionError) in
            let value = arguments[0].value
            return { frame throws(EvaluationError) in try convert(try value(frame)) }
        }.documented(summary, example: example)
    }

    /// A test of one value of any kind.
    static func check(
        _ name: String, summary: String, example: String, _ holds: @escaping @Sendable (Value) -> Bool
    ) -> Function {
        Function(test: name, [Parameter("value", .value)]) { arguments throws(FunctionError) in
            let value = arguments[0].value
            return { frame throws(EvaluationError) in holds(try value(frame)) }
        }.documented(summary, example: example)
    }

    /// A converter of a time.
    static func ofTime(
        _ name: String, summary: String, example: String,
        _ convert: @escaping @Sendable (Time) throws(EvaluationError) -> Int64
    ) -> Function {
        Function(converter: name, [Parameter("value", .time)], gives: .int) {
            arguments throws(FunctionError) in
            let time = arguments[0].time
            return { frame throws(EvaluationError) in .int(try convert(try time(frame))) }
        }.documented(summary, example: example)
    }

    /// A converter of a duration.
    static func ofDuration(
        _ name: String, gives result: ValueKinds, summary: String, example: String,
        _ convert: @escaping @Sendable (Int64) -> Value
    ) -> Function {
        Function(
            converter: name, [Parameter("value", .duration)], gives: result
        ) { arguments throws(FunctionError) in
            let duration = arguments[0].duration
            return { frame throws(EvaluationError) in convert(try duration(frame)) }
        }.documented(summary, example: example)
    }
}

extension Arguments {
    /// The getter of an optional text; one that always gives `standard` when it was left out.
    func string(_ parameter: Int, default standard: String) -> TypedGetter<Bytes> {
        if let argument = optional(parameter) { return argument.string }
        let text = Bytes(utf8: standard)
        return { _ throws(EvaluationError) in text }
    }

    /// The getter of an optional boolean; one that always gives `standard` when it was left out.
    func bool(_ parameter: Int, default standard: Bool) -> TypedGetter<Bool> {
        if let argument = optional(parameter) { return argument.bool }
        return { _ throws(EvaluationError) in standard }
    }

    /// The getter of an optional integer; one that always gives 0 when it was left out.
    func intOrZero(_ parameter: Int) -> TypedGetter<Int64> {
        if let argument = optional(parameter) { return argument.int }
        return { _ throws(EvaluationError) in 0 }
    }

    /// A text that has to be known when the statement is compiled.
    func literal(_ parameter: Int) throws(FunctionError) -> String {
        guard let text = optional(parameter)?.literalString else {
            throw FunctionError("it has to be a string literal", parameter: parameter)
        }
        return text
    }

    /// An optional text that has to be known when the statement is compiled.
    func literal(_ parameter: Int, default standard: String) throws(FunctionError) -> String {
        optional(parameter) == nil ? standard : try literal(parameter)
    }

    /// The texts of a list literal, known when the statement is compiled.
    func literals(_ parameter: Int) throws(FunctionError) -> [String] {
        guard let argument = optional(parameter) else { return [] }
        var texts: [String] = []
        for element in argument.elements ?? [] {
            guard let text = element.literalString else {
                throw FunctionError("it has to be a list of string literals", parameter: parameter)
            }
            texts.append(text)
        }
        return texts
    }

    /// Getters of the elements of a list literal.
    func getters(_ parameter: Int) -> [Getter] { optional(parameter)?.elements?.map(\.value) ?? [] }
}
