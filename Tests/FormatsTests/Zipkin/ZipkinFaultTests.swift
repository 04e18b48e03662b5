import Formats
import Telemetry
import Testing
import Wire

/// Bodies that are wrong: each is an error with a place, or OTLP, and never a crash.
@Suite struct ZipkinFaultTests {
    @Test(arguments: [
        ("", "expected an array of spans at byte 0"),
        ("{}", "expected an array of spans at byte 0"),
        ("[", "span 0: expected an object at byte 1"),
        ("[1]", "span 0: expected an object at byte 1"),
        ("[{}]", "span 0: traceId is missing, or all zeroes at byte 3"),
        (#"[{"traceId":"1"}]"#, "span 0: id is missing, or all zeroes at byte 16"),
        (#"[{"traceId":"x"}]"#, "span 0: traceId: expected hexadecimal digits at byte 12"),
        (#"[{"traceId":7}]"#, "span 0: traceId: expected a string at byte 12"),
        (#"[{"id":"00f067aa0ba902b70"}]"#, "span 0: id: expected at most 16 hexadecimal digits at byte 7"),
        (#"[{"timestamp":"1"}]"#, "span 0: timestamp: expected a number at byte 14"),
        (#"[{"timestamp":1e40}]"#, "span 0: timestamp: expected a number of microseconds at byte 14"),
        (
            #"[{"localEndpoint":{"port":65536}}]"#,
            "span 0: localEndpoint: port: expected a number from 0 to 65535 at byte 26"
        ),
        (#"[{"tags":{"a":[]}}]"#, "span 0: tags: expected a string at byte 14"),
        (#"[{"tags":["a"]}]"#, "span 0: tags: expected an object at byte 9"),
        (
            #"[{"annotations":[{"timestamp":8e18}]}]"#,
            "span 0: annotations: the timestamp goes beyond the year 2554 at byte 35"
        ),
        ("[{\"name\":\"\u{1}\"}]", "span 0: name: control character inside a string at byte 10"),
        (#"[{"name":"\ud800"}]"#, "span 0: name: lone surrogate at byte 10"),
        (#"[{"name":"a" "id"}]"#, "span 0: expected , or } inside an object at byte 13"),
        (#"[{"name" "a"}]"#, "span 0: expected : after a key at byte 9"),
    ])
    func `mistakes in JSON are told with their place`(text: String, description: String) throws {
        let error = #expect(throws: InvalidTelemetry.self) { try decode(text) }
        #expect(try #require(error).description == description)
    }

    @Test func `text that is not UTF-8 is refused`() throws {
        let body = Bytes(Array("[{\"name\":\"".utf8) + [0xFF] + Array("\"}]".utf8))
        let error = #expect(throws: InvalidTelemetry.self) { try decode(body, as: .json) }
        #expect(try #require(error).description == "span 0: name: string is not UTF-8 at byte 10")
    }

    @Test func `a list with something behind it, or with a value that is nested too deeply, is refused`() {
        #expect(throws: InvalidTelemetry.self) { try decode("[] []") }
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: InvalidTelemetry.self) { try decode("[\(span("\"x\":\(deep)"))]") }
        #expect(throws: InvalidTelemetry.self) { try decode(deep) }
    }

    @Test(arguments: ZipkinForm.allCases)
    func `whatever is changed in a body, it is an error or OTLP`(form: ZipkinForm) throws {
        let seed = try Self.seed(form)
        #expect(try decode(seed, as: form).itemCount == 2)
        var random = Lottery(state: 0x5EED)
        var (read, refused) = (0, 0)
        for _ in 0..<4000 {
            var bytes = seed.array
            for _ in 0..<Int.random(in: 1...4, using: &random) { Self.mutate(&bytes, &random) }
            do {
                _ = try decode(Bytes(bytes), as: form, parsesStringTags: true)
                read += 1
            } catch {
                refused += 1
                #expect((0...bytes.count).contains(error.offset))
            }
        }
        #expect(read > 100 && refused > 100, "too tame or too wild: \(read) read, \(refused) not")
    }

    @Test(arguments: ZipkinForm.allCases)
    func `a body that is cut off anywhere is an error`(form: ZipkinForm) throws {
        let seed = try Self.seed(form)
        var read = 0
        for length in 0..<seed.count where (try? decode(seed[0..<length], as: form)) != nil { read += 1 }
        // An empty list, or one span of two, is protobuf as well.
        #expect(read == (form == .protobuf ? 2 : 0))
    }

    @Test func `many tags and many annotations are read in a time that follows their number`() throws {
        let tags = (0..<50_000).map { "\"\($0)\":\"\"" }.joined(separator: ",")
        let notes = [String](repeating: "{\"timestamp\":1,\"value\":\"a|b\"}", count: 50_000)
        let links = "\"otlp.link.127\":\"\""
        let list = "\"annotations\":[\(notes.joined(separator: ","))]"
        let members = "\"timestamp\":1,\"tags\":{\(tags),\(links)},\(list)"
        let found = try decode("[\(span(members))]").onlySpan()
        #expect(found.attributes.count == 50_001)
        #expect(found.events.count == 50_000)
    }

    // MARK: - Seeds

    private static func seed(_ form: ZipkinForm) throws -> Bytes {
        let endpoint = #"{"serviceName":"svc","ipv4":"10.0.0.1","port":80}"#
        switch form {
        case .thrift: return ZipkinThriftTests.sample
        case .jsonV1:
            let members = """
                "timestamp":5,"annotations":[{"timestamp":1,"value":"sr","endpoint":\(endpoint)},
                {"timestamp":2,"value":"event"}],"binaryAnnotations":[{"key":"error","value":"x"},
                {"key":"sa","value":true,"endpoint":\(endpoint)},{"key":"k","value":"12"}]
                """
            return Bytes(utf8: "[\(span(members)),\(span())]")
        case .json, .protobuf:
            let members = """
                "kind":"SERVER","name":"n\\n","timestamp":5,"duration":7,"localEndpoint":\(endpoint),
                "remoteEndpoint":{"ipv6":"::1"},
                "annotations":[{"timestamp":1,"value":"e|{\\"k\\":[1.5,{}]}|0"}],"tags":{"k":"-1.5",
                "otlp.link.0":"4bf92f3577b34da6a3ce929d0e0e4736|00f067aa0ba902b7|a=b|{\\"k\\":1}|3",
                "otel.status_code":"Error","host.name":"h"}
                """
            let text = Bytes(utf8: "[\(span(members)),\(span())]")
            guard form == .protobuf else { return text }
            let batch = try decode(text, as: .json)
            return ZipkinEncoder(as: .protobuf, defaultServiceName: "x").encode(batch).body
        }
    }

    private static func mutate(_ bytes: inout [UInt8], _ random: inout Lottery) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &random)], at: place)
        case 3: bytes[place] = Array("0123456789{}[]\",:|ntf-.e\\".utf8).randomElement(using: &random) ?? 0
        default:
            let end = min(bytes.count, place + Int.random(in: 1...20, using: &random))
            bytes.insert(contentsOf: bytes[place..<end], at: place)
        }
    }
}

/// Numbers that are the same in every run (SplitMix64).
struct Lottery: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
