internal import Wire

/// ConvertCase, ToCamelCase, ToLowerCase, ToSnakeCase, ToUpperCase.
enum CaseConverters {
    static let all: [Function] = [
        convertCase,
        .ofString(
            "ToCamelCase", "target", gives: .string,
            summary: "The text in camel case: `my_metric_name` becomes `MyMetricName`.",
            example: "ToCamelCase(metric.name)"
        ) { text throws(EvaluationError) in .string(camel(text)) },
        .ofString(
            "ToLowerCase", "target", gives: .string, summary: "The text in lower case.",
            example: "ToLowerCase(metric.name)"
        ) { text throws(EvaluationError) in .string(lower(text)) },
        .ofString(
            "ToSnakeCase", "target", gives: .string,
            summary: "The text in snake case: `MyMetricName` becomes `my_metric_name`.",
            example: "ToSnakeCase(metric.name)"
        ) { text throws(EvaluationError) in .string(snake(text)) },
        .ofString(
            "ToUpperCase", "target", gives: .string, summary: "The text in upper case.",
            example: "ToUpperCase(metric.name)"
        ) { text throws(EvaluationError) in .string(upper(text)) },
    ]

    private static let convertCase = Function(
        converter: "ConvertCase", [Parameter("target", .string), Parameter("to_case", .literalString)],
        gives: .string
    ) { arguments throws(FunctionError) in
        let text = arguments[0].string
        let convert: @Sendable (Bytes) -> Bytes
        switch try arguments.literal(1) {
        case "lower": convert = lower
        case "upper": convert = upper
        case "snake": convert = snake
        case "camel": convert = camel
        case let other:
            throw FunctionError("there is no case '\(other)'; use lower, upper, snake or camel", parameter: 1)
        }
        return { frame throws(EvaluationError) in .string(convert(try text(frame))) }
    }.documented(
        "The text in another case: lower, upper, snake or camel.",
        example: #"ConvertCase(metric.name, "snake")"#)

    @Sendable static func lower(_ text: Bytes) -> Bytes {
        map(text) { $0.properties.lowercaseMapping }
    }

    @Sendable static func upper(_ text: Bytes) -> Bytes {
        map(text) { $0.properties.uppercaseMapping }
    }

    /// Maps each character to one other; where the mapping has several, it stays, as in Go.
    private static func map(_ text: Bytes, _ mapping: (Unicode.Scalar) -> String) -> Bytes {
        var result = String.UnicodeScalarView()
        for scalar in text.string.unicodeScalars {
            let mapped = mapping(scalar).unicodeScalars
            result.append(mapped.count == 1 ? mapped.first ?? scalar : scalar)
        }
        return Bytes(utf8: String(result))
    }

    private enum Kind {
        case upper, lower, digit, separator, other

        init(_ byte: UInt8) {
            self =
                switch byte {
                case 0x41...0x5A: .upper
                case 0x61...0x7A: .lower
                case 0x30...0x39: .digit
                case UInt8(ascii: " "), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): .separator
                default: .other
                }
        }
    }

    /// The text without white space around it.
    private static func trimmed(_ text: Bytes) -> ArraySlice<UInt8> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0D ~= byte }
        let bytes = text.array
        guard let first = bytes.firstIndex(where: { !isSpace($0) }),
            let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return [] }
        return bytes[first...last]
    }

    /// Words are parted where case changes and before and after numbers; several capitals are one word.
    @Sendable static func snake(_ text: Bytes) -> Bytes {
        let bytes = Array(trimmed(text))
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 8)
        let line = UInt8(ascii: "_")
        for (index, byte) in bytes.enumerated() {
            let kind = Kind(byte)
            let next = index + 1 < bytes.count ? Kind(bytes[index + 1]) : .other
            if kind == .separator {
                result.append(line)
                continue
            }
            let isAfterCapital = index > 0 && Kind(bytes[index - 1]) == .upper
            if kind == .upper, next == .lower, isAfterCapital { result.append(line) }
            result.append(kind == .upper ? byte | 0x20 : byte)
            let letters: Set<Kind> = [.upper, .lower]
            let ends =
                (kind == .lower && (next == .upper || next == .digit))
                || (kind == .digit && letters.contains(next))
                || (kind == .upper && next == .digit)
            if ends { result.append(line) }
        }
        return Bytes(result)
    }

    /// Each word begins with a capital; what parts words is left out.
    @Sendable static func camel(_ text: Bytes) -> Bytes {
        var result: [UInt8] = []
        var (startsWord, isAfterCapital) = (true, false)
        for byte in trimmed(text) {
            let kind = Kind(byte)
            switch kind {
            case .lower: result.append(startsWord ? byte & ~0x20 : byte)
            case .upper: result.append(!startsWord && isAfterCapital ? byte | 0x20 : byte)
            case .digit: result.append(byte)
            // Go leaves these out; characters of other scripts are part of words here.
            case .other where byte >= 0x80: result.append(byte)
            case .other, .separator: break
            }
            isAfterCapital = kind == .upper
            startsWord = kind == .digit || kind == .separator
        }
        return Bytes(result)
    }
}
