/// Math with values.
enum Arithmetic {
    /// The result of an operation; integers wrap around as they do in Go, whose rules the language has.
    static func result(
        _ left: Value, _ operation: Expression.MathOperator, _ right: Value
    ) throws(EvaluationError) -> Value {
        switch (left, right) {
        case (.int(let first), .int(let second)): return .int(try integer(first, operation, second))
        case (.double(let first), .double(let second)): return .double(try float(first, operation, second))
        case (.int(let first), .double(let second)):
            return .double(try float(Double(first), operation, second))
        case (.double(let first), .int(let second)):
            return .double(try float(first, operation, Double(second)))
        case (.time(let first), .time(let second)) where operation == .subtract:
            return .duration(limited(first.nanoseconds.subtractingReportingOverflow(second.nanoseconds)))
        case (.time(let first), .duration(let second)) where operation == .add:
            return .time(try moved(first, first.nanoseconds.addingReportingOverflow(second)))
        case (.time(let first), .duration(let second)) where operation == .subtract:
            return .time(try moved(first, first.nanoseconds.subtractingReportingOverflow(second)))
        case (.duration(let first), .time(let second)) where operation == .add:
            return .time(try moved(second, second.nanoseconds.addingReportingOverflow(first)))
        case (.duration(let first), .duration(let second)) where operation == .add:
            return .duration(first &+ second)
        case (.duration(let first), .duration(let second)) where operation == .subtract:
            return .duration(first &- second)
        default:
            throw .message("\(left.kind) \(operation.rawValue) \(right.kind) has no meaning")
        }
    }

    /// A number with the other sign.
    static func negated(_ value: Value) throws(EvaluationError) -> Value {
        switch value {
        case .int(let int): .int(0 &- int)
        case .double(let double): .double(-double)
        default: throw .message("a \(value.kind) has no sign")
        }
    }

    /// The kinds that an operation may give; none when it can only fail.
    static func kinds(
        _ left: ValueKinds, _ operation: Expression.MathOperator, _ right: ValueKinds
    ) -> ValueKinds {
        var kinds: ValueKinds = []
        if left.contains(.int), right.contains(.int) { kinds.insert(.int) }
        if left.contains(.double) && !right.isDisjoint(with: .number)
            || right.contains(.double) && !left.isDisjoint(with: .number)
        {
            kinds.insert(.double)
        }
        guard operation == .add || operation == .subtract else { return kinds }
        let isSum = operation == .add
        if left.contains(.duration), right.contains(.duration) { kinds.insert(.duration) }
        if left.contains(.time), right.contains(.duration) { kinds.insert(.time) }
        if isSum, left.contains(.duration), right.contains(.time) { kinds.insert(.time) }
        if !isSum, left.contains(.time), right.contains(.time) { kinds.insert(.duration) }
        return kinds
    }

    private static func integer(
        _ left: Int64, _ operation: Expression.MathOperator, _ right: Int64
    ) throws(EvaluationError) -> Int64 {
        switch operation {
        case .add: return left &+ right
        case .subtract: return left &- right
        case .multiply: return left &* right
        case .divide:
            guard right != 0 else { throw .message("division by 0") }
            return left.dividedReportingOverflow(by: right).partialValue
        }
    }

    private static func float(
        _ left: Double, _ operation: Expression.MathOperator, _ right: Double
    ) throws(EvaluationError) -> Double {
        switch operation {
        case .add: return left + right
        case .subtract: return left - right
        case .multiply: return left * right
        case .divide:
            guard right != 0 else { throw .message("division by 0") }
            return left / right
        }
    }

    /// The longest duration where it would be longer.
    private static func limited(_ result: (partialValue: Int64, overflow: Bool)) -> Int64 {
        guard result.overflow else { return result.partialValue }
        return result.partialValue < 0 ? .max : .min
    }

    private static func moved(
        _ time: Time, _ result: (partialValue: Int64, overflow: Bool)
    ) throws(EvaluationError) -> Time {
        guard !result.overflow else { throw .message("the time is outside of the years 1678 to 2262") }
        return Time(nanoseconds: result.partialValue, zone: time.zone)
    }
}
