internal import Settings
internal import Wire

extension Compiler {
    /// The operation of a statement.
    mutating func editor(_ call: CallExpression) throws(OTTLError) -> Action {
        let (function, values) = try prepared(call, isEditor: true)
        guard case .editor(let action) = try made(function, values, call) else {
            throw OTTLError("'\(call.name)' is no editor", at: call.nameRange)
        }
        return action
    }

    /// A call that gives a value.
    mutating func converter(_ call: CallExpression, _ range: Range<Int>) throws(OTTLError) -> Compiled {
        let (function, values) = try prepared(call, isEditor: false)
        let operation = try made(function, values, call)
        let get: Getter
        var test: Test?
        switch operation {
        case .converter(let getter): get = getter
        case .test(let condition):
            get = { frame throws(EvaluationError) in .bool(try condition(frame)) }
            test = condition
        case .editor: throw OTTLError("'\(call.name)' is no converter", at: call.nameRange)
        }
        let isKnown = function.isPure && values.allSatisfy { $0 == nil || $0?.constant != nil }
        guard !call.keys.isEmpty else {
            var compiled =
                isKnown
                ? try folded(range, function.result, [], get)
                : Compiled(range: range, kinds: function.result, get: get)
            compiled.test = test
            return compiled
        }
        guard !function.result.isDisjoint(with: [.map, .list]) else {
            throw OTTLError("'\(call.name)' gives \(function.result), which cannot be indexed", at: range)
        }
        let keys = try keys(call.keys)
        return Compiled(range: range, kinds: .any) { frame throws(EvaluationError) in
            try Indexing.value(try get(frame), keys[...], frame)
        }
    }

    private func made(
        _ function: Function, _ values: [Argument?], _ call: CallExpression
    ) throws(OTTLError) -> Function.Operation {
        do throws(FunctionError) {
            let operation = try function.make(Arguments(values: values))
            guard case .converter(let get) = operation, !function.result.isDisjoint(with: [.string, .bytes])
            else { return operation }
            return .converter { frame throws(EvaluationError) in
                let value = try get(frame)
                switch value {
                case .string(let text), .bytes(let text): try FunctionLimits.check(textSize: text.count)
                default: break
                }
                return value
            }
        } catch {
            let argument = error.parameter.flatMap { values.indices.contains($0) ? values[$0] : nil }
            throw OTTLError(error.message, at: argument?.range ?? call.nameRange)
        }
    }

    /// The function of a call and its arguments in the order of the parameters.
    private mutating func prepared(
        _ call: CallExpression, isEditor: Bool
    ) throws(OTTLError) -> (Function, [Argument?]) {
        guard let function = functions[call.name], function.isEditor == isEditor else {
            let kind = isEditor ? "editor" : "converter"
            let names = functions.names.filter { functions[$0]?.isEditor == isEditor }
            throw OTTLError(
                "there is no \(kind) '\(call.name)'", at: call.nameRange,
                suggestion: Spelling.nearest(to: call.name, among: names))
        }
        var values = [Argument?](repeating: nil, count: function.parameters.count)
        for (position, argument) in call.arguments.enumerated() {
            let index = try parameter(of: argument, at: position, function)
            guard values[index] == nil else {
                throw OTTLError(
                    "'\(function.parameters[index].name)' is given twice", at: argument.value.range)
            }
            values[index] = try self.argument(argument.value, function.parameters[index], function)
        }
        for (parameter, value) in zip(function.parameters, values) where value == nil && !parameter.isOptional
        {
            throw OTTLError(
                "'\(call.name)' needs '\(parameter.name)': \(function.signature)", at: call.nameRange)
        }
        return (function, values)
    }

    private func parameter(
        of argument: CallExpression.Argument, at position: Int, _ function: Function
    ) throws(OTTLError) -> Int {
        guard let name = argument.name else {
            guard position < function.parameters.count else {
                throw OTTLError(
                    "'\(function.name)' takes no more than \(function.parameters.count) arguments: "
                        + function.signature, at: argument.value.range)
            }
            return position
        }
        let names = function.parameters.map(\.name)
        // The collector's documentation writes some of them in camel case: `headerDelimiter`.
        let plain = name.lowercased().filter { $0 != "_" }
        guard let index = names.firstIndex(where: { $0.filter { $0 != "_" } == plain }) else {
            throw OTTLError(
                "'\(function.name)' has no parameter '\(name)': \(function.signature)",
                at: argument.nameRange, suggestion: Spelling.nearest(to: name, among: names))
        }
        return index
    }

