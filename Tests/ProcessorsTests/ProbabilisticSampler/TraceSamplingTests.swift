import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing
import Wire

@testable import Processors

/// The tables of otelcol-contrib's tests of sampled spans.
@Suite struct TraceSamplingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var settings: String
        var traceID = "fefefefefefefefefe80000000000000"
        var state = ""
        var attributes: Attributes = [:]
        /// The tracestate after equalizing and after proportional sampling; `nil` when it is dropped.
        let equalizing: String?
        let proportional: String?

        init(
            _ name: String, _ settings: String, id: String? = nil, state: String = "",
            _ attributes: Attributes = [:], both: String?
        ) {
            self.init(name, settings, id: id, state: state, attributes, equalizing: both, proportional: both)
        }

        init(
            _ name: String, _ settings: String, id: String? = nil, state: String = "",
            _ attributes: Attributes = [:], equalizing: String?, proportional: String?
        ) {
            testDescription = name
            self.settings = settings
            if let id { traceID = id }
            self.state = state
            self.attributes = attributes
            self.equalizing = equalizing
            self.proportional = proportional
        }
    }

    private static let always = "ffffffffffffffffffffffffffffffff"
    private static let improbable = "111111111111111111ffffffffffffff"

    static let cases: [Case] = [
        Case("100 percent", "sampling_percentage: 100", both: "ot=th:0"),
        Case("50 percent sampled", "sampling_percentage: 50", both: "ot=th:8"),
        Case(
            "25 percent sampled", "sampling_percentage: 25", id: "ddddddddddddddddddc0000000000000",
            both: "ot=th:c"),
        Case(
            "25 percent unsampled", "sampling_percentage: 25", id: "ddddddddddddddddddb0000000000000",
            both: nil),
        Case(
            "1 percent with the exact randomness", "sampling_percentage: 1\nsampling_precision: 14",
            state: "ot=rv:FD70A3D70A3D71", both: "ot=rv:FD70A3D70A3D71;th:fd70a3d70a3d71"),
        Case(
            "1 percent, precision 4", "sampling_percentage: 1", state: "ot=rv:FD70A3D70A3D71",
            both: "ot=rv:FD70A3D70A3D71;th:fd70a"),
        Case(
            "1 percent, precision 3", "sampling_percentage: 1\nsampling_precision: 3",
            state: "ot=rv:FD70A3D70A3D71", both: nil),
        Case(
            "1 percent, randomness too small by one", "sampling_percentage: 1\nsampling_precision: 14",
            state: "ot=rv:FD70A3D70A3D70", both: nil),
        Case("49 percent", "sampling_percentage: 49", both: nil),
        Case(
            "1 percent with a larger randomness", "sampling_percentage: 1\nsampling_precision: 14",
            state: "ot=rv:fd70B000000000", both: "ot=rv:fd70B000000000;th:fd70a3d70a3d71"),
        Case(
            "1 percent by trace id", "sampling_percentage: 1", id: "a0a0a0a0a0a0a0a0a0fe000000000000",
            both: "ot=th:fd70a"),
        Case("sampled by priority", "sampling_percentage: 1", ["sampling.priority": 2], both: "ot=th:0"),
        Case("not sampled by priority", "sampling_percentage: 99", ["sampling.priority": 0], both: nil),
        Case(
            "50 percent twice", "sampling_percentage: 50", state: "ot=rv:90000000000000;th:80000000000000",
            equalizing: "ot=rv:90000000000000;th:8", proportional: nil),
        Case("50 percent at 25 percent unsampled", "sampling_percentage: 25", state: "ot=th:8", both: nil),
        Case(
            "50 percent at 25 percent sampled", "sampling_percentage: 25", id: always, state: "ot=th:8",
            equalizing: "ot=th:c", proportional: "ot=th:e"),
        Case(
            "equalizing and proportional", "sampling_percentage: 50", state: "ot=rv:c0000000000000;th:8",
            equalizing: "ot=rv:c0000000000000;th:8", proportional: "ot=rv:c0000000000000;th:c"),
        Case(
            "inconsistent threshold, open", "sampling_percentage: 100\nfail_closed: false",
            state: "ot=rv:40000000000000;th:8", both: "ot=rv:40000000000000;th:0"),
        Case(
            "inconsistent threshold, closed", "sampling_percentage: 1", state: "ot=rv:40000000000000;th:8",
            both: nil),
        Case(
            "40 percent, precision 3", "sampling_percentage: 40\nsampling_precision: 3",
            state: "ot=rv:a0000000000000", both: "ot=rv:a0000000000000;th:99a"),
        Case(
            "50 percent at 40 percent, precision 6", "sampling_percentage: 40\nsampling_precision: 6",
            id: "a0a0a0a0a0a0a0a0a0d0000000000000", state: "ot=th:8", equalizing: "ot=th:99999a",
            proportional: "ot=th:cccccd"),
        Case(
            "50 percent at 40 percent partly", "sampling_percentage: 40\nsampling_precision: 3",
            id: "a0a0a0a0a0a0a0a0a0b0000000000000", state: "ot=th:8", equalizing: "ot=th:99a",
            proportional: nil),
        Case(
            "50 percent at 40 percent unsampled", "sampling_percentage: 40\nsampling_precision: 3",
            id: "a0a0a0a0a0a0a0a0a080000000000000", state: "ot=th:8", both: nil),
        Case("200 percent", "sampling_percentage: 200", both: "ot=th:0"),
        Case(
            "a tiny probability", "sampling_percentage: 0.006103515625\nsampling_precision: 14",
            id: improbable,
            state: "ot=th:fffc", equalizing: "ot=th:fffc", proportional: "ot=th:fffffff"),
        Case(
            "almost 100 percent", "sampling_percentage: 99.99992\nsampling_precision: 10", id: improbable,
            both: "ot=th:00000cccccccd"),
        Case(
            "too small to go on", "sampling_percentage: 0.0625\nsampling_precision: 14", id: improbable,
            state: "ot=th:fffffffffffff8", equalizing: "ot=th:fffffffffffff8", proportional: nil),
        Case(
            "other members stay", "sampling_percentage: 50", state: "a=b , ot=x:y;th:0,c@d=e",
            both: "ot=th:8;x:y,a=b,c@d=e"),
        Case("nothing", "sampling_percentage: 0", both: nil),
        Case(
            "nothing but what has priority", "sampling_percentage: 0", state: "a=b",
            ["sampling.priority": 1], both: "ot=th:0,a=b"),
    ]

    @Test(arguments: cases, [true, false])
    func `spans are sampled and told how`(_ example: Case, _ isEqualizing: Bool) throws {
        var step = try StepHarness(
            ProbabilisticSampler.self,
            yaml: "mode: \(isEqualizing ? "equalizing" : "proportional")\n\(example.settings)")
        let passed = try step.send(Self.span(example.traceID, example.state, example.attributes))
        let expected = isEqualizing ? example.equalizing : example.proportional
        #expect(passed.flatMap { $0.spans }.map { $0.traceState } == (expected.map { [$0] } ?? []))
        #expect(step.removed == (expected == nil ? [.sampledOut: 1] : [:]))
    }

    @Test(arguments: [
        ("", "00000000000000000000000000000000", "no randomness"),
        ("ot=rv:abababababababab", "fefefefefefefefefe80000000000000", "unreadable sampling information"),
        ("ot=th:abababababababab", "fefefefefefefefefe80000000000000", "unreadable sampling information"),
        ("ot=th:-1", "fefefefefefefefefe80000000000000", "unreadable sampling information"),
        ("not a tracestate", "fefefefefefefefefe80000000000000", "unreadable sampling information"),
        ("ot=th:8", "ffffffffffffffffff70000000000000", "inconsistent threshold"),
        ("ot=th:8;rv:70000000000000", "fefefefefefefefefe80000000000000", "inconsistent threshold"),
    ])
    func `what nothing can be decided by is dropped or kept as configured`(
        _ state: String, _ id: String, _ rule: String
    ) throws {
        for mode in ["equalizing", "proportional"] {
            var closed = try StepHarness(
                ProbabilisticSampler.self, yaml: "{mode: \(mode), sampling_percentage: 100}")
            #expect(try closed.send(Self.span(id, state)).isEmpty)
            #expect(closed.removedByRule == [rule: 1])
            var open = try StepHarness(
                ProbabilisticSampler.self,
                yaml: "{mode: \(mode), sampling_percentage: 50, fail_closed: false}")
            #expect(try open.send(Self.span(id, state)).count == 1)
            var never = try StepHarness(
                ProbabilisticSampler.self,
                yaml: "{mode: \(mode), sampling_percentage: 0, fail_closed: false}")
            #expect(try never.send(Self.span(id, state)).isEmpty)
        }
    }

    @Test(arguments: [
        (AttributeValue.int(0), false), (1, true), (0.0, false), (0.5, true), ("0.0", false), ("0.5", true),
    ])
    func `a priority overrules the percentage`(_ priority: AttributeValue, _ isKept: Bool) throws {
        for percentage in [0.01, 100] {
            var step = try StepHarness(
                ProbabilisticSampler.self, yaml: "sampling_percentage: \(percentage)")
            let passed = try step.send(
                Self.span("fefefefefefefefefe80000000000000", "", ["sampling.priority": priority]))
            #expect(passed.count == (isKept ? 1 : 0))
            #expect(step.removedByRule == (isKept ? [:] : ["priority": 1]))
            let name = "otelcol_processor_probabilistic_sampler_count_traces_sampled"
            let policy: KeyValuePairs = ["policy": "sampling_priority", "sampled": "\(isKept)"]
            #expect(step.surroundings.metric(name, policy) == 1)
        }
    }

    @Test(arguments: [AttributeValue.int(-1), -1.0, "-0.5", "NaN", "much", true, .empty])
    func `what is no priority decides nothing`(_ priority: AttributeValue) throws {
        for (percentage, count) in [(0.01, 0), (100, 1)] {
            var step = try StepHarness(
                ProbabilisticSampler.self, yaml: "sampling_percentage: \(percentage)")
            let passed = try step.send(
                Self.span("fefefefefefefefefe80000000000000", "", ["sampling.priority": priority]))
            #expect(passed.count == count)
        }
    }

    // MARK: - By hash

    @Test func `hashes are those of otelcol`() {
        let nothing = Bytes.empty.withUnsafeBytes { Randomness.hash($0, seed: 0) & 0x3FFF }
        let zeroes = Bytes(Array(repeating: 0, count: 16)).withUnsafeBytes { Randomness.hash($0, seed: 0) }
        #expect(nothing == 0x3515 && zeroes & 0x3FFF == 0x2455)
    }

    @Test func `a hash is told with its threshold`() throws {
        var step = try StepHarness(
            ProbabilisticSampler.self, yaml: "{sampling_percentage: 100, hash_seed: 22}")
        let id = "fefefefefefefefefe80000000000000"
        let passed = try step.send(Self.span(id, "a=b"))
        let randomness = Self.bytes(id).withUnsafeBytes { Randomness(hashing: $0, seed: 22) }
        #expect(passed.flatMap { $0.spans }.map { $0.traceState } == ["ot=rv:\(randomness.text);th:0,a=b"])
        let name = "otelcol_processor_probabilistic_sampler_count_traces_sampled"
        #expect(step.surroundings.metric(name, ["policy": "trace_id_hash", "sampled": "true"]) == 1)
    }

    @Test(arguments: ["ot=rv:abababababababab", "ot=rv:80000000000000", "ot=th:8"])
    func `a hash overwrites no sampling information`(_ state: String) throws {
        var closed = try StepHarness(ProbabilisticSampler.self, yaml: "{sampling_percentage: 100}")
        #expect(try closed.send(Self.span("fefefefefefefefefe80000000000000", state)).isEmpty)
        var open = try StepHarness(
            ProbabilisticSampler.self, yaml: "{sampling_percentage: 50, fail_closed: false}")
        let batch = Self.span("fefefefefefefefefe80000000000000", state)
        #expect(try open.send(batch).map { $0.contiguous().array } == [batch.contiguous().array])
    }

    @Test(arguments: [(5.0, 0.3), (50, 1.0), (90, 0.7), (99.9, 0.2)])
    func `a percentage of traces is kept, the same by every sampler`(
        _ percentage: Double, _ tolerance: Double
    ) throws {
        for mode in ["hash_seed", "proportional", "equalizing"] {
            var first = try StepHarness(
                ProbabilisticSampler.self, yaml: "{mode: \(mode), sampling_percentage: \(percentage)}")
            var larger = try StepHarness(
                ProbabilisticSampler.self, yaml: "{mode: \(mode), sampling_percentage: \(percentage + 0.05)}")
            let batch = Self.many(20_000)
            let kept = try first.send(batch).flatMap { $0.spans }.map { $0.traceID.array }
            let share = Double(kept.count) / 200
            #expect(abs(share - percentage) < tolerance, "\(mode): \(share)")
            #expect(step(first) == 20_000 - kept.count)
            // Whoever samples more has all that those have who sample less.
            let superset = Set(try larger.send(batch).flatMap { $0.spans }.map { $0.traceID.array })
            #expect(superset.isSuperset(of: kept))
        }
    }

    private func step(_ harness: StepHarness<ProbabilisticSampler>) -> Int {
        harness.removedByRule["percentage"] ?? 0
    }

    @Test func `it is a component like any other`() async throws {
        for mode in ["hash_seed", "proportional", "equalizing"] {
            try await Conformance.check(
                ProbabilisticSampler.self,
                yaml: "{mode: \(mode), sampling_percentage: 50, fail_closed: false}")
        }
    }

    @Test(arguments: [
        ("{}", "missing required key 'sampling_percentage'"),
        ("sampling_percentage: -1", "1:22 sampling_percentage: must be 0 or more"),
        ("sampling_percentage: 1e-20", "1:22 sampling_percentage: is smaller than any probability"),
        ("{sampling_percentage: 1, sampling_precision: 0}", "1:46 sampling_precision: must be from 1 to 14"),
        ("{sampling_percentage: 1, sampling_precision: 15}", "1:46 sampling_precision: must be from 1 to 14"),
        ("{sampling_percentage: 1, mode: random}", "1:32 mode: must be one of hash_seed, proportional, equ"),
        ("{sampling_percentage: 1, attribute_source: span}", "1:44 attribute_source: must be one of traceID"),
    ])
    func `mistakes are named with their place`(_ yaml: String, _ mistake: String) {
        let mistakes = ProbabilisticSampler.Configuration.mistakes(yaml)
        #expect(mistakes.count == 1 && mistakes.first?.contains(mistake) == true, "\(mistakes)")
    }

    // MARK: - Spans

    private static func bytes(_ text: String) -> Bytes {
        let digits = Array(text.utf8)
        return Bytes(
            stride(from: 0, to: digits.count, by: 2).map { index in
                UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16) ?? 0
            } as [UInt8])
    }

    private static func span(_ id: String, _ state: String, _ attributes: Attributes = [:]) -> Batch {
        var builder = TracesBuilder()
        builder.span { span in
            span.traceID(bytes(id))
            if !state.isEmpty { span.traceState(state) }
            span.write(attributes)
        }
        return builder.finish()
    }

    private static func many(_ count: Int) -> Batch {
        var builder = TracesBuilder()
        var state: UInt64 = 88_172_645_463_325_252
        func next() -> [UInt8] {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return (0..<8).map { UInt8(truncatingIfNeeded: state >> UInt64(8 * $0)) }
        }
        for _ in 0..<count {
            let id = Bytes(next() + next())
            builder.span { $0.traceID(id) }
        }
        return builder.finish()
    }
}
