import Patterns
import Testing
import Wire

@Suite struct GrokTests {
    @Test(arguments: GrokPatterns.names)
    func `every pattern compiles on its own`(_ name: String) throws {
        #expect(try GrokExpression("%{\(name):x}", namedOnly: true, definitions: [:]).hasCaptures)
        _ = try GrokExpression("^(?:%{\(name)})$", namedOnly: false, definitions: [:])
    }

    /// Pattern, text, whether all of the text matches.
    private static let table: [(String, String, Bool)] = [
        ("WORD", "test_data", true), ("WORD", "two words", false), ("INT", "-456", true),
        ("NUMBER", "123.45", true), ("NUMBER", ".5", true), ("NUMBER", "abc", false),
        ("BASE16NUM", "0x1A2B", true),
        ("POSINT", "0", false), ("NONNEGINT", "0", true), ("QUOTEDSTRING", #""a \" b""#, true),
        ("QUOTEDSTRING", "'it'", true), ("QUOTEDSTRING", "\"a", false),
        ("UUID", "123e4567-e89b-12d3-a456-426614174000", true),
        ("URN", "urn:isbn:0451450523", true), ("IPV4", "255.1.02.3", true), ("IPV4", "256.1.1.1", false),
        ("IPV6", "2001:db8::8a2e:370:7334", true), ("IPV6", "::1", true), ("IPV6", "::", true),
        ("IPV6", "fe80::", true),
        ("IPV6", "1:2:3:4:5:6:7:8", true), ("IPV6", "::ffff:10.0.0.1", true),
        ("IPV6", "64:ff9b::10.0.0.1", true), ("IPV6", "1:2:3:4:5:6:1.2.3.4", true), ("IPV6", "1:2:3", false),
        ("IPV6", "1::2::3", false), ("HOSTNAME", "www.example-1.com", true),
        ("EMAILADDRESS", "joe.smith@example.com", true), ("MAC", "01-23-45-67-89-ab", true),
        ("MAC", "0123.4567.89ab", true), ("MAC", "01:23:45:67:89:AB", true),
        ("UNIXPATH", "/var/log/x.log", true), ("WINPATH", #"C:\a\b.txt"#, true),
        ("URI", "https://user:pw@example.com:8080/a/b?c=d", true), ("MONTH", "September", true),
        ("MONTH", "Smarch", false), ("DAY", "Tue", true), ("TIME", "23:59:60", true),
        ("TIME", "24:00", false),
        ("TIMESTAMP_ISO8601", "2024-05-06T07:08:09.123+02:00", true),
        ("TIMESTAMP_ISO8601", "2024-05-06 07:08", true), ("HTTPDATE", "10/Oct/2000:13:55:36 -0700", true),
        ("SYSLOGTIMESTAMP", "Jan  2 03:04:05", true),
        ("DATESTAMP_RFC2822", "Mon, 25 Dec 1995 13:30:00 +0430", true), ("LOGLEVEL", "WARN", true),
        ("LOGLEVEL", "warning", true), ("LOGLEVEL", "loud", false),
        ("DATESTAMP", "05/06/2024 07:08:09", true),
    ]

    @Test(arguments: table)
    func `patterns match what their names say`(_ name: String, _ text: String, _ matches: Bool) throws {
        let expression = try GrokExpression("^%{\(name):x}$", namedOnly: true, definitions: [:])
        #expect(
            expression.captures(in: Bytes(utf8: text)).first?.range == (matches ? 0..<text.utf8.count : nil))
    }

    @Test func `lines of logs are taken apart`() throws {
        let access =
            #"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" "#
            + #"200 2326 "http://ref/" "Mozilla/4.08""#
        #expect(
            try Self.parts("%{COMBINEDAPACHELOG}", access) == [
                "source.address=127.0.0.1", "user.name=frank", "timestamp=10/Oct/2000:13:55:36 -0700",
                "http.request.method=GET", "url.original=/apache_pb.gif", "http.version=1.0",
                "http.response.status_code=200", "http.response.body.bytes=2326",
                "http.request.referrer=http://ref/", "user_agent.original=Mozilla/4.08",
            ])
        #expect(
            try Self.parts("%{SYSLOGLINE}", "Mar  1 05:06:07 web1 sshd[42]: bye") == [
                "timestamp=Mar  1 05:06:07", "host.hostname=web1", "message=bye",
            ])
        #expect(
            try Self.parts("%{SYSLOG5424LINE}", "<34>1 2003-10-11T22:14:15.003Z host su 77 ID47 - failed")
                == [
                    "log.syslog.priority=34", "system.syslog.version=1", "timestamp=2003-10-11T22:14:15.003Z",
                    "host.hostname=host", "process.name=su", "process.pid=77", "event.code=ID47",
                    "message=failed",
                ])
    }

    private static func parts(_ pattern: String, _ text: String) throws -> [String] {
        let bytes = Bytes(utf8: text)
        return try GrokExpression(pattern, namedOnly: true, definitions: [:]).captures(in: bytes)
            .map { "\($0.name)=\(bytes[$0.range].string)" }
    }

    @Test(arguments: [
        ("%{NOPE}", "no grok pattern 'NOPE'"), ("%{WORD:a:date}", "no grok type 'date'"), ("%{A}", "20 deep"),
        ("(", "')' is missing"),
    ])
    func `a wrong expression is refused`(_ pattern: String, _ message: String) {
        let error = #expect(throws: PatternError.self) {
            try GrokExpression(pattern, namedOnly: false, definitions: ["A": "%{B}", "B": "%{A}"])
        }
        #expect(error?.message.contains(message) == true)
    }

    @Test func `expressions that grow are bounded, and what is no reference stands for itself`() throws {
        let definitions = Dictionary(
            uniqueKeysWithValues: (0..<15).map { ("A\($0)", "%{A\($0 + 1)}%{A\($0 + 1)}%{A\($0 + 1)}") } + [
                ("A15", "x")
            ])
        #expect(throws: PatternError.self) {
            try GrokExpression("%{A0}", namedOnly: false, definitions: definitions)
        }
        let plain = try GrokExpression(#"%\{(?P<a>\w+)}"#, namedOnly: true, definitions: [:])
        #expect(plain.captures(in: Bytes(utf8: "%{abc}")).first?.range == 2..<5)
    }
}
