extension Compiler {
    /// An argument that is a lambda.
    mutating func lambdaArgument(
        _ expression: Expression, _ what: String, _ count: Int
    ) throws(OTTLError) -> Argument {
        guard case .lambda(let parameters, let body) = expression.kind else {
            let names = (0..<count).map { "v\($0 + 1)" }.joined(separator: ", ")
            throw OTTLError("\(what) must be a lambda: (\(names)) => …", at: expression.range)
        }
        guard parameters.count == count else {
            let wanted = count == 1 ? "1 parameter" : "\(count) parameters"
            throw OTTLError(
                "the lambda has to have \(wanted), and has \(parameters.count)", at: expression.range)
        }
        let call = try lambda(parameters, body)
        return Argument(
            range: expression.range, kinds: .any, value: { _ in .null }, lambda: call)
    }

    /// A lambda, ready to be called with its arguments.
    mutating func lambda(
        _ parameters: [String], _ body: Expression.Body
    ) throws(OTTLError) -> @Sendable (Frame, [Value]) throws(EvaluationError) -> Value {
        let base = locals.count
        // What is called `_` cannot be named.
        locals += parameters.map { $0 == "_" ? "" : $0 }
        let get: Getter
        switch body {
        case .value(let value): get = try compile(value).get
        case .logic(let logic):
            let test = try compile(logic).test
            get = { frame throws(EvaluationError) in .bool(try test(frame)) }
        }
        locals.removeLast(parameters.count)
        let count = parameters.count
        return { frame, values throws(EvaluationError) in
            while frame.locals.count < base + count { frame.locals.append(.null) }
            for index in 0..<count {
                frame.locals[base + index] = index < values.count ? values[index] : .null
            }
            return try get(frame)
        }
    }
}
