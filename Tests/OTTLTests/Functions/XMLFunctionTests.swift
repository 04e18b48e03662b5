import Testing

@testable import OTTL

@Suite struct XMLFunctionTests {
    /// Document, path, what GetXML gives.
    private static let selected: [(String, String, String)] = [
        ("<a><b/></a>", "/a/b", "<b></b>"),
        (#"<a foo="bar"><b>hello</b></a>"#, "/a", #"<a foo="bar"><b>hello</b></a>"#),
        ("<a><b>hello</b><b>world</b></a>", "/a/b", "<b>hello</b><b>world</b>"),
        ("<a><b>hello</b><b><c>world</c></b><d/></a>", "/a/*", "<b>hello</b><b><c>world</c></b><d></d>"),
        ("<a><x>1</x><b><x>2</x></b><d><e><f><x>3</x></f></e></d></a>", "/a//x", "<x>1</x><x>2</x><x>3</x>"),
        (
            #"<a><x env="prod">1</x><b><x env="dev">2</x></b></a>"#, "/a//x[@env='prod']",
            #"<x env="prod">1</x>"#
        ), ("", "/", ""), (#"<?xml version="1.0" encoding="UTF-8"?><a></a>"#, "/*", "<a></a>"),
        ("<!-- comment --><a></a><!-- comment -->", "/*", "<a></a>"),
        (#"<a foo="bar"></a>"#, "/a/@foo", "bar"), ("<a>hello</a>", "/a/text()", "hello"),
        ("<a><![CDATA[hello]]></a>", "/a/text()", "hello"),
        ("<a><b>1</b><b>2</b><b>3</b></a>", "/a/b[2]", "<b>2</b>"),
        ("<a><b>1</b><b>2</b></a>", "/a/b[last()]", "<b>2</b>"),
        ("<a><b>1</b><b>2</b></a>", "/a/b[position() > 1]", "<b>2</b>"),
        ("<a><b>1</b><c/></a>", "//c/preceding-sibling::b", "<b>1</b>"),
        ("<a><b>1</b><c/></a>", "//b/following-sibling::*", "<c></c>"),
        ("<a><b><c>x</c></b></a>", "//c/..", "<b><c>x</c></b>"),
        ("<a><b>5</b><b>15</b></a>", "//b[. > 10]", "<b>15</b>"),
        ("<a><b>x</b><b>y</b></a>", "//b[. = 'x' or . = 'z']", "<b>x</b>"),
        ("<a><b/><c/><d/></a>", "//b | //d", "<b></b><d></d>"),
        ("<a><b>1</b><b>2</b></a>", "//b[count(../b) = 2 and not(. = '1')]", "<b>2</b>"),
        ("<a><b>sensitive x</b><b>y</b></a>", "//b[contains(text(), 'sensitive')]", "<b>sensitive x</b>"),
        ("<n:a><n:b/><b/></n:a>", "//n:*[starts-with(name(), 'n:b')]", "<n:b></n:b>"),
        ("<a><b>1</b></a>", "/a/b[substring-after('x1', 'x') = .]", "<b>1</b>"),
        ("<a><b i=\"2\"/></a>", "//b[@i * 2 - 1 = 3]", "<b i=\"2\"></b>"),
        ("<a>1 &lt; 2 &#65;</a>", "/a/text()", "1 &lt; 2 A"), ("<a><b/></a>", "(//b)[1]", "<b></b>"),
        ("<a/>", "/b", ""), ("<a> <b/> </a>", "/a/text()[normalize-space()]", ""),
    ]

    @Test(arguments: selected)
    func `nodes are selected`(_ document: String, _ path: String, _ result: String) throws {
        #expect(
            try Calls.converter("GetXML", [.text(document), .text(path)]).shown == Value.text(result).shown)
    }

    private static let edited: [(String, [Value], String)] = [
        ("InsertXML", ["<a></a>", "/a", "<b/>"], "<a><b></b></a>"),
        ("InsertXML", ["<a></a><a></a>", "/a", "<b/><c/>"], "<a><b></b><c></c></a><a><b></b><c></c></a>"),
        ("InsertXML", ["<a></a><z><a></a></z>", "//a", "<b/>"], "<a><b></b></a><z><a><b></b></a></z>"),
        ("InsertXML", ["<a></a>", "/", "<b/><c/>"], "<a></a><b></b><c></c>"),
        ("InsertXML", ["", "/", "<a/>"], "<a></a>"),
        (
            "InsertXML", ["<a></a>", "/a", #"<x foo="bar"><b>text</b><e><![CDATA[two]]></e></x>"#],
            #"<a><x foo="bar"><b>text</b><e><![CDATA[two]]></e></x></a>"#
        ),
        (
            "InsertXML", ["<a><b>has b</b></a><a></a>", "//a[not(b)]", "<b></b>"],
            "<a><b>has b</b></a><a><b></b></a>"
        ),
        ("RemoveXML", [#"<a foo="1" x="2"/>"#, "/a/@foo"], #"<a x="2"></a>"#),
        ("RemoveXML", [#"<a foo="1" x="2"/>"#, "/a/@*"], "<a></a>"),
        ("RemoveXML", ["<a><b/><c><b/></c></a>", "//b"], "<a><c></c></a>"),
        ("RemoveXML", [#"<a><b foo="bar"/><b/></a>"#, "/a/b[@foo='bar']"], "<a><b></b></a>"),
        ("RemoveXML", ["<a><!-- x -->y</a>", "//comment()"], "<a>y</a>"),
        (
            "RemoveXML", ["<a><b>sensitive</b><c>x</c></a>", "//*[contains(text(), 'sensitive')]"],
            "<a><c>x</c></a>"
        ), ("RemoveXML", ["<a>x<b/></a>", "//text()"], "<a><b></b></a>"),
        ("RemoveXML", ["<a/>", "/"], "<a></a>"),
        (
            "RemoveXML",
            [
                .text(
                    #"<?xml version="1.0"?><Log><Record><Name "#
                        + #"type="archive"></Name></Record><Record><Name type="user"></Name></Record>"#
                        + "</Log>"),
                #"/Log/Record[./Name/@type="archive"]"#,
            ],
            #"<?xml version="1.0"?><Log><Record><Name type="user"></Name></Record></Log>"#
        ),
        (
            "ConvertAttributesToElementsXML", [#"<a foo="bar"><b>baz</b></a>"#],
            "<a><b>baz</b><foo>bar</foo></a>"
        ),
        (
            "ConvertAttributesToElementsXML", [#"<a x="1"><b y="2"/></a>"#, "/a/b"],
            #"<a x="1"><b><y>2</y></b></a>"#
        ),
        ("ConvertTextToElementsXML", ["<a><b/></a>"], "<a><b></b></a>"),
        ("ConvertTextToElementsXML", [#"<a foo="bar" hello="world"/>"#], #"<a foo="bar" hello="world"></a>"#),
        ("ConvertTextToElementsXML", ["<a>hello world</a>"], "<a>hello world</a>"),
        ("ConvertTextToElementsXML", ["<a><b/>foo</a>"], "<a><b></b><value>foo</value></a>"),
        ("ConvertTextToElementsXML", ["<a><b/>foo</a>", "/", "bar"], "<a><b></b><bar>foo</bar></a>"),
        (
            "ConvertTextToElementsXML", ["<a>foo<b/>bar<c/>1<d>not</d>2<e><f/><f/></e></a>", "", "v"],
            "<a><v>foo</v><b></b><v>bar</v><c></c><v>1</v><d>not</d><v>2</v><e><f></f><f></f></e></a>"
        ),
        (
            "ConvertTextToElementsXML", ["<a><b><c/>foo</b><d><c/>bar</d></a>", "/a/b"],
            "<a><b><c></c><value>foo</value></b><d><c></c>bar</d></a>"
        ),
    ]

    @Test(arguments: edited)
    func `documents are edited`(_ name: String, _ arguments: [Value], _ result: String) throws {
        #expect(try Calls.converter(name, arguments).shown == Value.text(result).shown)
    }

    private static let parsed: [(String, String, Value)] = [
        (
            "ParseXML", #"<HostInfo hostname="example.com" zone="east-1" />"#,
            ["tag": "HostInfo", "attributes": ["hostname": "example.com", "zone": "east-1"]]
        ),
        (
            "ParseXML",
            #"<?xml version="1.0" encoding="UTF-8" ?><Log> <User> <ID>00001</ID> <Name "#
                + #"type="first">Joe</Name> </User> <Text>User fired alert A</Text> a <!-- c --> b "#
                + #"</Log>"#,
            [
                "tag": "Log", "content": "ab",
                "children": [
                    [
                        "tag": "User",
                        "children": [
                            ["tag": "ID", "content": "00001"],
                            ["tag": "Name", "attributes": ["type": "first"], "content": "Joe"],
                        ],
                    ],
                    ["tag": "Text", "content": "User fired alert A"],
                ],
            ]
        ),
        ("ParseSimplifiedXML", "<a>b</a>", ["a": "b"]),
        ("ParseSimplifiedXML", "<a>b</a><a>c</a>", ["a": ["b", "c"]]),
        ("ParseSimplifiedXML", "<a><b>1</b></a>", ["a": ["b": "1"]]),
        ("ParseSimplifiedXML", "<a>1</a><a><![CDATA[2]]></a><a><b>3</b></a>", ["a": ["1", "2", ["b": "3"]]]),
        ("ParseSimplifiedXML", #"<a foo="bar"><b hello="world">c</b></a>"#, ["a": ["b": "c"]]),
        ("ParseSimplifiedXML", "<a><!-- ignore -->b</a><!-- ignore -->", ["a": "b"]),
        ("ParseSimplifiedXML", "<a><b>2</b><c><!-- c is empty --></c></a>", ["a": ["b": "2"]]),
        (
            "ParseSimplifiedXML", "<a><b>2</b><c>4</c><c><!-- empty --></c></a>",
            ["a": ["b": "2", "c": ["4"]]]
        ), ("ParseSimplifiedXML", "<a>extra1<b>3</b>extra2</a>", ["a": ["b": "3"]]),
        ("ParseSimplifiedXML", "<a><b><c/></b><d>2</d></a>", ["a": ["d": "2"]]),
        ("ParseSimplifiedXML", "<a><b>3</b><b/></a>", ["a": ["b": ["3"]]]),
        ("ParseSimplifiedXML", "<a/>", [:]),
    ]

    @Test(arguments: parsed)
    func `documents become maps`(_ name: String, _ document: String, _ result: Value) throws {
        #expect(try Calls.converter(name, [.text(document)]).shown == result.shown)
    }

    private static let wrong: [(String, String)] = [
        ("<a>", "not closed"), ("<a></b>", "closes nothing"), ("x", "outside of any element"),
        ("<a>&foo;</a>", "'&foo;' is not known"), ("<a>&</a>", "'&amp;'"), ("<a b></a>", "has no value"),
        ("<a b=c></a>", "in quotes"), ("<a b='c'", "expected"), ("< a/>", "a name is expected"),
        ("<!-- x", "not closed by '-->'"), ("<![CDATA[x]]>", "outside"),
        ("<a/><b/>", "2 elements at its top"), ("</a>", "closes nothing"),
        (#"<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>"#, "'&x;' is not known"),
        ("", "0 elements"), ("<1/>", "a name is expected"), ("<a>&#0;</a>", "not known"),
        ("<a>&#+65;</a>", "not known"), ("<a>&#x+41;</a>", "not known"), ("<a>&#-0;</a>", "not known"),
    ]

    @Test(arguments: wrong)
    func `what is no XML is an error that says where`(_ document: String, _ message: String) {
        let error = #expect(throws: EvaluationError.self) {
            try Calls.converter("ParseXML", [.text(document)])
        }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test func `documents and paths are bounded`() throws {
        let deep = String(repeating: "<a>", count: 300) + String(repeating: "</a>", count: 300)
        let wide = "<r>" + String(repeating: "<a/>", count: 100_001) + "</r>"
        let large = "<a>" + String(repeating: "x", count: 1 << 20) + "</a>"
        for document in [deep, wide, large] {
            #expect(throws: EvaluationError.self) {
                try Calls.converter("ParseSimplifiedXML", [.text(document)])
            }
        }
        let many = "<r>" + String(repeating: "<a/>", count: 3000) + "</r>"
        let error = #expect(throws: EvaluationError.self) {
            try Calls.converter("GetXML", [.text(many), "//a[count(//a[count(//a) > 0]) > 0]"])
        }
        #expect(error?.description.contains("too many steps") == true)
        #expect(throws: EvaluationError.self) { try Calls.converter("GetXML", ["<a/>", "1 + 1"]) }
        #expect(throws: EvaluationError.self) {
            try Calls.converter("InsertXML", [#"<a foo="bar"/>"#, "/a/@foo", "<b/>"])
        }
        #expect(throws: EvaluationError.self) {
            try Calls.converter("InsertXML", ["<a>foo</a>", "/a/text()", "<b/>"])
        }
    }

    /// An expression of XPath for each of many elements, which looks at much text each time.
    @Test(arguments: [
        "//a[string(/) = 'z']", "//a[contains(/r, 'z')]", "//a[string-length(/) = 0]", "//a[. = //a]",
        "//a[/ > 5]", "//a[translate(/, 'x', 'y') = 'z']", "//a[starts-with(/r, 'z')]",
        "//a[sum(//a) = 5]", "//a[following-sibling::a[1] = 'z']",
    ])
    func `text that an XPath looks at counts as steps`(_ path: String) {
        let many = "<r>" + String(repeating: "<a>x</a>", count: 2000) + "</r>"
        let error = #expect(throws: EvaluationError.self) {
            try Calls.converter("GetXML", [.text(many), .text(path)])
        }
        #expect(error?.description.contains("too many steps") == true, "\(String(describing: error))")
    }

    @Test func `a long text that an XPath looks for in another one counts as steps`() {
        let text = String(repeating: "x", count: 200_000)
        let document = "<r><a>\(text)</a><b>\(text)y</b></r>"
        for path in ["//a[contains(., //b)]", "//a[substring-before(., //b) = 'z']"] {
            #expect(throws: EvaluationError.message("the XPath needs too many steps for this document")) {
                try Calls.converter("GetXML", [.text(document), .text(path)])
            }
        }
    }

    @Test func `attributes count as nodes, and maps nest no deeper than parsers may make them`() throws {
        let wide = "<a" + String(repeating: " b=''", count: 100_000) + "/>"
        var error = #expect(throws: EvaluationError.self) {
            try Calls.converter("ParseSimplifiedXML", [.text(wide)])
        }
        #expect(error?.description.contains("100000") == true, "\(String(describing: error))")
        let deep = (61...250).map { count in
            (0..<count).map { "<e\($0)>" }.joined() + "x"
                + (0..<count).reversed().map { "</e\($0)>" }.joined()
        }
        for name in ["ParseSimplifiedXML", "ParseXML"] {
            error = #expect(throws: EvaluationError.self) { try Calls.converter(name, [.text(deep[0])]) }
            #expect(error?.description.contains("60 lists and maps") == true, "\(String(describing: error))")
        }
        #expect(throws: Never.self) {
            try Calls.converter("GetXML", [.text(deep.last ?? ""), "//e249"])
        }
    }

    @Test func `documents with many nodes side by side are edited`() throws {
        let count = 20_000
        let many = "<r>" + String(repeating: "<a/>x<b/>", count: count) + "</r>"
        for (name, arguments, part) in [
            ("RemoveXML", ["//a"], "x<b></b>"), ("RemoveXML", ["//a | //b"], "x"),
            ("ConvertTextToElementsXML", [], "<a></a><value>x</value><b></b>"),
        ] as [(String, [Value], String)] {
            let result = try Calls.converter(name, [.text(many)] + arguments)
            let expected = "<r>" + String(repeating: part, count: count) + "</r>"
            #expect(result.isEqual(to: .text(expected)), "\(name) \(arguments.map(\.shown))")
        }
        let attributes = "<a" + (0..<count).map { " b\($0)=''" }.joined() + "/>"
        #expect(try Calls.converter("RemoveXML", [.text(attributes), "//@*"]).shown == "\"<a></a>\"")
    }

    @Test(arguments: [
        "!", "/a[", "//", "a b", "/a/", "foo::a", "/a[1", "concat('a')", "'a", "$x", "a[b(]",
        String(repeating: "(", count: 300), "/a[" + String(repeating: "-", count: 201) + "1]",
        "a" + String(repeating: "|a", count: 201), "/a[1" + String(repeating: "+1", count: 201) + "]",
    ])
    func `what is no XPath is found when the statement is compiled`(_ path: String) {
        let error = #expect(throws: FunctionError.self) {
            try Calls.converter("GetXML", ["<a/>", .text(path)])
        }
        #expect(error?.parameter == 1)
    }
}
