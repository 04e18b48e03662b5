/// The functions that statements may use.
public struct FunctionSet: Sendable {
    private var functions: [String: Function] = [:]

    /// Makes a set of functions; of several with the same name the last counts.
    public init(_ functions: [Function]) {
        for function in functions { self.functions[function.name] = function }
    }

    /// The function of a name.
    public subscript(name: String) -> Function? { functions[name] }

    /// All names in alphabetical order.
    public var names: [String] { functions.keys.sorted() }

    /// The same set with more functions, which replace others of the same name.
    public func adding(_ more: [Function]) -> FunctionSet {
        var result = self
        for function in more { result.functions[function.name] = function }
        return result
    }
}
