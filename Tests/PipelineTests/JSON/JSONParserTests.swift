import Pipeline
import Testing

@Suite struct JSONParserTests {
    @Test(
        arguments: [
            ("{}", .object([:])),
            (" {\n\t\"a\" : [1, -2.5e3, true, false, null] }\r\n", .object(["a": mixed])),
            (#""\"\\\/\b\f\n\r\té\ud83d\ude00""#, .string("\"\\/\u{8}\u{C}\n\r\té😀")),
            (#""\ud83d""#, .string("\u{FFFD}")), ("[]", .array([])), ("\"ü\"", .string("ü")),
        ] as [(String, JSONValue)])
    func `json is read`(text: String, value: JSONValue) throws {
        #expect(try JSONParser.parse(Array(text.utf8)) == value)
    }

    private static let mixed = JSONValue.array([
        .number("1"), .number("-2.5e3"), .bool(true), .bool(false), .null,
    ])

    @Test(arguments: [
        "", "{", "{a: 1}", "{\"a\" 1}", "{\"a\":1,}", "[1,]", "[1 2]", "\"a", "\"\\x\"", "\"\\u12\"",
        "\"\\u+041\"", "tru",
        "+1",
        "1 2", "{}}", "\"\u{1}\"", "nan", String(repeating: "[", count: 100), "yaml: yes",
    ])
    func `what is not json is an error`(text: String) {
        #expect(throws: JSONParser.Failure.self) { try JSONParser.parse(Array(text.utf8)) }
    }

    @Test func `a long text is refused`() {
        let text = "\"" + String(repeating: "x", count: JSONParser.limit) + "\""
        #expect(throws: JSONParser.Failure.self) { try JSONParser.parse(Array(text.utf8)) }
    }

    @Test func `whole numbers come as numbers and as strings`() {
        #expect(JSONValue.number("12").integer == 12)
        #expect(JSONValue.string("12").integer == 12)
        #expect(JSONValue.number("1.5").integer == nil)
    }
}
