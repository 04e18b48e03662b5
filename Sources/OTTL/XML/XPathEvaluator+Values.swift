internal import Glibc
internal import Telemetry

// Operators, functions and conversions of XPath 1.0, sections 3 and 4.
extension XPathEvaluator {
    mutating func binary(
        _ operation: XPath.Operator, _ left: XPath.Expression, _ right: XPath.Expression, _ context: Context
    ) throws(EvaluationError) -> Result {
        let first = try evaluate(left, context)
        switch operation {
        case .or: return .bool(bool(first) ? true : bool(try evaluate(right, context)))
        case .and: return .bool(bool(first) ? bool(try evaluate(right, context)) : false)
        default: break
        }
        let second = try evaluate(right, context)
        switch operation {
        case .union:
            guard case .places(let left) = first, case .places(let right) = second else {
                throw .message("the XPath joins values and not nodes")
            }
            return .places(Set(left + right).sorted(by: Place.comesBefore))
        case .add, .subtract, .multiply, .div, .mod:
            let (left, right) = (try number(first), try number(second))
            return .number(Self.result(left, operation, right))
        default: return .bool(try compare(operation, first, second))
        }
    }

    private static func result(_ left: Double, _ operation: XPath.Operator, _ right: Double) -> Double {
        switch operation {
        case .add: left + right
        case .subtract: left - right
        case .multiply: left * right
        case .div: left / right
        default: fmod(left, right)
        }
    }

    private mutating func compare(
        _ operation: XPath.Operator, _ left: Result, _ right: Result
    ) throws(EvaluationError) -> Bool {
        // A set of nodes is compared by any of its nodes.
        if case .places(let places) = left {
            if case .bool = right { return Self.holds(operation, bool(left) ? 1 : 0, try number(right)) }
            try spend(places.count)
            for place in places where try compare(operation, .string(try text(place)), right) { return true }
            return false
        }
        if case .places(let places) = right {
            if case .bool = left { return Self.holds(operation, try number(left), bool(right) ? 1 : 0) }
            try spend(places.count)
            for place in places where try compare(operation, left, .string(try text(place))) { return true }
            return false
        }
        if operation == .equal || operation == .notEqual {
            if case .string(let first) = left, case .string(let second) = right {
                return (first == second) == (operation == .equal)
            }
            if case .bool(let first) = left { return (first == bool(right)) == (operation == .equal) }
            if case .bool(let second) = right { return (bool(left) == second) == (operation == .equal) }
        }
        return Self.holds(operation, try number(left), try number(right))
    }

    private static func holds(_ operation: XPath.Operator, _ left: Double, _ right: Double) -> Bool {
        switch operation {
        case .equal: left == right
        case .notEqual: left != right
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        default: left >= right
        }
    }

    mutating func call(
        _ function: XPath.Function, _ values: [Result], _ context: Context
    ) throws(EvaluationError) -> Result {
        switch function {
        case .last: return .number(Double(context.size))
        case .position: return .number(Double(context.position))
        case .isTrue: return .bool(true)
        case .isFalse: return .bool(false)
        case .not: return .bool(!bool(values[0]))
        case .boolean: return .bool(bool(values[0]))
        case .count, .sum:
            guard case .places(let places) = values[0] else {
                throw .message("'\(function.rawValue)' of the XPath is given a value and not nodes")
            }
            if function == .count { return .number(Double(places.count)) }
            var sum = 0.0
            for place in places { sum += try number(.string(try text(place))) }
            return .number(sum)
        case .name, .localName:
            let name = name(values.first, context)
            return .string(function == .name ? name : String(name.split(separator: ":").last ?? ""))
        case .floor: return .number(try number(values[0]).rounded(.down))
        case .ceiling: return .number(try number(values[0]).rounded(.up))
        case .round: return .number((try number(values[0]) + 0.5).rounded(.down))
        default: break
        }
        let own = Result.places([context.place])
        if function == .number { return .number(try number(values.first ?? own)) }
        var texts: [String] = []
        for value in values.isEmpty ? [own] : values {
            texts.append(try string(value))
            try spend(text: texts.last ?? "")
        }
        return try text(function, texts, values)
    }

