/// A function of the language: an editor (`set`) or a converter (`Concat`).
public struct Function: Sendable {
    /// Editors begin with a lower-case letter, converters with an upper-case letter.
    public let name: String
    public let parameters: [Parameter]
    /// What a converter gives; empty for editors.
    public let result: ValueKinds
    /// Whether the same arguments always give the same value, so that it may be computed once when they are
    /// literals.
    public let isPure: Bool
    /// What it does, in one sentence; for the reference page.
    public private(set) var summary = ""
    /// A call of it, as people write it; for the reference page.
    public private(set) var example = ""
    /// Whether it stands for a function of another context, and cannot be used.
    private(set) var isRefused = false
    /// Makes the operation for the arguments of one call; called once, when the statement is compiled.
    let make: @Sendable (Arguments) throws(FunctionError) -> Operation

    /// Makes an editor.
    public init(
        editor name: String, _ parameters: [Parameter],
        make: @escaping @Sendable (Arguments) throws(FunctionError) -> Action
    ) {
        self.name = name
        self.parameters = parameters
        result = []
        isPure = false
        self.make = { arguments throws(FunctionError) in .editor(try make(arguments)) }
    }

    /// Makes a converter that gives values of the kinds `result`.
    public init(
        converter name: String, _ parameters: [Parameter], gives result: ValueKinds, isPure: Bool = true,
        make: @escaping @Sendable (Arguments) throws(FunctionError) -> Getter
    ) {
        self.name = name
        self.parameters = parameters
        self.result = result
        self.isPure = isPure
        self.make = { arguments throws(FunctionError) in .converter(try make(arguments)) }
    }

    /// Makes a converter that gives a boolean, in the form that conditions use without making a value.
    public init(
        test name: String, _ parameters: [Parameter], isPure: Bool = true,
        make: @escaping @Sendable (Arguments) throws(FunctionError) -> Test
    ) {
        self.name = name
        self.parameters = parameters
        result = .bool
        self.isPure = isPure
        self.make = { arguments throws(FunctionError) in .test(try make(arguments)) }
    }

    /// The same function with what the reference page says about it.
    public func documented(_ summary: String, example: String) -> Function {
        var function = self
        function.summary = summary
        function.example = example
        return function
    }

    /// A function of the same name that cannot be used, and says why.
    func refused(_ reason: String) -> Function {
        var function = Function(editor: name, parameters) { _ throws(FunctionError) in
            throw FunctionError(reason)
        }
        function.isRefused = true
        return function
    }

    /// Whether it changes telemetry.
    public var isEditor: Bool { result.isEmpty }

    enum Operation: Sendable {
        case editor(Action), converter(Getter), test(Test)
    }
}

/// Why a function cannot be used with its arguments: found when a statement is compiled.
public struct FunctionError: Error, Sendable {
    public let message: String
    /// Index of the parameter whose argument is wrong; `nil` for the call as a whole.
    public let parameter: Int?

    public init(_ message: String, parameter: Int? = nil) {
        self.message = message
        self.parameter = parameter
    }
}

extension Function {
    /// How it is called, such as `Concat(values, delimiter)`; optional parameters have a question mark.
    public var signature: String {
        let names = parameters.map { $0.isOptional ? $0.name + "?" : $0.name }
        return "\(name)(\(names.joined(separator: ", ")))"
    }
}
