import Telemetry
import Testing

/// How spans ended, by the rules of otelcol-contrib's pkg/translator/jaeger.
@Suite struct JaegerStatusTests {
    /// Tags, and the status and attributes that become of them.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let tags: [(String, JaegerSample.Value)]
        let status: String?
        let attributes: [String]

        var testDescription: String { name }
    }

    private static let ok = ("otel.status_code", JaegerSample.Value.text("OK"))
    private static let description = ("otel.status_description", JaegerSample.Value.text("words"))
    private static let words = ("http.status_message", JaegerSample.Value.text("Not Found"))

    private static func kind(_ kind: String) -> (String, JaegerSample.Value) { ("span.kind", .text(kind)) }

    static let cases: [Case] = [
        Case(name: "nothing", tags: [("a", .int(1))], status: nil, attributes: ["a"]),
        Case(name: "error", tags: [("error", .bool(true))], status: "2 ", attributes: []),
        Case(name: "no error", tags: [("error", .bool(false))], status: nil, attributes: ["error"]),
        Case(name: "error as text", tags: [("error", .text("true"))], status: nil, attributes: ["error"]),
        Case(
            name: "error with words", tags: [description, ("error", .bool(true)), words], status: "2 words",
            attributes: ["http.status_message"]),
        Case(
            name: "error of HTTP", tags: [("error", .bool(true)), words], status: "2 Not Found",
            attributes: ["http.status_message"]),
        Case(
            name: "an error whatever the code says", tags: [ok, ("error", .bool(true))], status: "2 ",
            attributes: []),
        Case(name: "ok", tags: [ok], status: "1 ", attributes: []),
        Case(
            name: "a code in small letters", tags: [("otel.status_code", .text("error")), description],
            status: "2 words", attributes: []),
        Case(
            name: "a code of another kind", tags: [("otel.status_code", .int(2)), description],
            status: "0 words", attributes: []),
        Case(name: "words alone", tags: [description], status: nil, attributes: ["otel.status_description"]),
        Case(
            name: "a code before HTTP", tags: [ok, ("http.status_code", .int(500))], status: "1 ",
            attributes: ["http.status_code"]),
        Case(
            name: "HTTP 200", tags: [("http.status_code", .int(200)), words], status: nil,
            attributes: ["http.status_code", "http.status_message"]),
        Case(
            name: "HTTP 404", tags: [("http.status_code", .int(404)), words], status: "2 Not Found",
            attributes: ["http.status_code", "http.status_message"]),
        Case(
            name: "HTTP 404 at the server", tags: [("http.status_code", .int(404)), kind("server")],
            status: nil, attributes: ["http.status_code"]),
        Case(
            name: "HTTP 404 at the client", tags: [("http.status_code", .text("404")), kind("client")],
            status: "2 ", attributes: ["http.status_code"]),
        Case(
            name: "HTTP 503 at the server", tags: [("http.status_code", .text("503")), kind("server")],
            status: "2 ", attributes: ["http.status_code"]),
        Case(
            name: "HTTP without a number", tags: [("http.status_code", .text("none"))], status: nil,
            attributes: ["http.status_code"]),
    ]

    @Test(arguments: JaegerSample.Form.allCases, cases)
    func `the status is in the tags`(form: JaegerSample.Form, one: Case) throws {
        let span = JaegerSample.Span(tags: JaegerSample.Tags(one.tags))
        let groups = try JaegerSample(spans: [span]).translated(form)
        let found = try #require(groups.first?.scopes.first?.records.first)
        #expect(found.status.map { "\($0.code) \($0.text)" } == one.status)
        #expect(found.attributes.map { $0.key } == one.attributes)
    }
}