    private func name(_ value: Result?, _ context: Context) -> String {
        var place: Place? = context.place
        if case .places(let places)? = value { place = places.first }
        guard let place else { return "" }
        let node = document[place.node]
        return place.attribute.map { node.attributes[$0].name } ?? node.name
    }

    /// Functions of text.
    private mutating func text(
        _ function: XPath.Function, _ texts: [String], _ values: [Result]
    ) throws(EvaluationError) -> Result {
        switch function {
        case .concat: return .string(texts.joined())
        case .contains:
            try spend(searching: texts[0], for: texts[1])
            return .bool(texts[1].isEmpty || texts[0].contains(texts[1]))
        case .startsWith: return .bool(texts[0].hasPrefix(texts[1]))
        case .endsWith: return .bool(texts[0].hasSuffix(texts[1]))
        case .substringBefore:
            try spend(searching: texts[0], for: texts[1])
            return .string(texts[0].firstRange(of: texts[1]).map { String(texts[0][..<$0.lowerBound]) } ?? "")
        case .substringAfter:
            try spend(searching: texts[0], for: texts[1])
            return .string(texts[0].firstRange(of: texts[1]).map { String(texts[0][$0.upperBound...]) } ?? "")
        case .stringLength: return .number(Double(texts[0].unicodeScalars.count))
        case .normalizeSpace:
            return .string(texts[0].split(whereSeparator: { $0.isWhitespace }).joined(separator: " "))
        case .substring:
            let start = (try number(values[1]) + 0.5).rounded(.down)
            let length = values.count > 2 ? (try number(values[2]) + 0.5).rounded(.down) : .infinity
            let end = start + length
            let kept = texts[0].unicodeScalars.enumerated()
                .filter { Double($0.offset + 1) >= start && Double($0.offset + 1) < end }
            return .string(String(String.UnicodeScalarView(kept.map(\.element))))
        case .translate:
            let to = Array(texts[2].unicodeScalars)
            // Of a character that is there twice the first place counts.
            let from = Dictionary(
                texts[1].unicodeScalars.enumerated().map { ($0.element, $0.offset) },
                uniquingKeysWith: { first, _ in first })
            let kept = texts[0].unicodeScalars.compactMap { scalar -> Unicode.Scalar? in
                guard let index = from[scalar] else { return scalar }
                return index < to.count ? to[index] : nil
            }
            return .string(String(String.UnicodeScalarView(kept)))
        default: return .string(texts[0])
        }
    }

    // MARK: Conversions

    private mutating func spend(text: String) throws(EvaluationError) { try spend(text.utf8.count / 64) }

    /// Looking for a text may take as many steps as both have characters, multiplied.
    private mutating func spend(searching text: String, for wanted: String) throws(EvaluationError) {
        try spend(text.utf8.count / 64 * (wanted.utf8.count / 64))
    }

    /// The text of a place.
    private mutating func text(_ place: Place) throws(EvaluationError) -> String {
        let node = document[place.node]
        var text = place.attribute.map { node.attributes[$0].value } ?? ""
        if place.attribute == nil {
            if node.kind == .comment {
                text = node.text
            } else {
                try spend(document.text(of: place.node, into: &text))
            }
        }
        try spend(text: text)
        return text
    }

    private mutating func string(_ value: Result) throws(EvaluationError) -> String {
        switch value {
        case .places(let places):
            guard let first = places.first else { return "" }
            return try text(first)
        case .string(let string): return string
        case .bool(let bool): return bool ? "true" : "false"
        case .number(let number):
            return number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : number.plainText
        }
    }

    mutating func number(_ value: Result) throws(EvaluationError) -> Double {
        switch value {
        case .number(let number): return number
        case .bool(let bool): return bool ? 1 : 0
        case .string, .places:
            let text = try string(value).split(whereSeparator: { $0.isWhitespace }).joined(separator: " ")
            let isPlain = text.utf8.allSatisfy { 0x30...0x39 ~= $0 || $0 == UInt8(ascii: ".") || $0 == 0x2D }
            return isPlain ? Double(text) ?? .nan : .nan
        }
    }

    func bool(_ value: Result) -> Bool {
        switch value {
        case .bool(let bool): bool
        case .number(let number): number != 0 && !number.isNaN
        case .string(let string): !string.isEmpty
        case .places(let places): !places.isEmpty
        }
    }
}
