internal import Wire

/// ParseCSV, ParseJSON, ParseKeyValue, ParseSeverity: structure out of text.
enum ParseConverters {
    static let all: [Function] = [
        .ofString(
            "ParseJSON", "target", gives: [.map, .list],
            summary: "The JSON object or array that text stands for; numbers become floats.",
            example: "ParseJSON(log.body)"
        ) { text throws(EvaluationError) in
            let value = try JSONReader.read(text)
            guard value.elements != nil || value.entries != nil else {
                throw .message("the JSON is neither an object nor an array but \(value.kind)")
            }
            return value
        },
        keyValue, csv, severity,
    ]

    private static let keyValue = Function(
        converter: "ParseKeyValue",
        [
            Parameter("target", .string), Parameter("delimiter", .literalString, isOptional: true),
            Parameter("pair_delimiter", .literalString, isOptional: true),
        ], gives: .map
    ) { arguments throws(FunctionError) in
        let text = arguments[0].string
        var (delimiter, pairs) = (
            try arguments.literal(1, default: "="), try arguments.literal(2, default: " ")
        )
        if delimiter.isEmpty { delimiter = "=" }
        if pairs.isEmpty { pairs = " " }
        guard delimiter != pairs else { throw FunctionError("the two delimiters are the same", parameter: 2) }
        let parser = KeyValueParser(delimiter: delimiter, pairDelimiter: pairs)
        return { frame throws(EvaluationError) in .map(try parser.parse(try text(frame))) }
    }.documented(
        "The pairs of keys and values in text such as `k1=v1 k2=\"v 2\"` as a map.",
        example: #"ParseKeyValue("k1!v1_k2!v2", "!", "_")"#)

    private static let csv = Function(
        converter: "ParseCSV",
        [
            Parameter("target", .string), Parameter("headers", .string),
            Parameter("delimiter", .literalString, isOptional: true),
            Parameter("header_delimiter", .literalString, isOptional: true),
            Parameter("mode", .literalString, isOptional: true),
        ], gives: .map
    ) { arguments throws(FunctionError) in
        let (row, header) = (arguments[0].string, arguments[1].string)
        let delimiter = try arguments.literal(2, default: ",")
        let headerDelimiter = try arguments.literal(3, default: delimiter)
        guard delimiter.utf8.count == 1 else {
            throw FunctionError("the delimiter is a single ASCII character", parameter: 2)
        }
        guard headerDelimiter.utf8.count == 1 else {
            throw FunctionError("the delimiter of the header is a single ASCII character", parameter: 3)
        }
        let name = try arguments.literal(4, default: "strict")
        guard let mode = CSVRow.Mode(rawValue: name) else {
            throw FunctionError(
                "there is no mode '\(name)'; use strict, lazyQuotes or ignoreQuotes", parameter: 4)
        }
        return { frame throws(EvaluationError) in
            let names = try header(frame).string
            guard !names.isEmpty else { throw .message("the header is empty") }
            let keys = names.split(separator: headerDelimiter, omittingEmptySubsequences: false)
            let fields = try CSVRow.fields(of: try row(frame), delimiter: delimiter, mode)
            guard fields.count == keys.count else {
                throw .message("the row has \(fields.count) fields, the header \(keys.count)")
            }
            let entries = zip(keys, fields).map { ValueMap.Entry(Bytes(utf8: String($0)), .text($1)) }
            return .map(ValueMap(entries))
        }
    }.documented(
        "The fields of one row of CSV as a map, with the names of a header.",
        example: #"ParseCSV(log.body, "phone|name|email", delimiter="|")"#)

    private static let severity = Function(
        converter: "ParseSeverity", [Parameter("target", .value), Parameter("severity_mapping", .map)],
        gives: .string
    ) { arguments throws(FunctionError) in
        let target = arguments[0].value
        if case .map(let mapping)? = arguments[1].constant {
            do throws(EvaluationError) {
                let mapping = try SeverityMapping(mapping)
                return { frame throws(EvaluationError) in .string(try mapping.level(of: try target(frame))) }
            } catch {
                throw FunctionError("\(error)", parameter: 1)
            }
        }
        let mapping = arguments[1].map
        return { frame throws(EvaluationError) in
            .string(try SeverityMapping(try mapping(frame)).level(of: try target(frame)))
        }
    }.documented(
        "The level that a text or a number has in a mapping with `equals` and `range` "
            + "(2xx to 5xx stand for ranges).",
        example:
            #"ParseSeverity(attributes["level"], {"info": [{"equals": ["inf"]}, {"range": "#
            + #"{"min": 200, "max": 299}}]})"#
    )
}
