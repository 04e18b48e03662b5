import Telemetry
import Testing
import Wire

/// What the reader refuses, and how well it says why and where.
@Suite struct JSONRefusalTests {
    private struct Refusal: Sendable, CustomTestStringConvertible {
        let json: String
        let reason: String
        /// The text before the byte that the error points at.
        let before: String

        /// In `json` the mark `¦` stands before the faulty byte.
        init(_ json: String, _ reason: String) {
            let parts = json.split(separator: "¦", omittingEmptySubsequences: false)
            self.json = parts.joined()
            self.reason = reason
            before = String(parts[0])
        }

        var testDescription: String { json }
    }

    private func expectRefusal(_ refusal: Refusal) {
        let error = #expect(throws: InvalidTelemetry.self) {
            try OTLPJSON.read(Bytes(utf8: refusal.json), as: .traces)
        }
        #expect(error?.reason == refusal.reason)
        #expect(error?.offset == refusal.before.utf8.count)
    }

    @Test(arguments: [
        Refusal("¦", "expected an object"), Refusal("¦null", "expected an object"),
        Refusal(" ¦[]", "expected an object"), Refusal("{¦", "expected a key"),
        Refusal("{}¦{}", "text after the end of the object"),
        Refusal("{} ¦x", "text after the end of the object"),
        Refusal(#"{"a":1¦"#, "expected , or } inside an object"),
        Refusal(#"{"a"¦}"#, "expected : after a key"),
        Refusal(#"{"a":1,¦}"#, "expected a key"), Refusal(#"{¦,"a":1}"#, "expected a key"),
        Refusal(#"{"a":¦}"#, "expected a value"), Refusal(#"{"a":0¦1}"#, "expected , or } inside an object"),
        Refusal(#"{"a":¦-}"#, "expected a value"), Refusal(#"{"a":¦1.}"#, "expected a value"),
        Refusal(#"{"a":¦.5}"#, "expected a value"), Refusal(#"{"a":¦1e}"#, "expected a value"),
        Refusal(#"{"a":¦tru}"#, "expected a value"), Refusal(#"{"a":¦'b'}"#, "expected a value"),
        Refusal(#"{"a":[1¦}"#, "expected , or ] inside an ignored value"),
        Refusal(#"{"a":¦"b}"#, "string without an end"), Refusal(#"{¦"a\"#, "string without an end"),
        Refusal("{\"a\":\"b¦\n\"}", "control character inside a string"),
        Refusal(#"{"a":"¦\x"}"#, "unknown escape"),
        Refusal(#"{"a":"\u00¦g0"}"#, "escape with a digit that is not hexadecimal"),
    ])
    private func `what is not JSON`(_ refusal: Refusal) { expectRefusal(refusal) }

    @Test(arguments: [
        Refusal(#"{"resourceSpans":¦{}}"#, "resourceSpans: expected an array"),
        Refusal(#"{"resourceSpans":[¦null]}"#, "resourceSpans: expected an object"),
        Refusal(#"{"resourceSpans":[{},¦]}"#, "resourceSpans: expected an object"),
        Refusal(#"{"resourceSpans":[{}¦}"#, "resourceSpans: expected , or ] inside an array"),
        Refusal(#"{"resourceSpans":[],¦"resourceSpans":[]}"#, "resourceSpans: key comes twice"),
        Refusal(#"{"resourceSpans":null,¦"resourceSpans":[]}"#, "resourceSpans: key comes twice"),
        Refusal(#"{"resourceSpans":[{"resource":¦[]}]}"#, "resourceSpans.resource: expected an object"),
        Refusal(#"{"resourceSpans":[{"schemaUrl":¦1}]}"#, "resourceSpans.schemaUrl: expected a string"),
    ])
    private func `what has the wrong shape`(_ refusal: Refusal) { expectRefusal(refusal) }

    @Test(arguments: [
        (#""traceId":"¦0102""#, "traceId: expected 32 hexadecimal digits, not 4"),
        (#""traceId":"¦AAECAwQFBgcICQoLDA0ODw==""#, "traceId: expected 32 hexadecimal digits, not 24"),
        (#""spanId":"¦eee19b7ec3c1b17x""#, "spanId: expected 16 hexadecimal digits"),
        (#""spanId":¦1"#, "spanId: expected a string"),
        (
            #""kind":¦"SPAN_KIND_SERVER""#,
            "kind: expected an integer; OTLP/JSON does not allow names of enums"
        ),
        (#""kind":¦"2""#, "kind: expected an integer; OTLP/JSON does not allow names of enums"),
        (#""kind":¦2147483648"#, "kind: expected an integer of 32 bits"),
        (#""kind":¦1.5"#, "kind: expected an integer of 32 bits"),
        (#""flags":¦-1"#, "flags: expected an integer from 0 to 2^32 - 1"),
        (#""flags":¦4294967296"#, "flags: expected an integer from 0 to 2^32 - 1"),
        (
            #""startTimeUnixNano":¦18446744073709551616"#,
            "startTimeUnixNano: expected an integer from 0 to 2^64 - 1"
        ),
        (#""startTimeUnixNano":¦1e-1"#, "startTimeUnixNano: expected an integer from 0 to 2^64 - 1"),
        (#""startTimeUnixNano":¦"""#, "startTimeUnixNano: expected an integer from 0 to 2^64 - 1"),
        (#""startTimeUnixNano":¦" 1""#, "startTimeUnixNano: expected an integer from 0 to 2^64 - 1"),
        (#""startTimeUnixNano":¦true"#, "startTimeUnixNano: expected an integer from 0 to 2^64 - 1"),
        (#""name":"¦\uD800""#, "name: lone surrogate"), (#""name":"¦\uDC00""#, "name: lone surrogate"),
        (#""name":"¦\uD800\u0041""#, "name: lone surrogate"),
        (#""name":"x\u¦00""#, "name: escape without an end"),
    ])
    func `what a field cannot hold`(_ members: String, _ reason: String) {
        let json = #"{"resourceSpans":[{"scopeSpans":[{"spans":[{\#(members)}]}]}]}"#
        expectRefusal(Refusal(json, "resourceSpans.scopeSpans.spans." + reason))
    }

    @Test(arguments: [
        (#""intValue":¦9223372036854775808"#, "intValue: expected an integer of 64 bits"),
        (#""intValue":¦-9223372036854775809"#, "intValue: expected an integer of 64 bits"),
        (#""intValue":¦1e19"#, "intValue: expected an integer of 64 bits"),
        (#""intValue":¦1e99999999999999999999"#, "intValue: expected an integer of 64 bits"),
        (#""doubleValue":¦1e999"#, "doubleValue: expected a number that a double can hold"),
        (#""doubleValue":¦"nan""#, "doubleValue: expected a number that a double can hold"),
        (#""doubleValue":¦NaN"#, "doubleValue: expected a number that a double can hold"),
        (#""boolValue":¦"true""#, "boolValue: expected true or false"),
        (#""boolValue":¦1"#, "boolValue: expected true or false"),
        (#""bytesValue":"¦A""#, "bytesValue: expected base64"),
        (#""bytesValue":"¦A=AA""#, "bytesValue: expected base64"),
        (#""bytesValue":"¦AA=""#, "bytesValue: expected base64"),
        (#""bytesValue":"¦AA AA""#, "bytesValue: expected base64"),
        (#""intValue":1,¦"boolValue":true"#, "boolValue: a value of another kind is there already"),
        (#""arrayValue":{"values":[¦null]}"#, "arrayValue.values: expected an object"),
    ])
    func `what a value cannot be`(_ members: String, _ reason: String) {
        expectRefusal(
            Refusal(
                #"{"resourceSpans":[{"resource":{"attributes":[{"key":"k","value":{\#(members)}}]}}]}"#,
                "resourceSpans.resource.attributes.value." + reason))
    }

    @Test func `strings that are not UTF-8, also where nobody looks`() {
        for (key, path) in [("schemaUrl", "resourceSpans.schemaUrl: "), ("unknown", "resourceSpans: ")] {
            let start = Array(#"{"resourceSpans":[{"\#(key)":"abc"#.utf8)
            let json = start + [0xC0, 0x80] + Array(#""}]}"#.utf8)
            let error = #expect(throws: InvalidTelemetry.self) { try OTLPJSON.read(Bytes(json), as: .traces) }
            #expect(error == InvalidTelemetry(reason: path + "string is not UTF-8", offset: start.count))
        }
    }

    @Test func `values nested too deeply, known or not`() {
        let open = String(repeating: #"{"arrayValue":{"values":["#, count: 64)
        let known = #"{"resourceSpans":[{"resource":{"attributes":[{"value":\#(open){}"#
        let first = #expect(throws: InvalidTelemetry.self) {
            try OTLPJSON.read(Bytes(utf8: known), as: .traces)
        }
        #expect(first?.reason.hasSuffix("arrayValue.values: values nested more than 64 deep") == true)
        #expect((first?.reason.utf8.count ?? 0) < 300)

        let unknown = #"{"x":"# + String(repeating: "[", count: 100_000)
        let second = #expect(throws: InvalidTelemetry.self) {
            try OTLPJSON.read(Bytes(utf8: unknown), as: .traces)
        }
        #expect(second == InvalidTelemetry(reason: "ignored value nested more than 64 deep", offset: 69))
    }

    @Test func `every text that is cut off`() throws {
        let json = Array(
            #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"é\n","kind":2,"flags":1}]}],"x":[null]}]}"#
                .utf8)
        #expect(throws: Never.self) { try OTLPJSON.read(Bytes(json), as: .traces) }
        for length in json.indices {
            #expect(throws: InvalidTelemetry.self) {
                try OTLPJSON.read(Bytes(Array(json[..<length])), as: .traces)
            }
        }
    }
}
