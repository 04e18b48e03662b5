import Pipeline
import Telemetry
import Testing

@Suite struct ComponentIDTests {
    @Test(arguments: ["otlp", "otlp/2", "memory_limiter/a b", "a/b/c", "Otlp9/x-y.z"])
    func `an id that can be read prints as it was written`(text: String) {
        #expect(ComponentID(parsing: text)?.description == text)
    }

    @Test(arguments: ["", "/", "/x", "otlp/", "1otlp", "ot-lp", "otlp/ x", "otlp/x ", "otlp/a\u{7}b"])
    func `what is not an id is refused`(text: String) {
        #expect(ComponentID(parsing: text) == nil)
    }

    @Test func `the type ends after 63 characters`() {
        #expect(ComponentID(parsing: String(repeating: "a", count: 63)) != nil)
        #expect(ComponentID(parsing: String(repeating: "a", count: 64)) == nil)
    }

    @Test(arguments: Signal.allCases)
    func `a pipeline is named after its signal`(signal: Signal) {
        #expect(PipelineID(parsing: signal.rawValue) == PipelineID(signal: signal))
        #expect(PipelineID(parsing: "\(signal.rawValue)/x") == PipelineID(signal: signal, name: "x"))
    }

    @Test(arguments: ["trace", "traces/", "", "span/x"])
    func `a pipeline of an unknown signal is refused`(text: String) {
        #expect(PipelineID(parsing: text) == nil)
    }
}