    private mutating func argument(
        _ expression: Expression, _ parameter: Parameter, _ function: Function
    ) throws(OTTLError) -> Argument {
        if case .function = parameter.kind { return try functionArgument(expression, parameter) }
        if case .lambda(let count) = parameter.kind {
            return try lambdaArgument(expression, "'\(parameter.name)' of '\(function.name)'", count)
        }
        let compiled = try compile(expression)
        return try checked(compiled, parameter.kind, "'\(parameter.name)' of '\(function.name)'")
    }

    /// An argument, if it fits to its parameter.
    private mutating func checked(
        _ compiled: Compiled, _ kind: Parameter.Kind, _ what: String
    ) throws(OTTLError) -> Argument {
        let range = compiled.range
        switch kind {
        case .path, .mapPath: return try pathArgument(compiled, kind, what)
        case .listOf(let inner):
            guard let elements = compiled.elements else {
                throw OTTLError("\(what) must be a list in brackets", at: range)
            }
            var arguments: [Argument] = []
            for element in elements { arguments.append(try checked(element, inner, "an element of \(what)")) }
            return Argument(
                range: range, kinds: compiled.kinds, constant: compiled.constant, value: compiled.get,
                elements: arguments)
        default: break
        }
        let wanted = kind.accepted
        guard !compiled.kinds.isDisjoint(with: wanted) else {
            throw OTTLError("\(what) must be \(wanted.subtracting(.null)), not \(compiled.kinds)", at: range)
        }
        if kind.isLiteral, compiled.constant == nil {
            throw OTTLError(
                "\(what) must be known beforehand: a literal, not a value of telemetry", at: range)
        }
        return Argument(
            range: range, kinds: compiled.kinds, constant: compiled.constant, value: compiled.get,
            path: compiled.path?.target)
    }

    private mutating func pathArgument(
        _ compiled: Compiled, _ kind: Parameter.Kind, _ what: String
    ) throws(OTTLError) -> Argument {
        guard let path = compiled.path else { throw OTTLError("\(what) must be a path", at: compiled.range) }
        guard !path.target.accepts.isEmpty else {
            throw OTTLError("\(what) can be read, but not set", at: compiled.range)
        }
        var target = path.target
        if case .mapPath = kind {
            guard target.kinds.contains(.map) else {
                throw OTTLError("\(what) must be a map, not \(target.kinds)", at: compiled.range)
            }
            target = target.asMap
        }
        if path.steps > 0 { changesParents = true }
        return Argument(range: compiled.range, kinds: compiled.kinds, value: target.get, path: target)
    }

    /// A converter that is handed over by its name.
    private func functionArgument(
        _ expression: Expression, _ parameter: Parameter
    ) throws(OTTLError) -> Argument {
        guard case .name(let name) = expression.kind else {
            throw OTTLError("'\(parameter.name)' must be the name of a converter", at: expression.range)
        }
        guard let function = functions[name], !function.isEditor else {
            throw OTTLError(
                "there is no converter '\(name)'", at: expression.range,
                suggestion: Spelling.nearest(to: name, among: functions.names))
        }
        let others = function.parameters.dropFirst()
        guard !function.parameters.isEmpty, others.allSatisfy(\.isOptional) else {
            throw OTTLError("'\(name)' does not work with one argument alone", at: expression.range)
        }
        let operand = Argument(range: expression.range, kinds: .any) { frame in frame.operand }
        let call = CallExpression(name: name, nameRange: expression.range, arguments: [], keys: [])
        let get: Getter
        switch try made(function, [operand] + others.map { _ in nil }, call) {
        case .converter(let getter): get = getter
        case .test(let test): get = { frame throws(EvaluationError) in .bool(try test(frame)) }
        case .editor: throw OTTLError("'\(name)' is no converter", at: expression.range)
        }
        return Argument(range: expression.range, kinds: function.result, value: get) {
            frame, value throws(EvaluationError) in
            let outer = frame.operand
            frame.operand = value
            defer { frame.operand = outer }
            return try get(frame)
        }
    }
}

extension Parameter.Kind {
    /// The kinds of values that it takes.
    var accepted: ValueKinds {
        switch self {
        case .value: .any
        case .string, .literalString: .string
        case .int, .literalInt: .int
        case .bool, .literalBool: .bool
        case .time: .time
        case .duration: .duration
        case .map, .mapPath: .map
        case .list, .listOf: .list
        case .path, .function, .lambda: .any
        }
    }

    /// Whether its value has to be known when a statement is compiled.
    var isLiteral: Bool {
        switch self {
        case .literalString, .literalInt, .literalBool: true
        default: false
        }
    }
}

extension Target {
    /// The same with the map that it is.
    fileprivate var asMap: Target {
        let map = map ?? MapTarget(location: .value(get: get, set: set))
        return Target(kinds: kinds, accepts: accepts, get: get, set: set, map: map, field: field)
    }
}
