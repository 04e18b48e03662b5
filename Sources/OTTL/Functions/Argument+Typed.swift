public import Wire

/// A getter of one kind.
public typealias TypedGetter<Result> = @Sendable (Frame) throws(EvaluationError) -> Result

extension Argument {
    /// What it points at; only for parameters of the kinds `path` and `mapPath`.
    public var target: Target {
        guard let path else { preconditionFailure("the parameter is no path") }
        return path
    }

    /// Gives text; anything else is an error.
    public var string: TypedGetter<Bytes> {
        typed(.string) { if case .string(let text) = $0 { text } else { nil } }
    }

    public var int: TypedGetter<Int64> {
        typed(.int) { if case .int(let int) = $0 { int } else { nil } }
    }

    public var bool: TypedGetter<Bool> {
        typed(.bool) { if case .bool(let bool) = $0 { bool } else { nil } }
    }

    public var time: TypedGetter<Time> {
        typed(.time) { if case .time(let time) = $0 { time } else { nil } }
    }

    /// Gives nanoseconds.
    public var duration: TypedGetter<Int64> {
        typed(.duration) { if case .duration(let nanoseconds) = $0 { nanoseconds } else { nil } }
    }

    public var map: TypedGetter<ValueMap> { typed(.map) { $0.entries } }

    public var list: TypedGetter<[Value]> { typed(.list) { $0.elements } }

    /// The text of a literal.
    public var literalString: String? {
        if case .string(let text)? = constant { text.string } else { nil }
    }

    /// The number of a literal.
    public var literalInt: Int64? {
        if case .int(let int)? = constant { int } else { nil }
    }

    public var literalBool: Bool? {
        if case .bool(let bool)? = constant { bool } else { nil }
    }

    private func typed<Result: Sendable>(
        _ kind: ValueKinds, _ extract: @escaping @Sendable (Value) -> Result?
    ) -> TypedGetter<Result> {
        if let constant, let result = extract(constant) { return { _ throws(EvaluationError) in result } }
        return { [value] frame throws(EvaluationError) in
            let value = try value(frame)
            guard let result = extract(value) else {
                throw .wrongKind(expected: kind, got: value.kind)
            }
            return result
        }
    }
}
