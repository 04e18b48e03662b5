import Testing

@testable import Settings

@Suite struct JSONTests {
    private static let source = ConfigurationSource(.remote, "body")

    private func messages(_ json: String) -> [String] {
        do throws(InvalidSettings) {
            _ = try Tree(json: json, source: Self.source)
            return []
        } catch {
            return error.diagnostics.map { "\($0)" }
        }
    }

    @Test func `values have the types and places of the text`() throws {
        let text = "{\n  \"a\": [1, -2.5e3, true, null],\n  \"ä\": \"x\", \"b\": {}\n}"
        let tree = try Tree(json: text, source: Self.source)
        #expect(
            tree
                == .table([
                    "a": .list([.number(1), Tree(.scalar(Scalar("-2.5e3"))), .bool(true), .null]),
                    "ä": .text("x"), "b": .empty,
                ]))
        #expect(tree["a"]?.list?[1].position == Position(Self.source, line: 2, column: 12))
        #expect(tree.table?[2].keyPosition == Position(Self.source, line: 3, column: 13))
    }

    @Test(arguments: [
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{08}\u{0C}\n\r\t"), (#""\u00e9\uD83D\uDE00""#, "é😀"), (#""""#, ""),
        (#""2026-01-01""#, "2026-01-01"), (#""true""#, "true"),
    ])
    func `text is text`(json: String, text: String) throws {
        let tree = try Tree(json: json, source: Self.source)
        #expect(tree == .text(text))
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", "{\"a\":1,}", "{a:1}", "'a'", "01", "1.", ".5", "+1", "-", "1e", "NaN",
        "Infinity", "tru", "nullx", "\"a", "\"\\x\"", "\"\\u12g4\"", "\"\\uD800\"", "\"\\uD800\\u0041\"",
        "\"\\uDC00\"", "\"\u{01}\"", "\"a\nb\"", "1 2", "[1 2]", "{\"a\" 1}", "// c\n1", "\u{FEFF}1",
        "[\"a\":1]", "{1:2}", "]", "\u{A0}1",
    ])
    func `what is not JSON is refused with its place`(json: String) {
        let messages = messages(json)
        #expect(messages.count == 1)
        #expect(messages.first?.hasPrefix("body:") == true)
        #expect(messages.first?.contains("is not JSON") == true)
    }

    @Test func `every key that appears twice is reported, at any depth`() {
        #expect(
            messages("{\"a\": 1, \"a\": 2, \"b\": [{\"c\": 1,\n\"c\": 2}]}")
                == [
                    "body:1:10: key 'a' appears twice; it was first written in line 1, column 2",
                    "body:2:1: key 'c' appears twice; it was first written in line 1, column 25",
                ])
    }

    @Test func `depth, numbers and size are bounded`() {
        let deep = Tree.maximumDepth
        let nested = { (depth: Int) in
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(messages(nested(deep)).isEmpty)
        #expect(messages(nested(deep + 2)).first?.contains("nested more than 200 deep") == true)
        #expect(messages(nested(1_000_000)).first?.contains("nested more than 200 deep") == true)
        #expect(messages(String(repeating: "1", count: 129)).first?.contains("128 characters") == true)
        let large = "\"" + String(repeating: "a", count: Tree.maximumTextSize) + "\""
        #expect(messages(large).first?.contains("larger than 16 MiB") == true)
    }

    @Test(arguments: [
        "{\"a\":[1,2.5,\"x\\ny\",null,true,{}],\"b/c\":{\"d\":\"\\u007f\"}}", "[]", "\"\"",
        "18446744073709551615",
    ])
    func `what is written is read again`(json: String) throws {
        let tree = try Tree(json: json, source: Self.source)
        #expect(tree.json() == json)
        #expect(try Tree(json: tree.json(pretty: true), source: Self.source) == tree)
    }

    @Test(arguments: [
        ("", []), ("/", [""]), ("/a/b", ["a", "b"]), ("/a~1b/~0c/~01", ["a/b", "~c", "~1"]),
        ("/a//b", ["a", "", "b"]),
        ("/\u{301}/x", ["\u{301}", "x"]),
    ])
    func `pointers are paths and back`(pointer: String, path: [String]) {
        #expect(JSONPointer.path(of: pointer) == path)
        #expect(JSONPointer.text(of: path) == pointer)
    }

    @Test(arguments: ["a", "a/b", "/~", "/~2", "/a~"])
    func `what is no pointer is none`(pointer: String) {
        #expect(JSONPointer.path(of: pointer) == nil)
    }
}
