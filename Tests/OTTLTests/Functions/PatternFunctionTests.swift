import Testing
import Wire

@testable import OTTL

@Suite struct PatternFunctionTests {
    private static let table: [(String, [Value], Value)] = [
        ("IsMatch", ["string", ".*ring"], true), ("IsMatch", ["string", "^ring"], false),
        ("IsMatch", [42, "^4"], true), ("IsMatch", [1.5, "^1\\.5$"], true),
        ("IsMatch", [true, "true"], true), ("IsMatch", [.null, ".*"], false),
        ("IsMatch", [["k": [1]], #""k":\[1\]"#], true), ("IsMatch", [hex("0a"), "^0a$"], true),
        ("ExtractPatterns", ["a=1 b=2", #"a=(?P<a>\d) b=(?P<b>\d)"#], ["a": "1", "b": "2"]),
        ("ExtractPatterns", ["x", "(?P<a>y)"], [:]),
        ("ExtractPatterns", ["GIT_SHA=c0ffee", #"GIT_SHA=(?P<git.sha>\w+)"#], ["git.sha": "c0ffee"]),
        ("ExtractPatterns", ["b", "(?P<a>a)?(?P<b>b)"], ["a": "", "b": "b"]),
        (
            "ExtractGrokPatterns",
            [
                "55.3.244.1 GET /index.html 15824 0.043",
                .text(
                    "%{IP:client} %{WORD:method} %{URIPATHPARAM:request} %{NUMBER:bytes:int} "
                        + "%{NUMBER:duration:float}"),
                true,
            ],
            [
                "client": "55.3.244.1", "method": "GET", "request": "/index.html", "bytes": 15824,
                "duration": 0.043,
            ]
        ),
        ("ExtractGrokPatterns", ["hello 42", "%{WORD} %{INT:n:int}"], ["WORD": "hello", "n": 42]),
        (
            "ExtractGrokPatterns", ["on true", "%{WORD:w} %{BOOL:flag:boolean}", true],
            ["w": "on", "flag": true]
        ),
        (
            "ExtractGrokPatterns",
            [
                "smith:pass123:1001:1000:J Smith,1234,(234)567-8910,(234)567-1098,email:/users/smith:/bin/sh",
                "%{USERNAME:user.name}:%{PASSWORD:user.password}:%{USERINFO}", true,
                ["PASSWORD=%{WORD}", "USERINFO=%{GREEDYDATA}"],
            ], ["user.name": "smith", "user.password": "pass123"]
        ),
        ("ExtractGrokPatterns", ["GIT_SHA=c0ffee", #"GIT_SHA=(?P<git.sha>\w+)"#], ["git.sha": "c0ffee"]),
        ("ExtractGrokPatterns", ["x", "%{INT:n}"], [:]),
    ]

    @Test(arguments: table)
    func `patterns find what they describe`(_ name: String, _ arguments: [Value], _ result: Value) throws {
        #expect(try Calls.converter(name, arguments).shown == result.shown)
    }

    @Test func `a pattern out of telemetry is compiled when it is met`() throws {
        for _ in 0..<2 {
            #expect(try Calls.converter("IsMatch", ["abc", "b"], isConstant: false).shown == "true")
        }
        let error = #expect(throws: EvaluationError.self) {
            try Calls.converter("IsMatch", ["abc", "("], isConstant: false)
        }
        #expect(error?.description.contains("pattern is not valid") == true)
        #expect(throws: EvaluationError.self) {
            try Calls.converter("ExtractGrokPatterns", ["x", "%{WORD:n:int}", false])
        }
    }

    private static let agents: [(String, String, String, String, String?)] = [
        ("curl/7.81.0", "curl", "7.81.0", "Other", nil),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0", "Firefox", "126.0",
            "Linux", nil
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like "
                + "Gecko) Chrome/91.0.4472.124 Safari/537.36 Edg/91.0.864.59",
            "Edge", "91.0.864", "Windows", "10"
        ),
        (
            "Mozilla/5.0 (Linux; Android 4.1.1; SPH-L710 Build/JRO03L) AppleWebKit/535.19 "
                + "(KHTML, like Gecko) Chrome/18.0.1025.166 Mobile Safari/535.19",
            "Chrome Mobile", "18.0.1025", "Android", "4.1.1"
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
                + "Chrome/51.0.2704.103 Safari/537.36",
            "Chrome", "51.0.2704", "Linux", nil
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 13_5_1 like Mac OS X) AppleWebKit/605.1.15 "
                + "(KHTML, like Gecko) Version/13.1.1 Mobile/15E148 Safari/604.1",
            "Mobile Safari", "13.1.1", "iOS", "13.5.1"
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
                + "Chrome/51.0.2704.106 Safari/537.36 OPR/38.0.2220.41",
            "Opera", "38.0.2220", "Linux", nil
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, "
                + "like Gecko) Version/17.1 Safari/605.1.15",
            "Safari", "17.1", "Mac OS X", "10.15.7"
        ),
        ("foobar/1.2.3 (foo; bar baz)", "Other", "", "Other", nil),
        ("OpenTelemetry Collector Contrib/0.106.1 (linux/amd64)", "Other", "", "Linux", nil),
        (
            "ibm-cos-sdk-java/2.3.0 Linux/4.9.0-8-amd64 Java_HotSpot(TM)_64-Bit_Server_VM/9.0.4+11/9.0.4'",
            "ibm-cos-sdk-java", "2.3.0", "Linux", "4.9.0"
        ),
        (
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot", "2.1",
            "Other", nil
        ), ("Go-http-client/2.0", "Go-http-client", "2.0", "Other", nil), ("", "Other", "", "Other", nil),
    ]

    @Test(arguments: agents)
    func `user agents are told apart`(
        _ text: String, _ name: String, _ version: String, _ system: String, _ release: String?
    ) throws {
        let map = try #require(try Calls.converter("UserAgent", [.text(text)]).entries)
        #expect(map["user_agent.name"]?.shown == Value.text(name).shown)
        #expect(map["user_agent.version"]?.shown == Value.text(version).shown)
        #expect(map["user_agent.original"]?.shown == Value.text(text).shown)
        #expect(map["os.name"]?.shown == Value.text(system).shown)
        #expect(map["os.version"]?.shown == release.map { Value.text($0).shown })
        #expect(map.count == (release == nil ? 4 : 5))
    }

    @Test func `every rule for user agents compiles`() {
        #expect(UserAgentConverter.ruleCounts.known == UserAgentConverter.ruleCounts.written)
    }
}
