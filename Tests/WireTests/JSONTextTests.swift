import Testing
import Wire

@Suite struct JSONTextTests {
    /// Text, how it is written in JSON, and how where it may stand in a page.
    private static let table: [(String, String, String)] = [
        ("", #""""#, #""""#),
        ("a\"b\\", #""a\"b\\""#, #""a\"b\\""#),
        ("\n\r\t", #""\n\r\t""#, #""\n\r\t""#),
        ("\u{0}\u{1F}\u{8}\u{C}", #""\u0000\u001f\u0008\u000c""#, #""\u0000\u001f\b\f""#),
        ("\u{7F}ä😀", "\"\u{7F}ä😀\"", "\"\u{7F}ä😀\""),
        ("<a>&</a>", #""<a>&</a>""#, #""\u003ca\u003e\u0026\u003c/a\u003e""#),
        ("a\u{2028}\u{2029}\u{202A}", "\"a\u{2028}\u{2029}\u{202A}\"", "\"a\\u2028\\u2029\u{202A}\""),
    ]

    @Test(arguments: table)
    func `what cannot stand in JSON is escaped`(_ text: String, _ plain: String, _ web: String) {
        #expect(JSONText.quoted(text) == plain)
        #expect(JSONText.quoted(text, forWeb: true) == web)
        for (isWeb, result) in [(false, plain), (true, web)] {
            var builder = BytesBuilder(capacity: 8)
            JSONText.write(Bytes(utf8: text), forWeb: isWeb, to: &builder)
            #expect(builder.finish().string == result)
        }
    }
}
