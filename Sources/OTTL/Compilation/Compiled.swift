internal import Wire

/// An expression that gives a value, ready to run.
struct Compiled: Sendable {
    let range: Range<Int>
    /// What it may give.
    let kinds: ValueKinds
    /// Its value when that is known already.
    var constant: Value?
    let get: Getter
    /// What it points at when it is a path.
    var path: PathResolver.Resolved?
    /// The elements of a list literal.
    var elements: [Compiled]?
    /// The same without making a value, for converters that give a boolean.
    var test: Test?

    init(range: Range<Int>, kinds: ValueKinds, get: @escaping Getter) {
        self.range = range
        self.kinds = kinds
        self.get = get
    }

    /// A value that is known.
    init(range: Range<Int>, _ constant: Value) {
        self.init(range: range, kinds: constant.kind) { _ in constant }
        self.constant = constant
    }
}

/// A condition, ready to run.
struct CompiledTest: Sendable {
    /// Whether it holds when that is known already.
    var constant: Bool?
    let test: Test

    init(_ test: @escaping Test) { self.test = test }

    init(constant: Bool) {
        self.constant = constant
        test = { _ in constant }
    }
}
