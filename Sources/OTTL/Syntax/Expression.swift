/// A part of a statement that gives a value, as it was written.
struct Expression {
    let range: Range<Int>
    let kind: Kind

    indirect enum Kind {
        case null
        case bool(Bool)
        case int(Int64)
        case float(Double)
        case string(String)
        case bytes([UInt8])
        case list([Expression])
        case map([(key: String, value: Expression)])
        case path(PathExpression)
        case call(CallExpression)
        /// A name on its own that begins with a capital letter: an enumeration value or a converter.
        case name(String)
        case negation(Expression)
        case math(Expression, MathOperator, Expression)
        /// A function without a name, `(key, value) => …`: an argument of functions on lists and maps.
        case lambda(parameters: [String], Body)
    }

    /// What a lambda gives: a value, or whether a condition holds.
    enum Body {
        case value(Expression)
        case logic(LogicExpression)
    }

    enum MathOperator: String {
        case add = "+"
        case subtract = "-"
        case multiply = "*"
        case divide = "/"
    }
}

/// A path: names with keys, `attributes["a"][0]`.
struct PathExpression {
    struct Segment {
        let name: String
        let range: Range<Int>
        let keys: [Expression]
    }

    let segments: [Segment]
}

/// A call of a function.
struct CallExpression {
    struct Argument {
        /// In named arguments.
        let name: String?
        let nameRange: Range<Int>
        let value: Expression
    }

    let name: String
    let nameRange: Range<Int>
    let arguments: [Argument]
    let keys: [Expression]
}

/// A part of a statement that holds or does not, as it was written.
struct LogicExpression {
    let range: Range<Int>
    let kind: Kind

    indirect enum Kind {
        case constant(Bool)
        /// A converter that gives a boolean.
        case call(Expression)
        case comparison(Expression, Comparison, Expression)
        case not(LogicExpression)
        case and(LogicExpression, LogicExpression)
        case or(LogicExpression, LogicExpression)
    }
}

/// How two values are compared.
enum Comparison: String, Sendable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="

    /// The same comparison with its sides exchanged.
    var flipped: Comparison {
        switch self {
        case .equal, .notEqual: self
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        }
    }
}

/// A whole statement, as it was written.
struct StatementExpression {
    let editor: CallExpression
    let range: Range<Int>
    let condition: LogicExpression?
}
