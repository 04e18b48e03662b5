import Testing

@testable import OTTL

@Suite struct TypeFunctionTests {
    /// Function, argument, result.
    private static let conversions: [(String, Value, Value)] = [
        ("Bool", "true", true), ("Bool", "T", true), ("Bool", "0", false), ("Bool", "yes", .null),
        ("Bool", 2, true),
        ("Bool", 0.0, false), ("Bool", true, true), ("Bool", .null, .null), ("Bool", [1], .null),
        ("Double", "2.0", 2.0), ("Double", "+1e3", 1000.0), ("Double", 3, 3.0), ("Double", true, 1.0),
        ("Double", "x", .null), ("Double", "", .null), ("Double", "1 ", .null), ("Double", .null, .null),
        ("Double", "0x10", .null),
        ("Int", "42", 42), ("Int", "-0", 0), ("Int", "+7", 7), ("Int", "2.0", .null), ("Int", "", .null),
        ("Int", 2.9, 2), ("Int", -2.9, -2), ("Int", 1e300, .null), ("Int", .double(.nan), .null),
        ("Int", true, 1),
        ("Int", "9223372036854775807", .int(.max)), ("Int", "9223372036854775808", .null),
        ("Int", .null, .null),
        ("String", "test", "test"), ("String", 333, "333"), ("String", 2.7, "2.7"), ("String", 55.0, "55"),
        ("String", 1e21, "1e+21"), ("String", 1e-7, "1e-7"), ("String", true, "true"),
        ("String", .null, .null),
        ("String", hex("7b"), "7b"), ("String", ["1": true, "0": false], #"{"0":false,"1":true}"#),
        ("String", [1, 2.5, "a\"<\n", .null, ["k": hex("ff")]], #"[1,2.5,"a\"\u003c\n",null,{"k":"/w=="}]"#),
        ("String", utc(0, 5_000_000), "1970-01-01T00:00:00.005Z"),
        ("String", .duration(90_000_000_000), "1m30s"),
        ("Hex", 12, "c"), ("Hex", 1.1, "3ff199999999999a"), ("Hex", "1", "31"), ("Hex", true, "01"),
        ("Hex", hex("02"), "02"), ("Hex", .null, .null), ("Hex", -1, "-1"),
    ]

    @Test(arguments: conversions)
    func `values become values of other types`(_ name: String, _ argument: Value, _ result: Value) throws {
        for isConstant in [true, false] {
            let value = try Calls.converter(name, [argument], isConstant: isConstant)
            #expect(value.shown == result.shown, "\(name)(\(argument.shown))")
        }
    }

    private static let parsed: [(String, Int64, Int64?)] = [
        ("12345", 10, 12345), ("0xAA", 0, 170), ("AA", 16, 170), ("-20", 8, -16), ("0b1111_0000", 0, 240),
        ("0b10110", 0, 22), ("0xFF", 0, 255), ("-0xFF", 0, -255), ("-0o123", 0, -83), ("017", 0, 15),
        ("0", 0, 0),
        ("z", 36, 35), ("", 10, nil), ("+", 10, nil), ("--1", 10, nil), ("1_0", 10, nil), ("1__0", 0, nil),
        ("_1", 0, nil), ("0x_1", 0, 1), ("1_", 0, nil), ("8", 8, nil), ("notANumber", 10, nil),
        ("1", 37, nil),
        ("1", 1, nil), ("1", -1, nil), ("99999999999999999999", 10, nil), ("-9223372036854775808", 10, .min),
    ]

    @Test(arguments: parsed)
    func `integers are read to a base`(_ text: String, _ base: Int64, _ result: Int64?) {
        let value = try? Calls.converter("ParseInt", [.text(text), .int(base)], isConstant: false)
        #expect(value?.shown == result.map { Value.int($0).shown })
    }

    @Test func `a base that does not exist is found when the statement is compiled`() {
        #expect(throws: FunctionError.self) { try Calls.converter("ParseInt", ["1", 99]) }
    }

    private static let samples: [(Value, String)] = [
        (.null, "IsEmpty"), (true, "IsBool"), (false, "IsBool IsEmpty"), (0, "IsInt IsEmpty"), (7, "IsInt"),
        (0.0, "IsDouble IsEmpty"), (1.5, "IsDouble"), ("", "IsString IsEmpty"), ("a", "IsString"),
        ([], "IsList IsEmpty"), ([.null], "IsList"), ([:], "IsMap IsEmpty"), (["a": 1], "IsMap"),
        (hex(""), "IsEmpty"),
        (hex("00"), ""), (hex("0000000000000000"), "IsEmpty"), (hex("0000000000000001"), ""),
    ]

    @Test(arguments: samples)
    func `what a value is can be asked`(_ value: Value, _ names: String) throws {
        for name in ["IsBool", "IsInt", "IsDouble", "IsString", "IsList", "IsMap", "IsEmpty"] {
            let result = try Calls.converter(name, [value])
            #expect(
                result.shown == "\(names.split(separator: " ").contains { $0 == name })",
                "\(name)(\(value.shown))")
        }
    }

    @Test func `IsRootSpan is for spans`() {
        #expect(throws: EvaluationError.self) { try Calls.converter("IsRootSpan", []) }
    }

    private static let wrong: [(String, [Value])] = [
        ("Hex", [["a": 1]]), ("ParseInt", [1, 10]), ("Day", ["x"]), ("Hours", [1]), ("SHA256", [1]),
        ("SHA256", [.null]), ("Len", [1]), ("Keys", [[1]]), ("Values", ["a"]), ("Log", [[1]]),
        ("Log", [.null]),
        ("IsValidLuhn", [1.5]), ("HasPrefix", [.null, "a"]), ("ToUpperCase", [.null]), ("Murmur3Hash", [123]),
        ("ContainsValue", ["abc", "a"]), ("Index", [1, 1]), ("Index", ["a", 1]), ("Sort", ["a"]),
        ("Unix", ["1"]),
        ("TraceID", [1]), ("IsInCIDR", [1, ["10.0.0.0/8"]]), ("URL", [.null]), ("ParseJSON", [.null]),
        ("Split", [1, ","]), ("Trim", [1]), ("Decode", [1, "utf-8"]), ("Duration", [1]),
        ("SliceToMap", [["a": 1]]),
        ("ToKeyValueString", ["a"]), ("GetXML", [1, "/"]), ("UserAgent", [1]),
    ]

    @Test(arguments: wrong)
    func `a wrong type is an error that names it`(_ name: String, _ arguments: [Value]) {
        // Literals are known early, everything else is found when it is evaluated.
        let literals = ["GetXML", "Decode", "IsInCIDR"].contains(name)
        let error = #expect(throws: (any Error).self) {
            try Calls.converter(name, arguments, isConstant: literals)
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains("expected"), "\(String(describing: error))")
    }
}
