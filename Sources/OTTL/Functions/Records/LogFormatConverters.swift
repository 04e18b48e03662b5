internal import Wire

/// ParseCEF, ParseCLF, ParseELF, ParseLEEF: log formats of others.
enum LogFormatConverters {
    static let all: [Function] = [
        .ofString(
            "ParseCEF", "target", gives: .map,
            summary: "What a message in the Common Event Format says, as a map.",
            example: #"ParseCEF("CEF:0|Security|threatmanager|1.0|100|worm stopped|10|src=10.0.0.1")"#
        ) { text throws(EvaluationError) in .map(try CEFMessage.parse(text.array)) },
        .ofString(
            "ParseLEEF", "target", gives: .map,
            summary: "What a message in the Log Event Extended Format (1.0 or 2.0) says, as a map.",
            example: #"ParseLEEF("LEEF:2.0|Lancope|StealthWatch|1.0|41|^|src=10.0.1.8^dst=10.0.0.5")"#
        ) { text throws(EvaluationError) in .map(try LEEFMessage.parse(text.array)) },
        .ofString(
            "ParseELF", "target", gives: .map,
            summary: "What a block in the W3C Extended Log Format says, its directives and its lines, as a "
                + "map.",
            example: ##"ParseELF("#Version: 1.0\n#Fields: time cs-method\n00:34:23 GET")"##
        ) { text throws(EvaluationError) in
            var block = ELFBlock()
            return .map(try block.parse(text.array))
        },
        commonLogFormat,
    ]

    private static let commonLogFormat = Function(
        converter: "ParseCLF",
        [Parameter("target", .string), Parameter("format", .literalString, isOptional: true)], gives: .map
    ) { arguments throws(FunctionError) in
        let text = arguments[0].string
        let format = try arguments.literal(1, default: "clf")
        guard format == "clf" || format == "combined" else {
            throw FunctionError("the format is clf or combined, not '\(format)'", parameter: 1)
        }
        return { frame throws(EvaluationError) in
            .map(try CLFLine.parse(try text(frame).array, isCombined: format == "combined"))
        }
    }.documented(
        "What a line of an access log says, in the Common Log Format or, with `combined`, that of NCSA, as "
            + "a map.",
        example: #"ParseCLF(log.body, "combined")"#)
}

extension ValueMap {
    /// Sets a text.
    mutating func set(_ key: String, _ text: some Collection<UInt8>) {
        self[key] = .string(Bytes(validating: text))
    }
}

extension Bytes {
    /// Text of bytes that may be no valid UTF-8 because escapes in it were resolved.
    init(validating bytes: some Collection<UInt8>) {
        self.init(utf8: String(decoding: bytes, as: UTF8.self))
    }
}

extension ArraySlice<UInt8> {
    /// Without spaces, tabs and ends of lines at both ends.
    var trimmed: ArraySlice<UInt8> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        var part = drop(while: isSpace)
        while let last = part.last, isSpace(last) { part.removeLast() }
        return part
    }

    /// Where `text` first occurs.
    func firstIndex(of text: StaticString) -> Int? {
        let count = text.utf8CodeUnitCount
        return text.withUTF8Buffer { wanted in
            guard self.count >= count else { return nil }
            return (startIndex...(endIndex - count)).first { self[$0..<($0 + count)].elementsEqual(wanted) }
        }
    }
}
