import Extensions
import Pipeline
import PipelineTesting
import Settings
import Testing
import Transport
import Wire

@Suite struct ZPagesTests {
    private func run(_ body: (HealthProbe, ExtensionHarness<ZPages>) async throws -> Void) async throws {
        let harness = try await ExtensionHarness(ZPages.self, yaml: "endpoint: 127.0.0.1:0")
        harness.setHealth(HealthScene(metrics: .ok, hasExtensions: true).health)
        try await body(HealthProbe(surroundings: harness.surroundings), harness)
        try await harness.stop()
    }

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(ZPages.self, yaml: "endpoint: 127.0.0.1:0")
    }

    @Test(arguments: [
        ("/debug/servicez", "2023-11-14T22:13:20Z"), ("/debug/pipelinez", "exporter otlp/staging"),
        ("/debug/extensionz", "extension healthcheckv2"), ("/debug/featurez", "no feature gates"),
        ("/debug/tracez", "does not trace itself"), ("/", "/debug/pipelinez"),
    ])
    func `every page says what it is about`(path: String, words: String) async throws {
        try await run { (probe, _) async throws in
            let answer = try await probe.get(path)
            #expect(answer.status == 200)
            #expect(answer.fields["content-type"] == "text/html; charset=utf-8")
            #expect(answer.fields["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
            #expect(answer.body.string.contains(words), "\(answer.body.string)")
            #expect(!answer.body.string.contains("<script"))
        }
    }

    @Test func `one pipeline can be asked for`() async throws {
        try await run { (probe, _) async throws in
            let page = try await probe.get("/debug/pipelinez?pipelinenamez=traces").body.string
            #expect(page.contains("<h2>traces</h2>"))
            #expect(!page.contains("metrics/grpc"))
            let none = try await probe.get("/debug/pipelinez?pipelinenamez=logs").body.string
            #expect(none.contains("no such pipeline"))
        }
    }

    @Test func `what components say is text and never markup`() async throws {
        try await run { (probe, harness) async throws in
            harness.setHealth(HealthScene(metrics: .recoverableError("<script>'\"&")).health)
            let page = try await probe.get("/debug/pipelinez").body.string
            #expect(page.contains("&lt;script&gt;&#39;&quot;&amp;"))
            #expect(!page.contains("<script"))
        }
    }

    @Test func `pages are for reading and there are no others`() async throws {
        try await run { (probe, _) async throws in
            #expect(try await probe.get("/debug/servicez", method: "POST").status == 405)
            #expect(try await probe.get("/debug/expvarz").status == 404)
        }
    }

    @Test func `the variables of a Go program are refused`() {
        let error = #expect(throws: InvalidSettings.self) {
            try ZPages.Configuration.decode(yaml: "expvar: {enabled: true}")
        }
        #expect(error?.description.contains("Go runtime") == true)
    }
}
