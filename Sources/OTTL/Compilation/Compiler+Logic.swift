internal import Telemetry
internal import Wire

extension Compiler {
    /// A condition.
    mutating func compile(_ logic: LogicExpression) throws(OTTLError) -> CompiledTest {
        switch logic.kind {
        case .constant(let bool): return CompiledTest(constant: bool)
        case .call(let call): return try self.call(call)
        case .comparison(let left, let comparison, let right):
            return try compare(try compile(left), comparison, try compile(right))
        case .not(let inner):
            let compiled = try compile(inner)
            if let constant = compiled.constant { return CompiledTest(constant: !constant) }
            return CompiledTest { [test = compiled.test] frame throws(EvaluationError) in !(try test(frame)) }
        case .and(let left, let right): return try joined(left, right, stopsAt: false)
        case .or(let left, let right): return try joined(left, right, stopsAt: true)
        }
    }

    /// Two conditions of which the second counts unless the first is `stop`.
    private mutating func joined(
        _ left: LogicExpression, _ right: LogicExpression, stopsAt stop: Bool
    ) throws(OTTLError) -> CompiledTest {
        let (first, second) = (try compile(left), try compile(right))
        if let constant = first.constant { return constant == stop ? first : second }
        if second.constant == !stop { return first }
        let (one, other) = (first.test, second.test)
        if stop {
            return CompiledTest { frame throws(EvaluationError) in
                if try one(frame) { return true }
                return try other(frame)
            }
        }
        return CompiledTest { frame throws(EvaluationError) in
            if try one(frame) { return try other(frame) }
            return false
        }
    }

    private mutating func call(_ expression: Expression) throws(OTTLError) -> CompiledTest {
        let compiled = try compile(expression)
        if case .bool(let bool)? = compiled.constant { return CompiledTest(constant: bool) }
        guard compiled.kinds.contains(.bool) else {
            throw OTTLError(
                "a condition needs a bool, and this gives \(compiled.kinds)", at: expression.range)
        }
        if let test = compiled.test { return CompiledTest(test) }
        return CompiledTest { [get = compiled.get] frame throws(EvaluationError) in
            let value = try get(frame)
            guard case .bool(let bool) = value else { throw .wrongKind(expected: .bool, got: value.kind) }
            return bool
        }
    }

    private func compare(
        _ left: Compiled, _ comparison: Comparison, _ right: Compiled
    ) throws(OTTLError) -> CompiledTest {
        if let first = left.constant {
            guard let second = right.constant else {
                return try compare(right, comparison.flipped, left)
            }
            return CompiledTest(constant: comparison.holds(first, second))
        }
        guard let constant = right.constant else {
            let (first, second) = (left.get, right.get)
            return CompiledTest { frame throws(EvaluationError) in
                comparison.holds(try first(frame), try second(frame))
            }
        }
        if let path = left.path, let test = Self.fused(path, comparison, constant) {
            return CompiledTest(test)
        }
        return CompiledTest { [get = left.get] frame throws(EvaluationError) in
            comparison.holds(try get(frame), constant)
        }
    }

    /// A comparison on the wire, which makes no value: of an attribute or a string field with a literal.
    private static func fused(
        _ path: PathResolver.Resolved, _ comparison: Comparison, _ constant: Value
    ) -> Test? {
        guard comparison == .equal || comparison == .notEqual else { return nil }
        let wanted = comparison == .equal
        let steps = path.steps
        if let name = path.attribute {
            let key = AttributeKey(name.string)
            switch constant {
            case .string(let text):
                return { frame in (frame.draft(steps).attribute(key, is: text) ?? false) == wanted }
            case .null: return { frame in frame.draft(steps).hasValue(key) != wanted }
            default: return nil
            }
        }
        if let field = path.target.field, case .string(let text) = constant {
            return { frame in frame.draft(field.steps).field(field.number, is: text) == wanted }
        }
        return nil
    }
}
