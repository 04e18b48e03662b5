/// A parameter of a function.
public struct Parameter: Sendable {
    /// Its name in named arguments, in snake case.
    public let name: String
    public let kind: Kind
    /// Whether it may be left out; optional parameters come last.
    public let isOptional: Bool

    public init(_ name: String, _ kind: Kind, isOptional: Bool = false) {
        self.name = name
        self.kind = kind
        self.isOptional = isOptional
    }

    /// What may be handed over.
    public indirect enum Kind: Sendable {
        /// Any value.
        case value
        /// A value of one kind; others are an error of evaluation, or of compilation where it is known.
        case string, int, bool, time, duration, map, list
        /// A literal that is known when the statement is compiled.
        case literalString, literalInt, literalBool
        /// A path that can be read and set.
        case path
        /// A path to a map that can be changed in place.
        case mapPath
        /// The name of a converter with one parameter, such as `SHA256`.
        case function
        /// An expression with parameters of its own, as in `(k, v) => v == "prod"`.
        case lambda(parameters: Int)
        /// A list literal with elements of a kind.
        case listOf(Kind)
    }
}
