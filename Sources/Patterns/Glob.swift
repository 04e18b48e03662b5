public import Wire

/// A pattern with wildcards that a whole text matches or not.
///
/// `*` stands for any characters, `?` for one, `[a-z]` for one of these and `[!a-z]` or `[^a-z]` for one
/// that is none of these, `{one,two}` for either, and `\` takes the meaning from the character after it.
/// There are no separators: `*` also stands for `/`, as it does in the library that the collector's OTTL
/// uses (its documentation names another).
public struct Glob: Sendable {
    /// What it was made of.
    public let pattern: String
    private let expression: RegularExpression

    /// Reads `pattern`, or says what is wrong with it and where.
    public init(_ pattern: String) throws(PatternError) {
        var translation = Translation(pattern)
        try translation.run()
        self.pattern = pattern
        do throws(PatternError) {
            expression = try RegularExpression(translation.result)
        } catch {
            throw PatternError(error.message)
        }
    }

    /// Whether all of `text` matches; allocates nothing.
    public func matches(_ text: Bytes) -> Bool { expression.matches(text) }

    /// Whether all of `text` matches.
    public func matches(_ text: String) -> Bool { expression.matches(text) }

    /// Turns it into an expression.
    private struct Translation {
        private let source: [Unicode.Scalar]
        private var index = 0
        /// In how many braces the translation is.
        private var depth = 0
        var result = #"(?s)\A(?:"#

        init(_ pattern: String) { source = Array(pattern.unicodeScalars) }

        mutating func run() throws(PatternError) {
            while index < source.count { try step() }
            guard depth == 0 else { throw PatternError("'{' is not closed: '}' is missing") }
            result += #")\z"#
        }

        private mutating func step() throws(PatternError) {
            let character = source[index]
            index += 1
            switch character {
            case "*": result += ".*"
            case "?": result += "."
            case "\\":
                guard index < source.count else {
                    throw PatternError("it ends in a single '\\'", at: offset(index - 1))
                }
                append(source[index])
                index += 1
            case "[": try characterClass()
            case "{":
                depth += 1
                result += "(?:"
            case "," where depth > 0: result += "|"
            case "}" where depth > 0:
                depth -= 1
                result += ")"
            default: append(character)
            }
        }

        private mutating func characterClass() throws(PatternError) {
            let start = index - 1
            var text = "["
            if index < source.count, source[index] == "!" || source[index] == "^" {
                text += "^"
                index += 1
            }
            var count = 0
            while index < source.count, source[index] != "]" {
                let first = try classMember(start)
                count += 1
                guard index + 1 < source.count, source[index] == "-", source[index + 1] != "]" else {
                    text += Self.escaped(first)
                    continue
                }
                index += 1
                let last = try classMember(start)
                guard first <= last else {
                    throw PatternError("the range '\(first)-\(last)' goes backwards", at: offset(start))
                }
                text += "\(Self.escaped(first))-\(Self.escaped(last))"
            }
            guard index < source.count, count > 0 else {
                throw PatternError("'[' is not closed or has nothing in it", at: offset(start))
            }
            index += 1
            result += text + "]"
        }

        private mutating func classMember(_ start: Int) throws(PatternError) -> Unicode.Scalar {
            if source[index] == "\\" { index += 1 }
            guard index < source.count else { throw PatternError("'[' is not closed", at: offset(start)) }
            defer { index += 1 }
            return source[index]
        }

        private mutating func append(_ character: Unicode.Scalar) { result += Self.escaped(character) }

        /// The character without any meaning of its own in an expression.
        private static func escaped(_ character: Unicode.Scalar) -> String {
            let isPlain = character.properties.isAlphabetic || character.value >= 0x80
            let isDigit = ("0"..."9").contains(character)
            return isPlain || isDigit ? String(character) : "\\x{\(String(character.value, radix: 16))}"
        }

        /// The place of a character in bytes.
        private func offset(_ index: Int) -> Int {
            source[..<index].reduce(0) { $0 + UTF8.width($1) }
        }
    }
}
