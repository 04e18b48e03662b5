import Testing
import Wire

@testable import OTTL

@Suite struct TextFunctionTests {
    private static let table: [(String, [Value], Value)] = [
        ("Concat", [["hello", "world"], " "], "hello world"),
        ("Concat", [["a", 1, 2.5, true], "-"], "a-1-2.5-true"),
        ("Concat", [["a", .null, "b"], ":"], "a::b"), ("Concat", [[hex("0102"), "x"], ""], "0102x"),
        ("Concat", [[[1], ["k": 1], "x"], "|"], "||x"), ("Concat", [[], "|"], ""),
        ("Split", ["A|B|C", "|"], ["A", "B", "C"]), ("Split", ["A", ","], ["A"]), ("Split", ["", ","], [""]),
        ("Split", ["aäb", ""], ["a", "ä", "b"]), ("Split", ["a||b|", "|"], ["a", "", "b", ""]),
        ("Substring", ["123456789", 0, 3], "123"), ("Substring", ["123456789", 3, 6], "456789"),
        ("Substring", ["一二三", 0, 4, true], "一"), ("Substring", ["一二三", 1, 5, true], "二"),
        ("Substring", ["一二三", 0, 4], "一"), ("Substring", ["一", 1, 1], ""),
        ("Trim", [" this is a test ", " "], "this is a test"),
        ("Trim", ["!!this is a test!!", "!!"], "this is a test"),
        ("Trim", [" a "], "a"), ("Trim", ["xyx", "xy"], ""), ("Trim", ["ääbä", "ä"], "b"),
        ("TrimPrefix", ["ingest_service", "ingest_"], "service"), ("TrimPrefix", ["a", "b"], "a"),
        ("TrimSuffix", ["ingest_service", "_service"], "ingest"), ("TrimSuffix", ["a", "aa"], "a"),
        ("HasPrefix", ["ingest_service", "ingest_"], true), ("HasPrefix", ["a", "ab"], false),
        ("HasSuffix", ["ingest_service", "_service"], true), ("HasSuffix", ["", ""], true),
        ("Base64Encode", ["test string"], "dGVzdCBzdHJpbmc="), ("Base64Encode", [""], ""),
        ("Base64Encode", ["a?>", "base64-url"], "YT8-"), ("Base64Encode", ["a", "base64-raw"], "YQ"),
        ("Base64Encode", ["a", "base64"], "YQ=="), ("Base64Encode", ["ab", "base64-raw-url"], "YWI"),
        ("Base64Decode", ["aGVsbG8gd29ybGQ="], "hello world"),
        ("Decode", ["aGVsbG8gd29ybGQ=", "base64"], "hello world"),
        ("Decode", ["YWI", "base64-raw"], "ab"), ("Decode", ["w6TDtg==", "base64-url"], "äö"),
        ("Decode", ["abc", "us-ascii"], "abc"), ("Decode", [hex("e4f6"), "ISO-8859-1"], "äö"),
        ("Decode", [hex("80a4"), "windows-1252"], "€¤"), ("Decode", [hex("a4"), "iso-8859-15"], "€"),
        ("Decode", [hex("e400"), "utf-16le"], "ä"), ("Decode", [hex("fffee400"), "utf-16"], "ä"),
        ("Decode", [hex("c3a4"), "utf-8"], "ä"),
        ("ConvertCase", ["MY_METRIC", "lower"], "my_metric"),
        ("ConvertCase", ["my_metric", "upper"], "MY_METRIC"),
        ("ConvertCase", ["myMetric", "snake"], "my_metric"),
        ("ConvertCase", ["my_metric", "camel"], "MyMetric"),
        ("ToSnakeCase", ["CPUUtilizationMetric"], "cpu_utilization_metric"),
        ("ToSnakeCase", ["simple-string"], "simple_string"),
        ("ToSnakeCase", ["simpleString"], "simple_string"),
        ("ToSnakeCase", ["simple_string"], "simple_string"),
        ("ToSnakeCase", [" JSONData "], "json_data"),
        ("ToSnakeCase", ["numbers2And55with000"], "numbers_2_and_55_with_000"),
        ("ToSnakeCase", [""], ""), ("ToCamelCase", ["my_metric_name"], "MyMetricName"),
        ("ToCamelCase", ["a b-c.d1e"], "ABCD1E"),
        ("ToCamelCase", ["AnyKIND of string"], "AnyKindOfString"), ("ToCamelCase", [""], ""),
        ("ToLowerCase", ["MyÄ"], "myä"), ("ToUpperCase", ["straße"], "STRAßE"), ("ToUpperCase", ["é"], "É"),
        ("IsValidLuhn", ["17893729974"], true), ("IsValidLuhn", ["17893729975"], false),
        ("IsValidLuhn", [17_893_729_974], true),
        ("Len", ["äb"], 3), ("Len", [[1, 2]], 2), ("Len", [["a": 1]], 1), ("Len", [hex("0102")], 2),
        ("Log", [1], 0.0), ("Log", ["1"], 0.0), ("Log", [true], 0.0),
    ]

