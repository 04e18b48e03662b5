import Patterns
import Testing
import Wire

@Suite struct RegularExpressionTests {
    /// Expression, text, and what each group is; `nil` when nothing matches.
    private static let table: [(String, String, [String?]?)] = [
        ("", "abc", [""]),
        ("b", "abc", ["b"]),
        ("^b", "abc", nil),
        ("b$", "ab\n", nil),
        ("(?m)b$", "ab\nc", ["b"]),
        (#"b\z"#, "ab", ["b"]),
        ("a.c", "a\nc", nil),
        ("(?s)a.c", "a\nc", ["a\nc"]),
        ("(?i)ÄB", "xäby", ["äb"]),
        ("a+?", "aaa", ["a"]),
        ("(?U)a+", "aaa", ["a"]),
        ("(a)|(b)", "b", ["b", nil, "b"]),
        ("(a*)(b*)", "c", ["", "", ""]),
        (#"\d+"#, "a٣12", ["12"]),
        (#"\bfoo\b"#, "a foo-bar", ["foo"]),
        (#"\p{Greek}+"#, "abγδ", ["γδ"]),
        (#"[[:alpha:](]+"#, "12ab(", ["ab("]),
        (#"[]a(]+"#, "x](a", ["](a"]),
        (#"\Q(a)\E"#, "(a)", ["(a)"]),
        (#"\("#, "(", ["("]),
        (#"\x{1F600}"#, "a😀", ["😀"]),
        ("a{2,3}", "aaaa", ["aaa"]),
        ("(?:a|ab)(c|bcd)(d*)", "abcd", ["abcd", "bcd", ""]),
        (#"(?P<year>\d{4})-(?<month>\d\d)"#, "on 2024-05-06", ["2024-05", "2024", "05"]),
        (#"GIT_SHA=(?P<git.sha>\w+)"#, "GIT_SHA=c0ffee", ["GIT_SHA=c0ffee", "c0ffee"]),
    ]

    @Test(arguments: table)
    func `an expression matches as Go's does`(_ pattern: String, _ text: String, _ groups: [String?]?) throws
    {
        let expression = try RegularExpression(pattern)
        let bytes = Bytes(utf8: text)
        let match = expression.firstMatch(in: bytes)
        #expect(expression.matches(bytes) == (groups != nil))
        #expect(expression.matches(text) == (groups != nil))
        let found = match.map { match in
            (0...expression.groupCount).map { match[$0].map { bytes[$0].string } }
        }
        #expect(found == groups)
    }

    /// Expression, a part of what is said about it, and the place.
    private static let mistakes: [(String, String, Int?)] = [
        ("a(b", "')' is missing", nil),
        ("a)b", "')' without its '('", nil),
        ("ab[c", "']' is missing", 2),
        ("*a", "nothing to repeat", 0),
        ("a**", "repeats a repetition", 1),
        ("a{1001}", "at most 1000", 1),
        (#"a\y"#, #"no escape '\y'"#, 1),
        (#"a\C"#, #"no escape '\C'"#, 1),
        (#"ab\"#, #"single '\'"#, 2),
        ("a[z-a]", "no range or class", 2),
        ("[[:foo:]]", "no range or class", 1),
        (#"\p{Nope}"#, "no range or class", 0),
        ("(?=a)", "no look-around", 0),
        ("x(?<=a)", "no look-around", 1),
        (#"(a)\1"#, #"no escape '\1'"#, 3),
        ("a(?P<n m>b)", "a name of a group", 5),
        ("(?P<n>a)(?P<n>b)", "given to two groups", 12),
        ("(?P<n", "a name of a group", 4),
        (#"(\pL{100}){10}"#, "4096 KiB", nil),
        (String(repeating: "a", count: 70_000), "65536 bytes at most", nil),
    ]

    @Test(arguments: mistakes)
    func `a wrong expression is refused with its place`(_ pattern: String, _ message: String, _ place: Int?) {
        let error = #expect(throws: PatternError.self) { try RegularExpression(pattern) }
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
        #expect(error?.position == place)
    }

    @Test func `the place is part of the message`() {
        let error = #expect(throws: PatternError.self) { try RegularExpression("ab[c") }
        #expect(error?.description == "'[c' is not closed: ']' is missing, at character 3 of the pattern")
    }

    @Test func `groups are found by name`() throws {
        let expression = try RegularExpression("(?P<a>x)?(y)(?<b.c>z)")
        #expect(expression.groupNames == [nil, "a", nil, "b.c"])
        let match = try #require(expression.firstMatch(in: Bytes(utf8: "yz")))
        #expect(expression.range(of: "a", in: match) == nil)
        #expect(expression.range(of: "b.c", in: match) == 1..<2)
        #expect(expression.range(of: "d", in: match) == nil)
        #expect(match[9] == nil)
    }

    /// Expression, text, and the ranges that Go's FindAllIndex gives.
    private static let all: [(String, String, [Range<Int>])] = [
        ("a", "banana", [1..<2, 3..<4, 5..<6]),
        ("a*", "baab", [0..<0, 1..<3, 4..<4]),
        ("", "äb", [0..<0, 2..<2, 3..<3]),
        ("x*", "", [0..<0]),
        ("^a", "aaa", [0..<1]),
        (#"\b"#, "ab c", [0..<0, 2..<2, 3..<3, 4..<4]),
        ("z", "abc", []),
    ]

    @Test(arguments: all)
    func `all matches are those that Go finds`(_ pattern: String, _ text: String, _ ranges: [Range<Int>])
        throws
    {
        let expression = try RegularExpression(pattern)
        var found: [Range<Int>] = []
        expression.forEachMatch(in: Bytes(utf8: text)) { match in
            found.append(match.range)
            return true
        }
        #expect(found == ranges)
    }

    @Test func `a search can begin later and end early`() throws {
        let expression = try RegularExpression("a")
        let text = Bytes(utf8: "banana")
        #expect(expression.firstMatch(in: text, from: 2)?.range == 3..<4)
        #expect(expression.firstMatch(in: text, from: 6) == nil)
        var count = 0
        expression.forEachMatch(in: text) { _ in
            count += 1
            return count < 2
        }
        #expect(count == 2)
    }

    @Test func `bytes that are no UTF-8 match nothing and do no harm`() throws {
        let text = Bytes([0x61, 0xFF, 0x62, 0xC3, 0x00, 0x63])
        #expect(try RegularExpression("^a.b").matches(text) == false)
        #expect(try RegularExpression(#"c\z"#).matches(text))
        #expect(try RegularExpression(#"\x00c"#).matches(text))
        var count = 0
        try RegularExpression("").forEachMatch(in: text) { _ in
            count += 1
            return count < 100
        }
        #expect(count == 7)
    }

    @Test func `an expression with many groups and a hostile text is matched in linear time`() throws {
        let many = try RegularExpression(String(repeating: "(a?)", count: 40))
        #expect(many.firstMatch(in: Bytes(utf8: "aaa"))?[3] == 2..<3)
        let hostile = try RegularExpression("(a*)*(a*)*b$")
        #expect(!hostile.matches(Bytes(Array(repeating: 0x61, count: 100_000))))
    }
}
