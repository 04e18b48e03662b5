internal import Glibc

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
        case .add: return .number(number(first) + number(second))
        case .subtract: return .number(number(first) - number(second))
        case .multiply: return .number(number(first) * number(second))
        case .div: return .number(number(first) / number(second))
        case .mod: return .number(fmod(number(first), number(second)))
        default: return .bool(try compare(operation, first, second))
        }
    }

    private mutating func compare(
        _ operation: XPath.Operator, _ left: Result, _ right: Result
    ) throws(EvaluationError) -> Bool {
        // A set of nodes is compared by any of its nodes.
        if case .places(let places) = left {
            if case .bool = right { return Self.holds(operation, bool(left) ? 1 : 0, number(right)) }
            try spend(places.count)
            for place in places where try compare(operation, .string(text(place)), right) { return true }
            return false
        }
        if case .places(let places) = right {
            if case .bool = left { return Self.holds(operation, number(left), bool(right) ? 1 : 0) }
            try spend(places.count)
            for place in places where try compare(operation, left, .string(text(place))) { return true }
            return false
        }
        if operation == .equal || operation == .notEqual {
            if case .string(let first) = left, case .string(let second) = right {
                return (first == second) == (operation == .equal)
            }
            if case .bool(let first) = left { return (first == bool(right)) == (operation == .equal) }
            if case .bool(let second) = right { return (bool(left) == second) == (operation == .equal) }
        }
        return Self.holds(operation, number(left), number(right))
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
            return .number(places.reduce(0) { $0 + number(.string(text($1))) })
        case .name, .localName:
            let name = name(values.first, context)
            return .string(function == .name ? name : String(name.split(separator: ":").last ?? ""))
        case .floor: return .number(number(values[0]).rounded(.down))
        case .ceiling: return .number(number(values[0]).rounded(.up))
        case .round: return .number((number(values[0]) + 0.5).rounded(.down))
        default: break
        }
        let own = Result.places([context.place])
        if function == .number { return .number(number(values.first ?? own)) }
        return text(function, (values.isEmpty ? [own] : values).map { string($0) }, values)
    }

    private func name(_ value: Result?, _ context: Context) -> String {
        var place: Place? = context.place
        if case .places(let places)? = value { place = places.first }
        guard let place else { return "" }
        let node = document[place.node]
        return place.attribute.map { node.attributes[$0].name } ?? node.name
    }

    /// Functions of text.
    private func text(_ function: XPath.Function, _ texts: [String], _ values: [Result]) -> Result {
        switch function {
        case .concat: return .string(texts.joined())
        case .contains: return .bool(texts[1].isEmpty || texts[0].contains(texts[1]))
        case .startsWith: return .bool(texts[0].hasPrefix(texts[1]))
        case .endsWith: return .bool(texts[0].hasSuffix(texts[1]))
        case .substringBefore:
            return .string(texts[0].firstRange(of: texts[1]).map { String(texts[0][..<$0.lowerBound]) } ?? "")
        case .substringAfter:
            return .string(texts[0].firstRange(of: texts[1]).map { String(texts[0][$0.upperBound...]) } ?? "")
        case .stringLength: return .number(Double(texts[0].unicodeScalars.count))
        case .normalizeSpace:
            return .string(texts[0].split(whereSeparator: { $0.isWhitespace }).joined(separator: " "))
        case .substring:
            let start = (number(values[1]) + 0.5).rounded(.down)
            let end = values.count > 2 ? start + (number(values[2]) + 0.5).rounded(.down) : .infinity
            let kept = texts[0].unicodeScalars.enumerated()
                .filter { Double($0.offset + 1) >= start && Double($0.offset + 1) < end }
            return .string(String(String.UnicodeScalarView(kept.map(\.element))))
        case .translate:
            let (from, to) = (Array(texts[1].unicodeScalars), Array(texts[2].unicodeScalars))
            let kept = texts[0].unicodeScalars.compactMap { scalar -> Unicode.Scalar? in
                guard let index = from.firstIndex(of: scalar) else { return scalar }
                return index < to.count ? to[index] : nil
            }
            return .string(String(String.UnicodeScalarView(kept)))
        default: return .string(texts[0])
        }
    }

    // MARK: Conversions

    /// The text of a place.
    func text(_ place: Place) -> String {
        let node = document[place.node]
        if let attribute = place.attribute { return node.attributes[attribute].value }
        return node.kind == .comment ? node.text : document.text(of: place.node)
    }

    func string(_ value: Result) -> String {
        switch value {
        case .places(let places): places.first.map { text($0) } ?? ""
        case .string(let string): string
        case .bool(let bool): bool ? "true" : "false"
        case .number(let number):
            number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : GoNumber.plain(number)
        }
    }

    func number(_ value: Result) -> Double {
        switch value {
        case .number(let number): return number
        case .bool(let bool): return bool ? 1 : 0
        case .string, .places:
            let text = string(value).split(whereSeparator: { $0.isWhitespace }).joined(separator: " ")
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
