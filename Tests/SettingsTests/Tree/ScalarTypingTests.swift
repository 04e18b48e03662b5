import Settings
import Testing

/// The types of plain scalars.
@Suite struct ScalarTypingTests {
    @Test(
        arguments: [
            ("", .null), ("~", .null), ("null", .null), ("Null", .null), ("nULL", .string("nULL")),
            ("true", .bool(true)), ("TRUE", .bool(true)), ("tRue", .string("tRue")), ("yes", .string("yes")),
            ("off", .string("off")), ("0", .int(0)), ("-0", .int(0)), ("+12", .int(12)), ("0123", .int(83)),
            ("-0123", .int(-83)), ("0o17", .int(15)), ("0x1F", .int(31)), ("0b101", .int(5)),
            ("089", .double(89)),
            ("1_000", .int(1000)), ("9223372036854775807", .int(.max)),
            ("9223372036854775808", .unsigned(9_223_372_036_854_775_808)),
            ("-9223372036854775808", .int(.min)), ("1.5", .double(1.5)), (".5", .double(0.5)),
            ("5.", .double(5)),
            ("1e3", .double(1000)), ("1.5E-3", .double(0.0015)), (".inf", .double(.infinity)),
            ("-.INF", .double(-.infinity)), ("1e", .string("1e")), (".", .string(".")), ("-", .string("-")),
            ("0x", .string("0x")), ("--1", .string("--1")), ("0x-1", .string("0x-1")),
            ("1.2.3", .string("1.2.3")),
            ("inf", .string("inf")), ("nan", .string("nan")), ("5s", .string("5s")),
            ("1:30", .string("1:30")),
            ("2006-01-02", .string("2006-01-02")), ("99999999999999999999", .double(1e20)),
        ] as [(String, Scalar.Value)])
    func `a plain scalar has the type that Go's YAML gives it`(text: String, expected: Scalar.Value) {
        #expect(Scalar(text).value == expected)
        #expect(Scalar(text, style: .quoted).value == .string(text))
    }
}
