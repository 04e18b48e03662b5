import OTTL
import Testing

@testable import CommandLine

@Suite struct OTTLTextTests {
    @Test func `a mistake is marked below the statement`() {
        let mistake = OTTLError("no field", at: 4..<7, suggestion: "name")
        let shown = OTTLText.shown(mistake, in: "set(nam, 1)")
        #expect(shown == "wrong: set(nam, 1)\n           ^^^ no field (did you mean 'name'?)")
    }

    @Test func `a mistake at the end has a mark too`() {
        let shown = OTTLText.shown(OTTLError("more", at: 3..<3), in: "set")
        #expect(shown == "wrong: set\n          ^ more")
    }

    @Test func `JSON comes in lines, and braces in texts are no structure`() {
        let lines = JSONLines.lines(of: #"{"a":[1,{"b":"},\"{"}],"c":{},"d":[]}"#)
        #expect(
            lines == [
                "{", #"  "a": ["#, "    1,", "    {", #"      "b": "},\"{""#, "    }", "  ],", #"  "c": {"#,
                "  },",
                #"  "d": ["#, "  ]", "}",
            ])
    }

    @Test(arguments: [
        (["a", "b", "c"], ["a", "x", "c"], ["  a", "- b", "+ x", "  c"]),
        (["a"], ["a", "b"], ["  a", "+ b"]), (["a", "b"], ["b"], ["- a", "  b"]),
        (
            ["1", "2", "3", "4", "5", "6"], ["1", "2", "3", "4", "5", "7"],
            ["  …", "  3", "  4", "  5", "- 6", "+ 7"]
        ),
        (["a", "b", "c", "d"], ["b", "x", "d"], ["- a", "  b", "- c", "+ x", "  d"]),
    ])
    func `lines that differ are shown with a few around them`(
        _ before: [String], _ after: [String], _ shown: [String]
    ) {
        #expect(LineDifference.lines(before, after) == shown)
    }
}
