internal import Glibc
internal import Patterns
internal import Pipeline
internal import Telemetry
internal import Wire

/// Whether a text is one of several, or matches one of several expressions.
enum TextMatcher {
    case strict([Bytes])
    case regexp([RegularExpression])

    init(_ texts: [String], _ type: MatchSettings.MatchType) throws(PatternError) {
        switch type {
        case .strict: self = .strict(texts.map { Bytes(utf8: $0) })
        case .regexp:
            var expressions: [RegularExpression] = []
            for text in texts { expressions.append(try RegularExpression(text)) }
            self = .regexp(expressions)
        }
    }

    func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        switch self {
        case .strict(let texts): texts.contains { $0.withUnsafeBytes { Self.areEqual($0, text) } }
        case .regexp(let expressions): expressions.contains { $0.matches(text) }
        }
    }

    func matches(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { matches(UnsafeRawBufferPointer($0)) }
    }

    private static func areEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        guard let first = left.baseAddress, let second = right.baseAddress else { return true }
        return memcmp(first, second, left.count) == 0
    }
}

/// Whether there is an attribute, with a value if one is asked for.
struct AttributeMatcher {
    private enum Test {
        case isThere
        case equals(AnyValueView)
        case matches(RegularExpression)
    }

    private let key: AttributeKey
    private let test: Test

    init(_ pair: MatchSettings.Pair, _ type: MatchSettings.MatchType) throws(PatternError) {
        key = AttributeKey(pair.key)
        guard let value = pair.value.flatMap({ AttributeValue($0) }) else {
            test = .isThere
            return
        }
        if type == .regexp, case .string(let pattern) = value {
            test = .matches(try RegularExpression(pattern))
        } else {
            test = .equals(AnyValueView(value))
        }
    }

    func matches(_ draft: Draft) -> Bool {
        draft.withAttribute(key) { value in
            switch test {
            case .isThere: return true
            case .equals(let wanted): return value.hasContent(of: wanted)
            case .matches(let expression):
                if let text = value.string { return expression.matches(text) }
                switch value.number {
                case 2: return expression.matches(value.bits == 0 ? "false" : "true")
                case 3: return expression.matches("\(Int64(bitPattern: value.bits))")
                case 4: return expression.matches(Double(bitPattern: value.bits).plainText)
                default: return false
                }
            }
        } ?? false
    }
}
