import Telemetry
import Testing

@testable import OTTL

@Suite struct FormatTests {
    /// Format, arguments, what Go's Sprintf gives.
    private static let table: [(String, [Value], String)] = [
        ("test", [], "test"), ("test-%04d", [2], "test-0002"),
        ("test-%04d-%4s", [2, "te"], "test-0002-  te"),
        ("%d%%", [5], "5%"), ("%-5d|", [42], "42   |"), ("%+d % d", [7, 7], "+7  7"),
        ("%05d", [-42], "-0042"),
        ("%x %X %#x %o %b %c %q %U", [255, 255, 255, 8, 5, 65, 65, 65], "ff FF 0xff 10 101 A 'A' U+0041"),
        ("%.3d", [5], "005"), ("%8.3f|", [3.14159], "   3.142|"), ("%-8.2f|", [2.5], "2.50    |"),
        ("%08.2f", [-2.5], "-0002.50"),
        ("%f", [1.5], "1.500000"), ("%e", [123456.789], "1.234568e+05"),
        ("%g %g", [1e6, 100000.0], "1e+06 100000"),
        ("%v", [1.5], "1.5"), ("%v %v %v", [1, "a", true], "1 a true"), ("%v", [.null], "<nil>"),
        ("%d", [.null], "%!d(<nil>)"),
        ("%s", ["ä"], "ä"), ("%5s|%-5s|", ["ä", "ä"], "    ä|ä    |"), ("%.2s", ["äöü"], "äö"),
        ("%q", ["a\"b"], #""a\"b""#),
        ("%x", ["hi"], "6869"), ("%t", [true], "true"), ("%T", [1.5], "float64"),
        ("%d", ["x"], "%!d(string=x)"),
        ("%s", [5], "%!s(int64=5)"), ("%d %d", [1], "1 %!d(MISSING)"), ("%d", [1, 2], "1%!(EXTRA int64=2)"),
        ("%", [], "%!(NOVERB)"),
        ("%z", [1], "%!z(int64=1)"), ("%[2]d %[1]d", [1, 2], "2 1"), ("%*d", [5, 42], "   42"),
        ("%.*f", [2, 1.0], "1.00"),
        ("%[5]d", [1], "%!d(BADINDEX)"), ("%[0]d%*d", [5, 42], "%!d(BADINDEX)   42"),
        ("%[5]d %d", [1], "%!d(BADINDEX) 1"), ("%[0]*d", [1], "%!d(BADINDEX)"),
        ("%v", [hex("0102")], "[1 2]"), ("%v", [[1, "a"]], #"[1,"a"]"#),
        ("%6.2f%%", [12.345], " 12.35%"),
        ("%v", [.duration(1_500_000_000)], "1.5s"), ("%s", [utc(0)], "1970-01-01T00:00:00Z"),
        ("%d", [.duration(5)], "5"),
        ("%9999999d", [1], "%!(BADWIDTH)1"), ("%*d", ["x", 5], "%!(BADWIDTH)5"),
        ("%d", [.int(.min)], "-9223372036854775808"),
        ("%+.1e", [0.0], "+0.0e+00"),
        ("%f", [.double(.infinity)], "+Inf"), ("%v", [.double(.nan)], "NaN"),
    ]

    @Test(arguments: table)
    func `values are formatted as Go formats them`(_ format: String, _ arguments: [Value], _ result: String)
        throws
    {
        #expect(
            try Calls.converter("Format", [.text(format), .list(arguments)]).shown == Value.text(result).shown
        )
    }

    private static let numbers: [(Double, String, String)] = [
        (0, "0", "0"), (-0.0, "-0", "-0"), (1, "1", "1"), (123.45, "123.45", "123.45"),
        (1e20, "100000000000000000000", "1e+20"),
        (1e21, "1e+21", "1e+21"), (1.5e-7, "1.5e-7", "1.5e-07"), (0.000001, "0.000001", "1e-06"),
        (1_234_567, "1234567", "1.234567e+06"),
        (.leastNonzeroMagnitude, "5e-324", "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308", "1.7976931348623157e+308"),
        (123456789012345680, "123456789012345680", "1.2345678901234568e+17"), (0.1, "0.1", "0.1"),
    ]

    @Test(arguments: numbers)
    func `numbers have the shortest digits`(_ number: Double, _ json: String, _ shortest: String) {
        #expect(number.jsonText == json)
        #expect(GoNumber.shortest(number) == shortest)
    }
}
