internal import Settings
internal import Telemetry
internal import Wire

/// Checks expressions against a context and makes closures of them.
struct Compiler {
    let context: OTTLContext
    let functions: FunctionSet
    /// Whether something is changed that is around the telemetry of the context.
    var changesParents = false
    /// The parameters of the lambdas around, the outermost first: where they stand in `Frame.locals`.
    var locals: [String] = []

    init(_ context: OTTLContext, _ functions: FunctionSet) {
        self.context = context
        self.functions = functions
    }

    mutating func compile(_ expression: Expression) throws(OTTLError) -> Compiled {
        let range = expression.range
        switch expression.kind {
        case .null: return Compiled(range: range, .null)
        case .bool(let bool): return Compiled(range: range, .bool(bool))
        case .int(let int): return Compiled(range: range, .int(int))
        case .float(let float): return Compiled(range: range, .double(float))
        case .string(let text): return Compiled(range: range, .text(text))
        case .bytes(let bytes): return Compiled(range: range, .bytes(Bytes(bytes)))
        case .list(let elements): return try list(elements, range)
        case .map(let entries): return try map(entries, range)
        case .path(let path): return try self.path(path, range)
        case .call(let call): return try converter(call, range)
        case .name(let name): return try self.name(name, range)
        case .negation(let inner): return try negation(inner, range)
        case .math(let left, let operation, let right): return try math(left, operation, right, range)
        case .lambda: throw OTTLError("a lambda is no value; only some functions take one", at: range)
        }
    }

    private mutating func list(_ elements: [Expression], _ range: Range<Int>) throws(OTTLError) -> Compiled {
        var compiled: [Compiled] = []
        for element in elements { compiled.append(try compile(element)) }
        let constants = compiled.compactMap(\.constant)
        var result: Compiled
        if constants.count == compiled.count {
            result = Compiled(range: range, .list(constants))
        } else {
            let getters = compiled.map(\.get)
            result = Compiled(range: range, kinds: .list) { frame throws(EvaluationError) in
                var values: [Value] = []
                values.reserveCapacity(getters.count)
                for getter in getters { values.append(try getter(frame)) }
                return .list(values)
            }
        }
        result.elements = compiled
        return result
    }

    private mutating func map(
        _ entries: [(key: String, value: Expression)], _ range: Range<Int>
    ) throws(OTTLError) -> Compiled {
        var compiled: [(key: Bytes, value: Compiled)] = []
        for entry in entries { compiled.append((Bytes(utf8: entry.key), try compile(entry.value))) }
        let constants = compiled.compactMap { entry in
            entry.value.constant.map { ValueMap.Entry(entry.key, $0) }
        }
        if constants.count == compiled.count {
            return Compiled(range: range, .map(ValueMap(unique: constants)))
        }
        let getters = compiled.map { (key: $0.key, get: $0.value.get) }
        return Compiled(range: range, kinds: .map) { frame throws(EvaluationError) in
            var entries: [ValueMap.Entry] = []
            for (key, get) in getters { entries.append(.init(key, try get(frame))) }
            return .map(ValueMap(unique: entries))
        }
    }

    private mutating func path(_ path: PathExpression, _ range: Range<Int>) throws(OTTLError) -> Compiled {
        var keys: [[PathKey]] = []
        for segment in path.segments { keys.append(try self.keys(segment.keys)) }
        if path.segments.count == 1, let index = locals.lastIndex(of: path.segments[0].name) {
            return Compiled(range: range, kinds: .any) { [keys = keys[0]] frame throws(EvaluationError) in
                try Indexing.value(frame.locals[index], keys[...], frame)
            }
        }
        let resolved = try PathResolver(context: context).resolve(path, keys: keys)
        var compiled = Compiled(range: range, kinds: resolved.target.kinds, get: resolved.target.get)
        compiled.path = resolved
        return compiled
    }

    mutating func keys(_ expressions: [Expression]) throws(OTTLError) -> [PathKey] {
        var keys: [PathKey] = []
        for expression in expressions {
            let compiled = try compile(expression)
            switch compiled.constant {
            case .string(let text)?: keys.append(.text(text))
            case .int(let index)?:
                guard index >= 0 else { throw OTTLError("an index begins at 0", at: expression.range) }
                keys.append(.index(index))
            case nil where !compiled.kinds.isDisjoint(with: [.string, .int]):
                keys.append(.computed(compiled.get))
            default:
                throw OTTLError(
                    "a key is a string or an int, not \(compiled.kinds)", at: expression.range)
            }
        }
        return keys
    }

    private func name(_ name: String, _ range: Range<Int>) throws(OTTLError) -> Compiled {
        if let value = context.enumeration[name] { return Compiled(range: range, .int(value)) }
        if functions[name] != nil {
            throw OTTLError("'\(name)' is a converter and needs its arguments", at: range)
        }
        if let other = OTTLContext.allCases.first(where: { $0.enumeration[name] != nil }) {
            throw OTTLError(
                "'\(name)' is a name of the context \(other.rawValue), not of \(context.rawValue)", at: range)
        }
        let names = context.enumeration.keys.sorted()
        throw OTTLError(
            "'\(name)' has no meaning in the context \(context.rawValue)", at: range,
            suggestion: Spelling.nearest(to: name, among: names))
    }

    private mutating func negation(_ inner: Expression, _ range: Range<Int>) throws(OTTLError) -> Compiled {
        let compiled = try compile(inner)
        guard !compiled.kinds.isDisjoint(with: .number) else {
            throw OTTLError("\(compiled.kinds) has no sign", at: inner.range)
        }
        return try folded(range, compiled.kinds.intersection(.number), [compiled.constant]) {
            [get = compiled.get] frame throws(EvaluationError) in
            try Arithmetic.negated(try get(frame))
        }
    }

    private mutating func math(
        _ left: Expression, _ operation: Expression.MathOperator, _ right: Expression, _ range: Range<Int>
    ) throws(OTTLError) -> Compiled {
        let (first, second) = (try compile(left), try compile(right))
        let kinds = Arithmetic.kinds(first.kinds, operation, second.kinds)
        guard !kinds.isEmpty else {
            throw OTTLError("\(first.kinds) \(operation.rawValue) \(second.kinds) has no meaning", at: range)
        }
        return try folded(range, kinds, [first.constant, second.constant]) {
            [left = first.get, right = second.get] frame throws(EvaluationError) in
            try Arithmetic.result(try left(frame), operation, try right(frame))
        }
    }

    /// The value itself when everything that it is made of is known, or else what computes it.
    func folded(
        _ range: Range<Int>, _ kinds: ValueKinds, _ parts: [Value?], _ get: @escaping Getter
    ) throws(OTTLError) -> Compiled {
        guard parts.allSatisfy({ $0 != nil }) else { return Compiled(range: range, kinds: kinds, get: get) }
        do throws(EvaluationError) {
            let frame = Frame(Draft.detached(.span), Surroundings(now: { 0 }))
            return Compiled(range: range, try get(frame))
        } catch {
            throw OTTLError("this can only fail: \(error)", at: range)
        }
    }
}
