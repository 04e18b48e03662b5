import Telemetry
import Testing
import Wire

@Suite struct JSONPullReaderTests {
    @Test func `values are read one after another`() throws {
        let text = #" {"text":"a\u00e9","list":[1,-2.5,1e3,true,false,null],"empty":{},"none":[]} "#
        var reader = JSONPullReader(Bytes(utf8: "\u{FEFF}" + text))
        var seen: [String] = []
        #expect(reader.kind == .object)
        try reader.object { (reader, key) throws(InvalidTelemetry) in
            seen.append(key.string)
            switch key.string {
            case "text": seen.append(try reader.string().string)
            case "list":
                try reader.array { (reader) throws(InvalidTelemetry) in
                    switch reader.kind {
                    case .number:
                        let number = try reader.number()
                        seen.append(number.integer.map { "i\($0)" } ?? number.double.map { "d\($0)" } ?? "-")
                    case .bool: seen.append(try reader.bool() ? "yes" : "no")
                    default: seen.append(reader.takeNull() ? "null" : "?")
                    }
                }
            default: try reader.skip()
            }
        }
        try reader.finish()
        #expect(
            seen == ["text", "aé", "list", "i1", "d-2.5", "i1000", "yes", "no", "null", "empty", "none"])
    }

    @Test func `a string without escapes is a slice of the text, which keeps its place`() throws {
        var reader = JSONPullReader(Bytes(utf8: #""abc""#))
        let text = try reader.string()
        #expect(text.string == "abc")
        #expect(reader.position == 5)
    }

    @Test(arguments: [
        "", "{", "[", "[1", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "\"a", "\"\\x\"",
        "tru", "nul",
        "-", "01x", "1.", "1e", "+1", "\"\u{1}\"", "\"\\ud800\"", "[1}", "{\"a\":1]",
    ])
    func `what is not JSON is an error with a place`(text: String) throws {
        let bytes = Bytes(utf8: text)
        let error = #expect(throws: InvalidTelemetry.self) {
            var reader = JSONPullReader(bytes)
            try reader.skip()
            try reader.finish()
        }
        #expect((0...bytes.count).contains(try #require(error).offset))
    }

    @Test func `values may be nested as deeply as is said`() throws {
        func nested(_ levels: Int) -> Bytes {
            Bytes(utf8: String(repeating: "[", count: levels) + String(repeating: "]", count: levels))
        }
        var fits = JSONPullReader(nested(64))
        try fits.skip()
        #expect(throws: InvalidTelemetry.self) {
            var reader = JSONPullReader(nested(65))
            try reader.skip()
        }
        #expect(throws: InvalidTelemetry.self) {
            var reader = JSONPullReader(nested(3))
            try reader.skip(depth: 2)
        }
    }

    @Test func `numbers keep their digits`() throws {
        var reader = JSONPullReader(Bytes(utf8: "[9223372036854775807,9223372036854775808,1e400,0.10]"))
        var numbers: [JSONPullReader.Number] = []
        try reader.array { (reader) throws(InvalidTelemetry) in numbers.append(try reader.number()) }
        #expect(numbers.map { $0.integer } == [.max, nil, nil, nil])
        #expect(numbers.map { $0.double } == [nil, 9_223_372_036_854_775_808, nil, 0.1])
        #expect(
            numbers.map { $0.text.string } == ["9223372036854775807", "9223372036854775808", "1e400", "0.10"])
    }
}
