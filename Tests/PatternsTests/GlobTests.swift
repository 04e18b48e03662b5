import Patterns
import Testing
import Wire

@Suite struct GlobTests {
    private static let table: [(String, String, Bool)] = [
        ("", "", true), ("", "a", false), ("abc", "abc", true), ("abc", "abcd", false), ("*", "", true),
        ("*", "a/b\nc", true), ("hello*", "hello world", true), ("hello*", "goodbye world", false),
        ("/user/*/list/*", "/user/123/list/4/5", true), ("/user/*/list/*", "/user/123/lists/4", false),
        ("a?c", "aäc", true), ("a?c", "ac", false), ("[a-c]x", "bx", true), ("[a-c]x", "dx", false),
        ("[!a-c]x", "dx", true), ("[^a-c]x", "bx", false), ("[a-]", "-", true), (#"[\]]"#, "]", true),
        (#"\*"#, "*", true), (#"\*"#, "a", false), ("{cat,bat,[fr]at}", "rat", true),
        ("{cat,bat,[fr]at}", "at", false), ("{a,{b,c}d}e", "cde", true), ("a,b}", "a,b}", true),
        ("a.c", "abc", false), ("(a|b)", "(a|b)", true), ("^$+", "^$+", true), ("ä*", "äß", true),
    ]

    @Test(arguments: table)
    func `a glob matches a whole text`(_ pattern: String, _ text: String, _ result: Bool) throws {
        let glob = try Glob(pattern)
        #expect(glob.matches(text) == result)
        #expect(glob.matches(Bytes(utf8: text)) == result)
        #expect(glob.pattern == pattern)
    }

    @Test(arguments: [
        (#"ab\"#, 2), ("ä[b", 2), ("[]", 0), ("[!]", 0), ("a[z-a]", 1), (#"[a\"#, 0), ("{a,b", nil),
    ])
    func `a wrong glob is refused with its place`(_ pattern: String, _ place: Int?) {
        let error = #expect(throws: PatternError.self) { try Glob(pattern) }
        #expect(error?.position == place)
    }
}
