internal import Glibc
internal import Telemetry
internal import Wire

/// Concat, Format, Split, Substring, Trim, …: text out of text.
enum TextConverters {
    static let all: [Function] = [
        concat, format, split, substring, trim, base64Encode, base64Decode, decode,
        affix(
            "HasPrefix", "prefix", "Whether the text begins with a prefix.",
            #"HasPrefix("ingest_a", "ingest_")"#
        ) {
            $0.hasPrefix($1)
        },
        affix(
            "HasSuffix", "suffix", "Whether the text ends with a suffix.",
            #"HasSuffix("a_service", "_service")"#
        ) {
            $0.hasSuffix($1)
        },
        without("TrimPrefix", "prefix", "The text without a prefix, where it has it.") { text, prefix in
            text.hasPrefix(prefix) ? text[prefix.count..<text.count] : text
        },
        without("TrimSuffix", "suffix", "The text without a suffix, where it has it.") { text, suffix in
            text.hasSuffix(suffix) ? text[0..<text.count - suffix.count] : text
        },
        logarithm, luhn,
    ]

    private static let concat = Function(
        converter: "Concat", [Parameter("values", .listOf(.value)), Parameter("delimiter", .string)],
        gives: .string
    ) { arguments throws(FunctionError) in
        let values = arguments.getters(0)
        let delimiter = arguments[1].string
        return { frame throws(EvaluationError) in
            let delimiter = try delimiter(frame)
            var result = BytesBuilder(capacity: 64)
            for (index, getter) in values.enumerated() {
                if index > 0 { result.append(delimiter) }
                let value = try getter(frame)
                // Lists and maps would let the result grow out of hand.
                if value.elements == nil, value.entries == nil, let text = try value.likeString() {
                    result.append(text)
                }
                try FunctionLimits.check(textSize: result.count)
            }
            return .string(result.finish())
        }
    }.documented(
        "The values as one text with a delimiter between them; nil, lists and maps are empty.",
        example: #"Concat([span.attributes["http.method"], span.attributes["http.path"]], ": ")"#)

    private static let format = Function(
        converter: "Format",
        [Parameter("format_string", .literalString), Parameter("format_arguments", .listOf(.value))],
        gives: .string
    ) { arguments throws(FunctionError) in
        let format = GoFormat(try arguments.literal(0))
        let values = arguments.getters(1)
        return { frame throws(EvaluationError) in
            var results: [Value] = []
            results.reserveCapacity(values.count)
            for value in values { results.append(try value(frame)) }
            return .string(try format.format(results))
        }
    }.documented(
        "The values filled into a format as Go's `fmt.Sprintf` does.",
        example: #"Format("%04d-%02d", [Year(Now()), Month(Now())])"#)

    private static let split = Function(
        converter: "Split", [Parameter("target", .string), Parameter("delimiter", .string)], gives: .list
    ) { arguments throws(FunctionError) in
        let (text, delimiter) = (arguments[0].string, arguments[1].string)
        return { frame throws(EvaluationError) in
            let text = try text(frame)
            return .list(try parts(of: text, at: try delimiter(frame)).map { .string($0) })
        }
    }.documented(
        "The parts of the text between delimiters; its characters when the delimiter is empty.",
        example: #"Split("A|B|C", "|")"#)

    /// The parts of a text, as slices; at most 100,000.
    static func parts(of text: Bytes, at delimiter: Bytes) throws(EvaluationError) -> [Bytes] {
        var parts: [Bytes] = []
        var start = 0
        while parts.count < FunctionLimits.values {
            guard !delimiter.isEmpty else {
                guard start < text.count else { return parts }
                let end = text.boundary(after: start)
                parts.append(text[start..<end])
                start = end
                continue
            }
            guard let next = text.index(of: delimiter, from: start) else {
                parts.append(text[start..<text.count])
                return parts
            }
            parts.append(text[start..<next])
            start = next + delimiter.count
        }
        throw .message("the text has more than \(FunctionLimits.values) parts")
    }

    private static let substring = Function(
        converter: "Substring",
        [
            Parameter("target", .string), Parameter("start", .int), Parameter("length", .int),
            Parameter("utf8_safe", .bool, isOptional: true),
        ], gives: .string
    ) { arguments throws(FunctionError) in
        let (text, start, length) = (arguments[0].string, arguments[1].int, arguments[2].int)
        if let start = arguments[1].literalInt, start < 0 {
            throw FunctionError("the start \(start) is negative", parameter: 1)
        }
        if let length = arguments[2].literalInt, length <= 0 {
            throw FunctionError("the length \(length) is not positive", parameter: 2)
        }
        return { frame throws(EvaluationError) in
            let text = try text(frame)
            let (start, length) = (try start(frame), try length(frame))
            guard start >= 0, length > 0, start <= text.count, length <= Int64(text.count) - start else {
                throw .message("\(length) bytes from \(start) on are not inside of \(text.count) bytes")
            }
            // Text in telemetry has to be UTF-8, so characters are never torn apart.
            let from = text.boundary(atOrAfter: Int(start))
            let end = text.boundary(atOrBefore: Int(start + length))
            return .string(from < end ? text[from..<end] : .empty)
        }
    }.documented(
        "A number of bytes of the text from an offset on; characters are never cut, with "
            + "or without `utf8_safe`.",
        example: #"Substring("123456789", 0, 3)"#)

    private static let trim = Function(
        converter: "Trim",
        [Parameter("target", .string), Parameter("replacement", .string, isOptional: true)],
        gives: .string
    ) { arguments throws(FunctionError) in
        let (text, characters) = (arguments[0].string, arguments.string(1, default: " "))
        return { frame throws(EvaluationError) in
            let text = try text(frame)
            let characters = Set(try characters(frame).string.unicodeScalars)
            let scalars = text.string.unicodeScalars
            let kept = scalars.drop { characters.contains($0) }
            guard let last = kept.lastIndex(where: { !characters.contains($0) }) else {
                return .string(.empty)
            }
            return .text(String(String.UnicodeScalarView(kept[...last])))
        }
    }.documented(
        "The text without certain characters (a space) at its beginning and end.",
        example: #"Trim("!!this is a test!!", "!!")"#)

    private static let base64Encode = Function(
        converter: "Base64Encode",
        [Parameter("value", .string), Parameter("variant", .literalString, isOptional: true)], gives: .string
    ) { arguments throws(FunctionError) in
        let text = arguments[0].string
        guard let variant = Base64Variant(name: try arguments.literal(1, default: "base64")) else {
            let names = Base64Variant.names.joined(separator: ", ")
            throw FunctionError("the variants are \(names)", parameter: 1)
        }
        return { frame throws(EvaluationError) in .string(Bytes(variant.encode(try text(frame).array))) }
    }.documented(
        "The text in base64, in one of four variants.", example: #"Base64Encode(log.body, "base64-url")"#)

    private static let base64Decode = Function.ofString(
        "Base64Decode", "value", gives: .string,
        summary: "The text that base64 stands for; deprecated, use Decode.",
        example: #"Base64Decode("aGVsbG8gd29ybGQ=")"#
    ) { text throws(EvaluationError) in
        .string(try TextEncoding.base64(.standard).decode(text))
    }

    private static let decode = Function(
        converter: "Decode", [Parameter("value", .value), Parameter("encoding", .literalString)],
        gives: .string
    ) { arguments throws(FunctionError) in
        let value = arguments[0].value
        guard let encoding = TextEncoding(name: try arguments.literal(1)) else {
            throw FunctionError(
                "the encoding is not supported; these are: \(TextEncoding.names.joined(separator: ", "))",
                parameter: 1)
        }
        return { frame throws(EvaluationError) in
            let value = try value(frame)
            switch value {
            case .string(let bytes), .bytes(let bytes): return .string(try encoding.decode(bytes))
            default: throw .wrongKind(expected: [.string, .bytes], got: value.kind)
            }
        }
    }.documented(
        "The text that bytes stand for: base64 in four variants, ASCII, UTF-8, UTF-16, "
            + "Latin 1, Latin 9, Windows 1252.",
        example: #"Decode("aGVsbG8gd29ybGQ=", "base64")"#)

    private static func affix(
        _ name: String, _ parameter: String, _ summary: String, _ example: String,
        _ holds: @escaping @Sendable (Bytes, Bytes) -> Bool
    ) -> Function {
        Function(test: name, [Parameter("value", .string), Parameter(parameter, .string)]) {
            arguments throws(FunctionError) in
            let (text, affix) = (arguments[0].string, arguments[1].string)
            return { frame throws(EvaluationError) in holds(try text(frame), try affix(frame)) }
        }.documented(summary, example: example)
    }

    private static func without(
        _ name: String, _ parameter: String, _ summary: String,
        _ change: @escaping @Sendable (Bytes, Bytes) -> Bytes
    ) -> Function {
        Function(
            converter: name, [Parameter("value", .string), Parameter(parameter, .string)], gives: .string
        ) { arguments throws(FunctionError) in
            let (text, affix) = (arguments[0].string, arguments[1].string)
            return { frame throws(EvaluationError) in .string(change(try text(frame), try affix(frame))) }
        }.documented(summary, example: #"\#(name)(resource.attributes["service.name"], "test")"#)
    }

    private static let logarithm = Function.ofValue(
        "Log", gives: .double, summary: "The natural logarithm of a number that is greater than 0.",
        example: #"Log(span.attributes["duration_ms"])"#
    ) { value throws(EvaluationError) in
        guard case .double(let number) = TypeConverters.double(value) else {
            throw .wrongKind(expected: [.int, .double, .string, .bool], got: value.kind)
        }
        guard number > 0 else { throw .message("the logarithm of \(number.jsonText) is not defined") }
        return .double(log(number))
    }

    private static let luhn = Function(test: "IsValidLuhn", [Parameter("value", .value)]) {
        arguments throws(FunctionError) in
        let value = arguments[0].value
        return { frame throws(EvaluationError) in
            let value = try value(frame)
            let digits: [UInt8]
            switch value {
            case .string(let text): digits = text.array
            case .int(let int): digits = Array(String(int).utf8)
            default: throw .wrongKind(expected: [.string, .int], got: value.kind)
            }
            guard !digits.isEmpty, digits.allSatisfy({ 0x30...0x39 ~= $0 }) else {
                throw .message("the value has other characters than digits")
            }
            let sum = digits.reversed().enumerated().reduce(0) { sum, digit in
                let value = Int(digit.element - 0x30) * (digit.offset.isMultiple(of: 2) ? 1 : 2)
                return sum + (value > 9 ? value - 9 : value)
            }
            return sum.isMultiple(of: 10)
        }
    }.documented(
        "Whether the digits pass the check of Luhn, as the numbers of credit cards do.",
        example: #"IsValidLuhn("17893729974")"#)
}
