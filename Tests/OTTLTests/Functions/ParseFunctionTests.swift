import Testing
import Wire

@testable import OTTL

@Suite struct ParseFunctionTests {
    private static let json: [(String, Value)] = [
        (#"{"attr":true}"#, ["attr": true]), (#"["attr1","attr2"]"#, ["attr1", "attr2"]), ("{}", [:]),
        (" [ ] ", []),
        (
            #"{"a":1,"b":-2.5e3,"c":null,"d":{"e":[false]}}"#,
            ["a": 1.0, "b": -2500.0, "c": .null, "d": ["e": [false]]]
        ),
        (#"{"a":1,"a":2}"#, ["a": 2.0]), (#"["\u00e4\ud83d\ude00\n\/\"\\"]"#, ["ä😀\n/\"\\"]),
        (#"["\ud800x"]"#, ["\u{FFFD}x"]), (#"["ä"]"#, ["ä"]),
    ]

    @Test(arguments: json)
    func `JSON is read`(_ text: String, _ result: Value) throws {
        #expect(try Calls.converter("ParseJSON", [.text(text)]).shown == result.shown)
    }

    @Test(arguments: [
        "", "1", "\"a\"", "null", "{", "[1,]", "{\"a\"}", "{a:1}", "[01]", "[1.]", "[.5]", "[+1]", "[1e]",
        "[tru]", "[\"a]", "[\"\\x\"]", "[\"\\u12\"]",
        "[1] x", "[\"\u{1}\"]", "[1e999]", "{\"a\":1,}",
        String(repeating: "[", count: 100) + String(repeating: "]", count: 100),
    ])
    func `what is no JSON object or array is an error`(_ text: String) {
        #expect(throws: EvaluationError.self) { try Calls.converter("ParseJSON", [.text(text)]) }
    }

    @Test func `JSON is bounded`() throws {
        let many = "[" + Array(repeating: "0", count: 100_000).joined(separator: ",") + "]"
        let error = #expect(throws: EvaluationError.self) { try Calls.converter("ParseJSON", [.text(many)]) }
        #expect(error?.description.contains("100000 values") == true)
        let deep = String(repeating: "[", count: 60) + String(repeating: "]", count: 60)
        #expect(try Calls.converter("ParseJSON", [.text(deep)]).elements?.count == 1)
    }

    private static let pairs: [(String, [Value], Value)] = [
        ("name=ottl func=key_value", [], ["name": "ottl", "func": "key_value"]),
        ("k1!v1_k2!v2_k3!v3", ["!", "_"], ["k1": "v1", "k2": "v2", "k3": "v3"]),
        (#"a=b c='this is a "co ol" value'"#, [], ["a": "b", "c": "this is a \"co ol\" value"]),
        (#"name="   ottl " func="  key_ value""#, [], ["name": "ottl", "func": "key_ value"]),
        (
            "   name!ottl     func!key_value hello!world  ", ["!"],
            ["name": "ottl", "func": "key_value", "hello": "world"]
        ),
        (
            "name!!ottl     \nfunc!!      key_value another!!pair\nhello!!world  ", ["!!", "\n"],
            ["name": "ottl", "func": "key_value another!!pair", "hello": "world"]
        ),
        (#"name="ottl="_func="=key_value""#, ["=", "_"], ["name": "ottl=", "func": "=key_value"]),
        ("k1@*v1_!_k2@**v2_!__k3@@*v3__", ["@*", "_!_"], ["k1": "v1", "k2": "*v2", "_k3@": "v3__"]),
        ("   k1=v1   k2==v2       k3=v3= ", [], ["k1": "v1", "k2": "=v2", "k3": "v3="]),
        ("a=b c=d'='", [], ["a": "b", "c": "d="]), ("a=b c=d", ["=", "aaaaaaaaaaaaaaaa"], ["a": "b c=d"]),
        ("a=b c=d", ["", ""], ["a": "b", "c": "d"]), ("a= b=1", [], ["a": "", "b": "1"]),
        ("a=1 a=2", [], ["a": "2"]),
    ]

    @Test(arguments: pairs)
    func `pairs are read`(_ text: String, _ delimiters: [Value], _ result: Value) throws {
        #expect(try Calls.converter("ParseKeyValue", [.text(text)] + delimiters).shown == result.shown)
    }

    @Test(arguments: [
        ("", [] as [Value]), ("name=ottl!hello_world", ["=", "!"]), (#"k1=v1 k2='v2""#, []),
        ("a=b c=d", ["============="]),
    ])
    func `what is no pairs is an error`(_ text: String, _ delimiters: [Value]) {
        #expect(throws: EvaluationError.self) {
            try Calls.converter("ParseKeyValue", [.text(text)] + delimiters)
        }
    }

    private static let rows: [(String, String, [Value?], Value)] = [
        ("val1,val2,val3", "col1,col2,col3", [], ["col1": "val1", "col2": "val2", "col3": "val3"]),
        ("val1\nnewline,val2,val3", "a,b,c", [], ["a": "val1\nnewline", "b": "val2", "c": "val3"]),
        ("\nval1,val2\n", "a,b", [], ["a": "val1", "b": "val2"]),
        ("val1\n,val2", "a,b", [], ["a": "val1\n", "b": "val2"]),
        ("v1\tv2", "a b", ["\t", " "], ["a": "v1", "b": "v2"]),
        (#""a,""b""",c"#, "x,y", [], ["x": "a,\"b\"", "y": "c"]),
        (#"val1,val2,v"al3"#, "a,b,c", [nil, nil, "lazyQuotes"], ["a": "val1", "b": "val2", "c": "v\"al3"]),
        (
            #"val1,"val2,"val3,val4""#, "a,b,c,d", [nil, nil, "ignoreQuotes"],
            ["a": "val1", "b": "\"val2", "c": "\"val3", "d": "val4\""]
        ), (",", "a,b", [], ["a": "", "b": ""]),
        (
            #""555,Joe",x"#, "phone,name,email", [nil, nil, "ignoreQuotes"],
            ["phone": "\"555", "name": "Joe\"", "email": "x"]
        ),
    ]

    @Test(arguments: rows)
    func `CSV is read`(_ row: String, _ header: String, _ options: [Value?], _ result: Value) throws {
        #expect(try Calls.converter("ParseCSV", [.text(row), .text(header)] + options).shown == result.shown)
    }

    @Test(
        arguments: [
            ("val1,val2,val3", "a,b", nil, "3 fields, the header 2"), ("val1", "", nil, "header is empty"),
            ("", "a", nil, "row is empty"), (#"a,v"b"#, "a,b", nil, "quote inside"),
            (#""a"b,c"#, "a,b", nil, "quote inside"), (#""a"#, "a", nil, "not closed"),
            (#"val1,"val2,"val3,val4""#, "a,b,c,d", "lazyQuotes", "2 fields, the header 4"),
        ] as [(String, String, String?, String)])
    func `what is no such row is an error`(
        _ row: String, _ header: String, _ mode: String?, _ message: String
    ) {
        let error = #expect(throws: EvaluationError.self) {
            try Calls.converter("ParseCSV", [.text(row), .text(header), nil, nil, mode.map { .text($0) }])
        }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    private static let mapping: Value = [
        "error": [["range": ["min": 400, "max": 499]]], "debug": [["range": ["min": 100, "max": 199]]],
        "info": [["equals": ["inf", "info"]], ["range": "2xx"]], "warn": [["min": 300, "max": 399]],
        "fatal": [["range": "5xx"]],
    ]

    @Test(
        arguments: [
            (400, "error"), (100, "debug"), ("inf", "info"), (200, "info"), (299, "info"), (350, "warn"),
            (599, "fatal"),
        ] as [(Value, String)])
    func `levels are found in a mapping`(_ value: Value, _ level: String) throws {
        for isConstant in [true, false] {
            #expect(
                try Calls.converter("ParseSeverity", [value, Self.mapping], isConstant: isConstant).shown
                    == Value.text(level).shown)
        }
    }

    @Test(
        arguments: [
            (42, mapping, "no level"), ("foo", ["info": ["info"]], "has to be a map"),
            (400, ["error": "invalid"], "have to be a list"), (["a": 1], mapping, "expected int or string"),
            (400, ["error": [["range": ["min": "foo", "max": 1]]]], "int 'min'"),
            (400, ["error": [["range": ["min": 1]]]], "int 'max'"), (1, ["a": [["range": "1xx"]]], "not 2xx"),
            (1, ["a": [["range": ["min": 2, "max": 1]]]], "down to"),
            (1, ["a": [["foo": 1]]], "criterion 'foo'"),
        ] as [(Value, Value, String)])
    func `a mapping that is wrong, or lacks the value, is an error`(
        _ value: Value, _ mapping: Value, _ message: String
    ) {
        let error = #expect(throws: EvaluationError.self) {
            try Calls.converter("ParseSeverity", [value, mapping], isConstant: false)
        }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    private static let urls: [(String, Value)] = [
        (
            "http://www.example.com",
            [
                "url.original": "http://www.example.com", "url.scheme": "http",
                "url.domain": "www.example.com", "url.path": "",
            ]
        ),
        (
            "http://myusername:mypassword@www.example.com:80/foo.gif?key1=val1&key2=val2#fragment",
            [
                "url.original":
                    "http://myusername:mypassword@www.example.com:80/foo.gif?key1=val1&key2=val2#fragment",
                "url.scheme": "http",
                "url.domain": "www.example.com", "url.path": "/foo.gif", "url.port": 80,
                "url.query": "key1=val1&key2=val2", "url.fragment": "fragment",
                "url.extension": "gif", "url.user_info": "myusername:mypassword",
                "url.username": "myusername", "url.password": "mypassword",
            ]
        ),
        (
            "https://user:@www.example.com:77/foo",
            [
                "url.original": "https://user:@www.example.com:77/foo", "url.scheme": "https",
                "url.domain": "www.example.com", "url.path": "/foo", "url.port": 77,
                "url.user_info": "user:", "url.username": "user", "url.password": "",
            ]
        ),
        (
            "telnet://192.0.2.16:80/",
            [
                "url.original": "telnet://192.0.2.16:80/", "url.scheme": "telnet", "url.domain": "192.0.2.16",
                "url.path": "/", "url.port": 80,
            ]
        ),
        (
            "ftp://[2001:db8::1]/a%20b",
            [
                "url.original": "ftp://[2001:db8::1]/a%20b", "url.scheme": "ftp", "url.domain": "2001:db8::1",
                "url.path": "/a b",
            ]
        ),
        (
            "/just/a.path",
            [
                "url.original": "/just/a.path", "url.scheme": "", "url.domain": "",
                "url.path": "/just/a.path", "url.extension": "path",
            ]
        ),
    ]

    @Test(arguments: urls)
    func `URLs are taken apart`(_ url: String, _ parts: Value) throws {
        #expect(try Calls.converter("URL", [.text(url)]).shown == parts.shown)
    }

    @Test(arguments: [
        "http://a:port/", "http://[::1", "http://a/%zz", "http://a\n", "://a", "http://a:99999",
    ])
    func `what is no URL is an error`(_ url: String) {
        #expect(throws: EvaluationError.self) { try Calls.converter("URL", [.text(url)]) }
    }

    private static let flows: [(String, Int64, String, Int64, String, Int64, String)] = [
        ("1.2.3.4", 12345, "5.6.7.8", 80, "TCP", 0, "1:0by3b/tE95hcOzccyt6d4kjgbZc="),
        ("5.6.7.8", 80, "1.2.3.4", 12345, "TCP", 0, "1:0by3b/tE95hcOzccyt6d4kjgbZc="),
        ("192.168.1.1", 53, "10.10.10.10", 53000, "UDP", 0, "1:gQ05/45srnixHs8V/2ejpkxhBwg="),
        ("10.10.10.10", 53000, "192.168.1.1", 53, "ICMP", 0, "1:9TGPWejPFuBlKrHuVcM3iaA8hf8="),
        ("192.168.1.1", 53, "10.10.10.10", 53000, "ICMP6", 0, "1:bchQ2SAoVf2Iq1XdGBXObLJ2i64="),
        ("192.168.1.1", 53, "10.10.10.10", 53000, "SCTP", 0, "1:zo1kfEyhghMaeU7tQDCE2G+ITQc="),
        ("2001:db8::1", 8080, "2001:db8::2", 443, "TCP", 0, "1:c5m26SNBLmvfaBQJNWKXZwUGGcM="),
        ("192.168.1.1", 12345, "192.168.1.2", 80, "TCP", 1234, "1:v1n8p4IZW9jXIJnFANLbRU2ahdU="),
        ("127.0.0.1", 8080, "127.0.0.1", 8080, "TCP", 0, "1:sG2vk7rcZ12ZxPg+nnwljgdVEGw="),
        ("2001:db8::1", 8080, "10.1.1.1", 443, "TCP", 0, "1:T1e3va6jTSWaSKkG3k4dnZq5VM8="),
        ("10.1.1.2", 8081, "10.1.1.2", 8080, "TCP", 0, "1:3byUvmBpOu8KHoTRr4eN5AjTQEU="),
    ]

    @Test(arguments: flows)
    func `flows have the ids that others compute`(
        _ source: String, _ sourcePort: Int64, _ destination: String, _ port: Int64, _ name: String,
        _ seed: Int64, _ id: String
    ) throws {
        let arguments: [Value] = [
            .text(source), .int(sourcePort), .text(destination), .int(port), .text(name), .int(seed),
        ]
        #expect(try Calls.converter("CommunityID", arguments).shown == Value.text(id).shown)
    }

    @Test(
        arguments: [
            (["x", 1, "1.2.3.4", 2], "source 'x' is no IP"),
            (["1.2.3.4", 70000, "1.2.3.4", 2], "source port 70000"),
            (["1.2.3.4", 1, "1.2.3.4", -1], "destination port -1"),
            (["1.2.3.4", 1, "1.2.3.4", 2, "X"], "protocol 'X'"),
            (["1.2.3.4", 1, "1.2.3.4", 2, "TCP", 99999], "seed 99999"),
        ] as [([Value], String)])
    func `a flow that is none is an error`(_ arguments: [Value], _ message: String) {
        let error = #expect(throws: EvaluationError.self) { try Calls.converter("CommunityID", arguments) }
        #expect(error?.description.contains(message) == true)
    }

    @Test(
        arguments: [
            ("192.168.1.1", ["192.168.0.0/16"], true), ("10.1.1.1", ["192.168.0.0/16", "10.0.0.0/8"], true),
            ("11.1.1.1", ["10.0.0.0/8"], false), ("10.0.0.129", ["10.0.0.128/25"], true),
            ("10.0.0.127", ["10.0.0.128/25"], false), ("2001:db8::1", ["2001:db8::/32"], true),
            ("10.0.0.1", ["::/0"], false), ("::ffff:10.0.0.1", ["10.0.0.0/8"], true),
            ("1.2.3.4", ["0.0.0.0/0"], true),
        ] as [(String, Value, Bool)])
    func `addresses are found in networks`(_ address: String, _ networks: Value, _ result: Bool) throws {
        #expect(try Calls.converter("IsInCIDR", [.text(address), networks]).shown == "\(result)")
    }

    @Test func `what is no address is an error`() {
        #expect(throws: EvaluationError.self) { try Calls.converter("IsInCIDR", ["10.0.0", ["10.0.0.0/8"]]) }
    }
}
