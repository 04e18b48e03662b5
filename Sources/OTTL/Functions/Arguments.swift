/// The arguments of one call, in the order of the function's parameters.
public struct Arguments: Sendable {
    let values: [Argument?]

    /// The argument of a parameter that is not optional.
    public subscript(parameter: Int) -> Argument {
        guard let argument = values[parameter] else { preconditionFailure("no argument: optional parameter") }
        return argument
    }

    /// The argument of an optional parameter; `nil` when it was left out.
    public func optional(_ parameter: Int) -> Argument? { values[parameter] }
}

/// One argument of a call, checked against the kind of its parameter.
public struct Argument: Sendable {
    /// The columns of the statement where it stands, from 0.
    public let range: Range<Int>
    /// What it may give.
    public let kinds: ValueKinds
    /// Its value when that is known already: literals, enumerations, and pure converters of them.
    public let constant: Value?
    /// Gives its value.
    public let value: Getter
    /// What it points at, for `path` and `mapPath`.
    let path: Target?
    /// The elements, for `listOf`.
    public let elements: [Argument]?
    /// The converter that was handed over by name, for `function`.
    public let function: (@Sendable (Frame, Value) throws(EvaluationError) -> Value)?
    /// The expression with parameters of its own, for `lambda`; called with as many values as it has.
    public let lambda: (@Sendable (Frame, [Value]) throws(EvaluationError) -> Value)?

    init(
        range: Range<Int>, kinds: ValueKinds, constant: Value? = nil, value: @escaping Getter,
        path: Target? = nil, elements: [Argument]? = nil,
        function: (@Sendable (Frame, Value) throws(EvaluationError) -> Value)? = nil,
        lambda: (@Sendable (Frame, [Value]) throws(EvaluationError) -> Value)? = nil
    ) {
        self.range = range
        self.kinds = kinds
        self.constant = constant
        self.value = value
        self.path = path
        self.elements = elements
        self.function = function
        self.lambda = lambda
    }
}