    @Test(arguments: table)
    func `text functions do what their documentation says`(
        _ name: String, _ arguments: [Value], _ result: Value
    ) throws {
        #expect(
            try Calls.converter(name, arguments).shown == result.shown, "\(name)(\(arguments.map(\.shown)))")
    }

    /// What is wrong when the statement is compiled, with the parameter.
    private static let early: [(String, [Value], Int)] = [
        ("ConvertCase", ["a", "title"], 1), ("Base64Encode", ["a", "base32"], 1),
        ("Decode", ["a", "ebcdic"], 1),
        ("Substring", ["abc", -1, 1], 1), ("Substring", ["abc", 0, 0], 2), ("Time", ["x", "%Q"], 1),
        ("Time", ["x", ""], 1),
        ("Time", ["x", "%Y", "Mars/Olympus"], 2), ("Time", ["x", "%Y", "UTC", "xx"], 3),
        ("FormatTime", [utc(0), ""], 1),
        ("Time", ["x", "2006"], 1), ("Sort", [[1], "up"], 1), ("Coalesce", [[]], 0),
        ("ParseCSV", ["a", "b", "ab"], 2),
        ("ParseCSV", ["a", "b", ",", "ab"], 3), ("ParseCSV", ["a", "b", ",", ",", "fake-mode"], 4),
        ("ParseKeyValue", ["a", "=", "="], 2), ("ParseKeyValue", ["a", " "], 2), ("IsMatch", ["a", "("], 1),
        ("ExtractPatterns", ["a", "(a)"], 1), ("ExtractGrokPatterns", ["a", "%{NOPE}"], 1),
        ("ExtractGrokPatterns", ["a", "%{WORD}", true], 1),
        ("ExtractGrokPatterns", ["a", "a", true, ["x"]], 3),
        ("TraceID", ["abc"], 0), ("SpanID", [hex("01")], 0), ("IsInCIDR", ["10.0.0.1", ["10.0.0.0/33"]], 1),
        ("GetXML", ["<a/>", "!"], 1), ("GetXML", ["<a/>", "/a[foo()]"], 1),
        ("ToKeyValueString", [["a": 1], " ", " "], 2),
        ("ParseSeverity", [1, ["info": "x"]], 1), ("Format", [1, []], 0),
    ]

    @Test(arguments: early)
    func `wrong literals are found when the statement is compiled`(
        _ name: String, _ arguments: [Value], _ parameter: Int
    ) {
        let error = #expect(throws: FunctionError.self) { try Calls.converter(name, arguments) }
        #expect(error?.parameter == parameter, "\(String(describing: error))")
    }

    /// What is wrong with the data, and a part of what is said.
    private static let late: [(String, [Value], String)] = [
        ("Substring", ["abc", 0, 4], "not inside of 3 bytes"),
        ("Substring", ["abc", .int(.max), .int(.max)], "not inside"),
        ("Log", [0], "not defined"), ("Log", [false], "not defined"),
        ("IsValidLuhn", ["12a"], "other characters"),
        ("IsValidLuhn", [""], "other characters"), ("Base64Decode", ["!"], "not valid base64"),
        ("Base64Decode", ["/w=="], "not UTF-8"),
        ("Decode", ["ä", "us-ascii"], "not ASCII"), ("Decode", [hex("e4"), "utf-16"], "even number"),
    ]

    @Test(arguments: late)
    func `wrong data is an error that says why`(_ name: String, _ arguments: [Value], _ message: String) {
        let error = #expect(throws: (any Error).self) {
            try Calls.converter(name, arguments, isConstant: name == "Decode")
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains(message), "\(String(describing: error))")
    }

    @Test func `results are bounded`() {
        let large = Value.string(Bytes(Array(repeating: 0x61, count: 3 << 20)))
        for (name, arguments): (String, [Value]) in [
            ("Concat", [[large, large], ""]), ("Format", ["%s%s", [large, large]]),
        ] {
            let error = #expect(throws: EvaluationError.self) { try Calls.converter(name, arguments) }
            #expect(error?.description.contains("\(4 << 20) bytes") == true)
        }
        let parts = Value.string(Bytes(Array(repeating: UInt8(ascii: ","), count: 100_001)))
        #expect(throws: EvaluationError.self) { try Calls.converter("Split", [parts, ","]) }
    }
}
