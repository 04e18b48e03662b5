import OTTL
import Telemetry
import Testing
import Wire

/// Functions that only spans and only log records have, by their documentation in otelcol-contrib.
@Suite struct RecordFunctionTests {
    private func value(_ call: String) throws -> Value {
        let expression = try ValueExpression(parsing: call, context: .log, functions: .transform(in: .log))
        var batch = try OTLPJSON.read(
            Bytes(utf8: #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityNumber":1}]}]}]}"#),
            as: .logs)
        var result: Result<Value, EvaluationError>?
        batch.rewrite(.record) { draft in
            let frame = Frame(draft, Surroundings(now: { 0 }))
            result = Result { () throws(EvaluationError) in try expression.value(frame) }
        }
        return try #require(result).get()
    }

    @Test(arguments: [
        (
            #"ParseCEF("CEF:0|Security|threatmanager|1.0|100|worm successfully "#
                + #"stopped|10|src=10.0.0.1 dst=2.1.2.2 spt=1232")"#,
            #"{"cef.device_event_class_id":"100","cef.device_product":"threatmanager","#
                + #""cef.device_vendor":"Security","cef.device_version":"1.0","#
                + #""cef.extensions":{"dst":"2.1.2.2","spt":"1232","src":"10.0.0.1"},"#
                + #""cef.name":"worm successfully stopped","cef.severity":"10","cef.version":"0"}"#
        ),
        (
            #"ParseCEF("<13>host CEF:1|a\\|b|p\\\\q|1|2|n|3|msg=a b\\=c\\nd empty= "#
                + #"cs1=x")["cef.extensions"]"#,
            #"{"cs1":"x","empty":"","msg":"a b=c\nd"}"#
        ),
        (#"ParseCEF("CEF:1|a\\|b|p|1|2|n|3")["cef.device_vendor"]"#, #""a|b""#),
        (
            #"ParseLEEF("LEEF:1.0|Microsoft|MSExchange|4.0 SP1|15345|src=10.50.1.1\tdst=2.10.20.20\tsev=5")"#,
            #"{"leef.attributes":{"dst":"2.10.20.20","sev":"5","src":"10.50.1.1"},"#
                + #""leef.event.id":"15345","leef.product.name":"MSExchange","#
                + #""leef.product.version":"4.0 SP1","leef.vendor":"Microsoft","leef.version":"1.0"}"#
        ),
        (
            #"ParseLEEF("LEEF:2.0|Lancope|StealthWatch|1.0|41|^|src=10.0.1.8^dst=10.0.0.5^sev=5"#
                + #"")["leef.attributes"]"#,
            #"{"dst":"10.0.0.5","sev":"5","src":"10.0.1.8"}"#
        ),
        (
            #"ParseLEEF("LEEF:2.0|L|S|1.0|41|0x09|a=1\tb=2\tno\t=x\ta=3")["leef.attributes"]"#,
            #"{"a":"3","b":"2"}"#
        ),
        (#"ParseLEEF("LEEF:2.0|L|S|1.0|41|a=1|2\tb=2")["leef.attributes"]"#, #"{"a":"1|2","b":"2"}"#),
        (
            #"ParseCLF("127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] \"GET /apache_pb.gif "#
                + #"HTTP/1.0\" 200 2326")"#,
            #"{"clf.auth_user":"frank","clf.bytes":2326,"clf.method":"GET","#
                + #""clf.protocol":"HTTP/1.0","clf.remote_host":"127.0.0.1","clf.request":"GET "#
                + #"/apache_pb.gif HTTP/1.0","clf.request_uri":"/apache_pb.gif","clf.rfc931":"-","#
                + #""clf.status":200,"clf.timestamp":"10/Oct/2000:13:55:36 -0700"}"#
        ),
        (
            #"ParseCLF("h - - [t] \"\\x16\\\"q\" 304 - \"http://r\" \"UA \\q\"", "combined")"#,
            #"{"clf.auth_user":"-","clf.referer":"http://r","clf.remote_host":"h","#
                + #""clf.request":"\u0016\"q","clf.rfc931":"-","clf.status":304,"clf.timestamp":"t","#
                + #""clf.user_agent":"UA \\q"}"#
        ),
        (
            #"ParseCLF("h - - [t] \"a\\x+fb\\x-0c\\x2Bd\" 304 -")["clf.request"]"#,
            ##""a\x+fb\x-0c+d""##
        ),
        (
            ##"ParseELF("#Version: 1.0\n#Fields: time cs-method cs-uri\n00:34:23 GET /foo/bar.html")"##,
            #"{"elf.entries":[{"cs-method":"GET","cs-uri":"/foo/bar.html","time":"00:34:23"}],"#
                + #""elf.fields":["time","cs-method","cs-uri"],"elf.version":"1.0"}"#
        ),
        (
            ##"ParseELF("#Version: 1.0\r\n#Software: IIS\r\n#Remark\r\n#Fields: a b\r\n\"x "##
                + ##"\"\"y\"\"\"\r\n#Fields: c\r\n1 2")"##,
            #"{"elf.entries":[{"a":"x \"y\"","b":"-"},{"c":"1"}],"elf.fields":["c"],"#
                + #""elf.software":"IIS","elf.version":"1.0"}"#
        ),
    ])
    func `formats of logs become maps`(_ call: String, _ json: String) throws {
        #expect(Sample.shown(try value(call)) == json)
    }

    @Test(arguments: [
        #"ParseCEF("")"#, #"ParseCEF("CEF:0|a|b")"#, #"ParseCEF("CEF:|a|b|c|d|e|f")"#, #"ParseCEF("x")"#,
        #"ParseLEEF("")"#, #"ParseLEEF("LEEF:3.0|a|b|c|d")"#, #"ParseLEEF("LEEF:1.0|a|b")"#,
        #"ParseLEEF("LEEF:2.0|a|b|c|d|ab|x=1")"#, #"ParseLEEF("LEEF:2.0|a|b|c|d|0x+f|x=1")"#,
        #"ParseLEEF("LEEF:2.0|a|b|c|d|0x-0|x=1")"#, #"ParseLEEF("LEEF:2.0|a|b|c|d|0x-1|x=1")"#,
        #"ParseLEEF("LEEF:2.0|a|b|c|d|0x009|x=1")"#, #"ParseCLF("")"#, #"ParseCLF("a b c")"#,
        #"ParseCLF("h - - [t] \"r\" two 1")"#, #"ParseCLF("h - - [t] \"r\" -2 1")"#,
        #"ParseCLF("h - - [t] \"r\" 200 +1")"#, #"ParseELF("")"#, ##"ParseELF("#Fields: a\n1")"##,
        ##"ParseELF("#Version: 1\n1")"##, ##"ParseELF("#Version: 1\n#Fields a\n1")"##,
        ##"ParseELF("#Version: 1\n#Fields: a\n\"1")"##,
    ])
    func `what is not in the format is an error`(_ call: String) {
        #expect(throws: (any Error).self) { _ = try value(call) }
    }

    @Test(arguments: [
        (2, ["http.request.method": "GET", "http.route": "/users/{id}"], "GET /users/{id}"),
        (2, ["http.method": "GET", "url.path": "/users/1"], "GET"),
        (2, ["rpc.system.name": "grpc", "rpc.service": "s", "rpc.method": "m"], "s/m"),
        (2, ["rpc.system": "grpc", "rpc.service": "s"], "s/*"), (2, ["rpc.system": "grpc"], "grpc"),
        (3, ["http.request.method": "GET", "url.template": "/u/{id}"], "GET /u/{id}"),
        (
            3, ["db.system": "pg", "db.operation": "SELECT", "db.name": "d", "db.collection.name": "t"],
            "SELECT d.t"
        ),
        (3, ["db.system.name": "pg", "db.query.summary": "SELECT t"], "SELECT t"),
        (3, ["db.system.name": "pg", "server.address": "h", "server.port": "5"], "h:5"),
        (3, ["db.system.name": "pg"], "pg"),
        (
            4,
            ["messaging.system": "kafka", "messaging.operation.name": "send", "messaging.destination": "q"],
            "send q"
        ),
        (5, ["messaging.system": "kafka"], "kafka"), (1, ["http.request.method": "GET"], "before"),
        (2, [:], "before"), (5, ["http.request.method": "GET"], "before"),
    ])
    func `spans are named by the semantic conventions`(
        _ kind: Int, _ attributes: [String: String], _ name: String
    ) throws {
        let pairs = attributes.map { #"{"key":"\#($0)","value":{"stringValue":"\#($1)"}}"# }
        let json =
            #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"before","kind":\#(kind),"#
            + #""attributes":[\#(pairs.joined(separator: ","))]}]}]}]}"#
        var batch = try OTLPJSON.read(Bytes(utf8: json), as: .traces)
        let statement = try Statement(
            parsing: #"set_semconv_span_name("1.43.0", "original")"#, context: .span,
            functions: .transform(in: .span))
        batch.rewrite(.record) { draft in _ = try? statement.run(Frame(draft, Surroundings(now: { 0 }))) }
        let span = try #require(batch.resourceSpans.flatMap { $0.scopes }.flatMap { $0.records }.first)
        #expect(span.name == name)
        #expect(span.attributes["original"]?.string == (name == "before" ? nil : "before"))
    }

    @Test(arguments: ["1.36.0", "1.44.0", "1.43", "new", "1.43.x"])
    func `only known versions of the conventions are taken`(_ version: String) {
        #expect(throws: OTTLError.self) {
            _ = try Statement(
                parsing: "set_semconv_span_name(\"\(version)\")", context: .span,
                functions: .transform(in: .span))
        }
    }
}
