/// An expression of XPath 1.0 that selects nodes.
///
/// Axes: child, descendant, descendant-or-self, self, parent, ancestor, ancestor-or-self, attribute,
/// following-sibling, preceding-sibling. Names are compared as they are written, prefix included; there
/// are no variables and no namespaces.
struct XPath: Sendable {
    indirect enum Expression: Sendable {
        case binary(Operator, Expression, Expression)
        case negated(Expression)
        case number(Double)
        case string(String)
        case call(Function, [Expression])
        /// Steps from the document, from the context node, or from the nodes of an expression.
        case path(Start, [Step])
    }

    enum Start: Sendable {
        case document, context
        /// An expression in parentheses or a function, with what it is filtered by.
        case nodes(Expression, [Expression])
    }

    enum Operator: String, Sendable {
        case or, and, div, mod
        case union = "|"
        case equal = "="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case add = "+"
        case subtract = "-"
        case multiply = "*"
    }

    enum Axis: String, Sendable {
        case child, descendant, parent, ancestor, attribute
        case descendantOrSelf = "descendant-or-self"
        case itself = "self"
        case ancestorOrSelf = "ancestor-or-self"
        case followingSibling = "following-sibling"
        case precedingSibling = "preceding-sibling"

        /// Whether positions are counted backwards.
        var isReverse: Bool { self == .ancestor || self == .ancestorOrSelf || self == .precedingSibling }
    }

    enum Test: Sendable {
        case name(String)
        case any
        /// `prefix:*`
        case anyWithPrefix(String)
        case node, text, comment, instruction
    }

    struct Step: Sendable {
        var axis: Axis
        let test: Test
        var predicates: [Expression] = []
    }

    enum Function: String, Sendable, CaseIterable {
        case last, position, count, name, string, concat, contains, substring, translate, boolean, not,
            number, sum
        case floor, ceiling, round
        case localName = "local-name"
        case isTrue = "true"
        case isFalse = "false"
        case startsWith = "starts-with"
        case endsWith = "ends-with"
        case substringBefore = "substring-before"
        case substringAfter = "substring-after"
        case stringLength = "string-length"
        case normalizeSpace = "normalize-space"

        /// How many arguments it takes.
        var arguments: ClosedRange<Int> {
            switch self {
            case .last, .position, .isTrue, .isFalse: 0...0
            case .name, .localName, .string, .number, .stringLength, .normalizeSpace: 0...1
            case .count, .boolean, .not, .sum, .floor, .ceiling, .round: 1...1
            case .contains, .startsWith, .endsWith, .substringBefore, .substringAfter: 2...2
            case .substring: 2...3
            case .translate: 3...3
            case .concat: 2...64
            }
        }
    }

    let expression: Expression

    /// Reads an expression, or says what is wrong with it.
    init(_ text: String) throws(FunctionError) {
        var parser = try XPathParser(text)
        expression = try parser.parse()
    }
}
