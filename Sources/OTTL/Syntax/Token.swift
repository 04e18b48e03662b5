internal import Wire

/// A word of a statement, with the columns where it stands.
struct Token {
    let kind: Kind
    let range: Range<Int>

    enum Kind: Equatable {
        case int(UInt64)
        case float(Double)
        /// Unescaped.
        case string(String)
        case bytes([UInt8])
        case word(String)
        case symbol(Symbol)
        case end
    }

    enum Symbol: String, CaseIterable {
        case leftParenthesis = "("
        case rightParenthesis = ")"
        case leftBracket = "["
        case rightBracket = "]"
        case leftBrace = "{"
        case rightBrace = "}"
        case comma = ","
        case dot = "."
        case colon = ":"
        case equal = "="
        case plus = "+"
        case minus = "-"
        case times = "*"
        case divide = "/"
        case isEqual = "=="
        case isNotEqual = "!="
        case isLess = "<"
        case isLessOrEqual = "<="
        case isGreater = ">"
        case isGreaterOrEqual = ">="
        case arrow = "=>"
    }

    /// The token in the words of an error message.
    var name: String {
        switch kind {
        case .int(let value): "'\(value)'"
        case .float(let value): "'\(value)'"
        case .string: "a string"
        case .bytes: "bytes"
        case .word(let word): "'\(word)'"
        case .symbol(let symbol): "'\(symbol.rawValue)'"
        case .end: "the end"
        }
    }

    /// Whether it may stand among the parameters of a lambda.
    var isNameOrComma: Bool {
        switch kind {
        case .word, .symbol(.comma): true
        default: false
        }
    }
}
