import Telemetry
import Testing
import Wire

/// What the reader takes and what it makes of it, by the wording of the OTLP specification and of proto3.
@Suite struct JSONReadingTests {
    /// Reads `json` and writes it again: the form that all spellings of the same telemetry share.
    private func normalised(_ json: String, as signal: Signal = .traces) throws -> String {
        OTLPJSON.write(try OTLPJSON.read(Bytes(utf8: json), as: signal)).string
    }

    /// One span with the given members.
    private func span(_ members: String) -> String {
        #"{"resourceSpans":[{"scopeSpans":[{"spans":[{\#(members)}]}]}]}"#
    }

    /// One span with one attribute of the given value.
    private func attribute(_ value: String) -> String {
        span(#""attributes":[{"key":"k","value":\#(value)}]"#)
    }

    @Test(arguments: [
        "{}", " \t\r\n{ } ", "\u{FEFF}{}", #"{"resourceSpans":null}"#, #"{"resourceSpans":[]}"#,
    ])
    func `an object without telemetry is an empty batch`(_ json: String) throws {
        let batch = try OTLPJSON.read(Bytes(utf8: json), as: .traces)
        #expect(batch.itemCount == 0 && batch.byteCount == 0)
        #expect(OTLPJSON.write(batch).string == "{}")
    }

    @Test func `identifiers are hexadecimal of either case and written in lower case`() throws {
        let mixed = span(#""traceId":"5B8EFFF798038103D269B633813FC60c","spanId":"eee19b7ec3c1b174""#)
        let lower = span(#""traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174""#)
        #expect(try normalised(mixed) == lower)
        #expect(try normalised(span(#""traceId":"","parentSpanId":"""#)) == span(""))
    }

    @Test(arguments: [
        (#""7""#, "7"), ("7", "7"), ("7.0", "7"), ("0.7e1", "7"), ("700e-2", "7"), ("7E+0", "7"), ("-0", "0"),
        (#""-9223372036854775808""#, "-9223372036854775808"), ("9223372036854775807", "9223372036854775807"),
        ("-9.223372036854775808e18", "-9223372036854775808"), ("0e99999999999999999999", "0"),
        ("1000000000000000000.000000000000000000000", "1000000000000000000"),
    ])
    func `whole numbers of 64 bits come as strings or numbers`(_ text: String, _ value: String) throws {
        #expect(
            try normalised(attribute(#"{"intValue":\#(text)}"#)) == attribute(#"{"intValue":"\#(value)"}"#))
    }

    @Test(arguments: ["18446744073709551615", #""18446744073709551615""#, "1.8446744073709551615e19"])
    func `times use all 64 bits`(_ text: String) throws {
        let expected = span(#""startTimeUnixNano":"18446744073709551615""#)
        #expect(try normalised(span(#""startTimeUnixNano":\#(text)"#)) == expected)
    }

    @Test(arguments: [
        ("1.5", "1.5"), (#""1.5""#, "1.5"), ("-0", "-0.0"), ("0", "0"), ("1e2", "100"),
        (#""NaN""#, #""NaN""#),
        (#""Infinity""#, #""Infinity""#), (#""-Infinity""#, #""-Infinity""#), ("1e22", "1e+22"),
        ("0.1", "0.1"), ("0.30000000000000004", "0.30000000000000004"), ("5e-324", "5e-324"),
        ("2.2250738585072011e-308", "2.225073858507201e-308"), ("123456.789012", "123456.789012"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"), ("1e-7", "1e-07"),
        ("9007199254740993", "9007199254740992.0"),
        ("100000000000000000000000000000", "1e+29"), ("-12.000001", "-12.000001"), ("0.000001", "0.000001"),
        ("3.141592653589793238462643383279502884197169399375105820974944", "3.141592653589793"),
    ])
    func `doubles come as numbers or strings and leave in their shortest form`(
        _ text: String, _ expected: String
    ) throws {
        let json = attribute(#"{"doubleValue":\#(text)}"#)
        #expect(try normalised(json) == attribute(#"{"doubleValue":\#(expected)}"#))
    }

    @Test(arguments: [
        ("AAEC/v8=", "AAEC/v8="), ("AAEC_v8", "AAEC/v8="), (#"AAEC\/v8="#, "AAEC/v8="), ("", ""),
        ("_-8=", "/+8="),
        ("AA==", "AA=="), ("AA", "AA=="), ("AAA", "AAA="), ("AAAA", "AAAA"),
    ])
    func `bytes are base64 of either alphabet with or without padding`(_ text: String, _ expected: String)
        throws
    {
        let json = attribute(#"{"bytesValue":"\#(text)"}"#)
        #expect(try normalised(json) == attribute(#"{"bytesValue":"\#(expected)"}"#))
    }

    @Test(arguments: [
        (#"\u0041\u00e9\u65E5\uD834\uDD1e"#, "Aé日𝄞"), (#"\"\\\/\b\f\n\r\t"#, #"\"\\/\b\f\n\r\t"#),
        (#"\u0000\u001f\u007f"#, "\\u0000\\u001f\u{7F}"),
        ("\u{7F}\u{2028}\u{FFFF}", "\u{7F}\u{2028}\u{FFFF}"),
        ("12345678\\n12345678", "12345678\\n12345678"), ("1234567é", "1234567é"),
    ])
    func `escapes are understood and only needed ones are written`(_ text: String, _ expected: String) throws
    {
        let json = attribute(#"{"stringValue":"\#(text)"}"#)
        #expect(try normalised(json) == attribute(#"{"stringValue":"\#(expected)"}"#))
        #expect(try normalised(span(#""\u006eame":"x""#)) == span(#""name":"x""#))
    }

    @Test func `null is the same as nothing`() throws {
        let json = span(
            #""name":null,"status":null,"events":null,"kind":null,"attributes":[{"key":"k","value":null}]"#)
        #expect(try normalised(json) == span(#""attributes":[{"key":"k"}]"#))
        #expect(
            try normalised(attribute(#"{"intValue":null,"boolValue":true}"#))
                == attribute(#"{"boolValue":true}"#))
    }

    @Test func `zeros are left out where they mean nothing and kept where they mean something`() throws {
        let zeros = span(#""name":"","kind":0,"startTimeUnixNano":"0","flags":0,"attributes":[]"#)
        #expect(try normalised(zeros) == span(""))
        let read = try [zeros, span("")].map {
            try OTLPJSON.read(Bytes(utf8: $0), as: .traces).contiguous().array
        }
        #expect(read[0] == read[1])
        for kept in [#""stringValue":"""#, #""boolValue":false"#, #""intValue":"0""#, #""doubleValue":0"#] {
            #expect(try normalised(attribute("{\(kept)}")) == attribute("{\(kept)}"))
        }
        let histogram =
            #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":{"dataPoints":"#
            + #"[{"sum":0,"min":0}]}}]}]}]}"#
        #expect(try normalised(histogram, as: .metrics) == histogram)
        #expect(try normalised(span(#""status":{}"#)) == span(#""status":{}"#))
        #expect(try normalised(attribute("{}")) == attribute("{}"))
    }

    @Test func `what is not known is ignored with everything in it`() throws {
        let unknown = #""x":[{"a":[[],{},null,true,false,-1.5e3,"\u00e9"]}]"#
        let json =
            #"{\#(unknown),"resourceSpans":[{\#(unknown),"scopeSpans":[{"spans":"#
            + #"[{\#(unknown),"name":"n"}]}]}]}"#
        #expect(try normalised(json) == span(#""name":"n""#))
        #expect(
            try normalised(span(#""trace_id":1,"start_time_unix_nano":[],"name":"n""#))
                == span(#""name":"n""#))
        let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(try normalised(span(#""x":\#(deep)"#)) == span(""))
    }

    @Test func `values nest as deep as the validator allows`() throws {
        let open = String(repeating: #"{"arrayValue":{"values":["#, count: 63)
        let close = String(repeating: "]}}", count: 63)
        let json = attribute(open + #"{"boolValue":true}"# + close)
        #expect(try normalised(json) == json)
    }

    @Test func `the identifier of a profile is read in both of its spellings`() throws {
        func profile(_ id: String) -> String {
            #"{"resourceProfiles":[{"scopeProfiles":[{"profiles":[{"profileId":"\#(id)"}]}]}]}"#
        }
        let expected = profile("000102030405060708090a0b0c0d0e0f")
        #expect(try normalised(expected, as: .profiles) == expected)
        #expect(try normalised(profile("AAECAwQFBgcICQoLDA0ODw=="), as: .profiles) == expected)
    }
}
