import Patterns
import Testing
import Wire

@Suite struct ReplacementTests {
    /// Expression, template, text, result; `nil` when nothing matches.
    private static let table: [(String, String, String, String?)] = [
        ("b", "x", "abc", "axc"),
        ("z", "x", "abc", nil),
        ("a*", "-", "baab", "-b-b-"),
        ("", "-", "äb", "-ä-b-"),
        (#"(\w)(\w)"#, "$2$1", "abcd", "badc"),
        (#"(\w)(\w)"#, "${2}1", "ab", "b1"),
        (#"(\w)"#, "$1x", "ab", ""),
        (#"(?P<first>\w)"#, "<$first>", "ab", "<a><b>"),
        (#"(?P<first.one>\w)"#, "<${first.one}>", "a", "<a>"),
        ("a", "$$1", "a", "$1"),
        ("a", "$0$0", "xa", "xaa"),
        ("a", "$", "a", "$"),
        ("a", "${", "a", "${"),
        ("a", "${1", "a", "${1"),
        ("a", "${}", "a", "${}"),
        ("a", "$-", "a", "$-"),
        ("a", "$9-$none-$00", "a", "--"),
        ("(a)|(b)", "[$2]", "ab", "[][b]"),
        ("^kube_([0-9A-Za-z]+_)", "k8s.$1.", "kube_pod_name", "k8s.pod_.name"),
        (#"/account/\d{4}"#, "/account/{accountId}", "/account/1234/x", "/account/{accountId}/x"),
    ]

    @Test(arguments: table)
    func `matches are replaced as Go's Expand says`(
        _ pattern: String, _ template: String, _ text: String, _ result: String?
    ) throws {
        let expression = try RegularExpression(pattern)
        let replacement = Replacement(template, for: expression)
        let replaced = try expression.replacingMatches(in: Bytes(utf8: text), with: replacement, limit: 1000)
        #expect(replaced?.string == result)
    }

    @Test func `what grows past the limit is refused`() throws {
        let expression = try RegularExpression("")
        let replacement = Replacement("0123456789", for: expression)
        let text = Bytes(utf8: "abc")
        #expect(try expression.replacingMatches(in: text, with: replacement, limit: 43)?.count == 43)
        #expect(throws: ReplacementTooLarge(limit: 42)) {
            try expression.replacingMatches(in: text, with: replacement, limit: 42)
        }
    }
}
