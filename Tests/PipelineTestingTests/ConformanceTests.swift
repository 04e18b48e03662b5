import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing

/// Lets everything through.
private struct Good: Processor {
    static let name = "good"
    static let summary = "Does nothing."

    init(_ configuration: NoSettings, in context: Context) throws(ComponentError) {}
    mutating func process(_ batch: inout Batch) throws(Rejection) {}
}

/// Breaks rules, one after another.
private struct Bad: Holder {
    static let name = "Bad-Name"
    static let summary = "no sentence"

    struct Configuration: SettingGroup {
        var mode = ""
        init() {}
        static let fields: [Field<Self>] = [Field("mode", \.mode, "")]
    }

    private let mode: String
    private var kept: Batch?

    init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        mode = configuration.mode
    }

    var deadline: Instant? { kept == nil ? nil : Instant(offset: .zero) }

    mutating func take(_ batch: consuming Batch, into output: inout Output) throws(Rejection) {
        switch mode {
        case "loses": break
        case "keeps": kept = batch
        case "doubles":
            let copy = batch
            output.emit(copy)
            output.emit(copy)
        case "refuses": throw .never(reason: "no")
        default: output.emit(batch)
        }
    }

    mutating func release(into output: inout Output) {}
    mutating func drain(into output: inout Output) {}
}

@Suite struct ConformanceTests {
    @Test func `a component that keeps the rules passes`() async throws {
        try await Conformance.check(Good.self)
    }

    @Test func `every rule about the declaration that is broken is told`() async {
        let failure = await #expect(throws: ConformanceFailure.self) { try await Conformance.check(Bad.self) }
        #expect(
            failure?.violations == [
                "the name 'Bad-Name' is not in lower_snake_case",
                "the summary is not a sentence: 'no sentence'",
                "the key mode has no summary",
            ])
    }

    @Test(arguments: [
        ("loses", "got 3 spans, passed on 0, removed 0"), ("keeps", "keeps traces after it was drained"),
        ("doubles", "got 3 spans, passed on 6, removed 0"), ("refuses", "does not take traces: refused: no"),
    ])
    func `a step that does wrong is found out`(mode: String, violation: String) async {
        let failure = await #expect(throws: ConformanceFailure.self) {
            try await Conformance.check(Bad.self, yaml: "mode: \(mode)")
        }
        #expect(failure?.violations.contains(violation) == true, "\(failure?.description ?? "")")
    }

    @Test func `settings that cannot be read are told`() async {
        let failure = await #expect(throws: ConformanceFailure.self) {
            try await Conformance.check(Good.self, yaml: "nonsense: 1")
        }
        #expect(failure?.violations.first?.contains("unknown key 'nonsense'") == true)
    }
}
