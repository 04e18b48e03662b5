import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing
import Wire

@testable import Processors

/// The tables of otelcol-contrib's tests of sampled log records.
@Suite struct LogSamplingTests {
    /// How many of a hundred records are kept, as contrib's tests build them.
    static let counts: [(String, Int)] = [
        ("{sampling_percentage: 100, fail_closed: false}", 100),
        ("{sampling_percentage: 0}", 0),
        ("{sampling_percentage: 50}", 45),
        ("{sampling_percentage: 0, attribute_source: record, from_attribute: foo, fail_closed: false}", 0),
        (
            "{sampling_percentage: 100, attribute_source: record, from_attribute: foo, fail_closed: false}",
            100
        ),
        ("{sampling_percentage: 50, attribute_source: record, from_attribute: foo}", 23),
        ("{sampling_percentage: 50, attribute_source: record, from_attribute: bar}", 29),
        (
            "{sampling_percentage: 0, sampling_priority: priority, attribute_source: record, "
                + "from_attribute: rando}",
            25
        ),
        (
            "{sampling_percentage: 50, sampling_priority: priority, attribute_source: record, "
                + "from_attribute: rando,"
                + " fail_closed: false}", 64
        ),
        (
            "{sampling_percentage: 100, sampling_priority: priority, attribute_source: record,"
                + " from_attribute: rando}", 100
        ),
        ("{sampling_percentage: 0, sampling_priority: priority}", 25),
        ("{sampling_percentage: 50, sampling_priority: priority, fail_closed: false}", 57),
        ("{sampling_percentage: 100, sampling_priority: priority, fail_closed: false}", 100),
        (
            "{sampling_percentage: 0, sampling_priority: priority, attribute_source: record, "
                + "from_attribute: foo}",
            25
        ),
    ]

    @Test(arguments: counts)
    func `as many are kept as by otelcol`(_ yaml: String, _ count: Int) throws {
        var builder = LogsBuilder()
        for index in 0..<100 {
            let id = Bytes(Array(repeating: 0, count: 8) + Array(repeating: UInt8(index), count: 8))
            builder.record { record in
                record.severity(5)
                record.traceID(id)
                let hash = id.withUnsafeBytes { Randomness.hash($0, seed: 123) }
                record.attribute("rando", .int(Int64(hash)))
                if index.isMultiple(of: 2) {
                    record.attribute("foo", .bytes(id.array))
                    record.attribute("bar", .string(index == 0 ? "" : Hexadecimal.text(of: id.array)))
                }
                if index.isMultiple(of: 4) { record.attribute("priority", 100.0) }
            }
        }
        var step = try StepHarness(ProbabilisticSampler.self, yaml: yaml)
        #expect(try step.send(builder.finish()).reduce(0) { $0 + $1.itemCount } == count)
        #expect(step.removed[.sampledOut] ?? 0 == 100 - count)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let yaml: String
        var traceID = "fefefefefefefefefe80000000000000"
        let before: Attributes
        /// `nil` when it is dropped.
        let after: Attributes?

        init(_ name: String, _ yaml: String, id: String? = nil, _ before: Attributes, _ after: Attributes?) {
            testDescription = name
            self.yaml = yaml
            if let id { traceID = id }
            self.before = before
            self.after = after
        }
    }

    private static func hash(_ bytes: [UInt8], _ seed: UInt32) -> AttributeValue {
        .string(Bytes(bytes).withUnsafeBytes { Randomness(hashing: $0, seed: seed) }.text)
    }

    private static let id: [UInt8] = Array(repeating: 0xFE, count: 9) + [0x80] + Array(repeating: 0, count: 6)

    static let cases: [Case] = [
        Case(
            "100 percent by trace id", "{sampling_percentage: 100, mode: proportional}", ["ignored": "value"],
            ["sampling.threshold": "0", "ignored": "value"]),
        Case(
            "100 percent by hash", "{sampling_percentage: 100, hash_seed: 22}", ["K": "V"],
            ["K": "V", "sampling.threshold": "0", "sampling.randomness": hash(id, 22)]),
        Case(
            "100 percent by attribute",
            "{sampling_percentage: 100, attribute_source: record, from_attribute: random, hash_seed: 49}",
            ["random": "1234"],
            [
                "sampling.threshold": "0", "sampling.randomness": hash(Array("1234".utf8), 49),
                "random": "1234",
            ]),
        Case("nothing", "{sampling_percentage: 0}", [:], nil),
        Case(
            "a priority with randomness",
            "{sampling_percentage: 0, sampling_priority: p, sampling_precision: 6}",
            ["sampling.randomness": "e6147c00000000", "p": 10.125],
            [
                "sampling.randomness": "e6147c00000000", "sampling.threshold": "e6147b", "p": 10.125,
            ]),
        Case(
            "25 percent before", "{sampling_percentage: 50, mode: proportional}",
            id: "fefefefefefefefefef0000000000000", ["sampling.threshold": "c"], ["sampling.threshold": "e"]),
        Case(
            "25 percent before, inconsistent", "{sampling_percentage: 50, mode: equalizing}",
            id: "fefefefefefefefefeb0000000000000", ["sampling.threshold": "c"], nil),
        Case(
            "25 percent before, equalizing",
            "{sampling_percentage: 50, mode: equalizing, sampling_priority: prio}",
            id: "fefefefefefefefefefefefefefefefe", ["sampling.threshold": "c", "prio": 37],
            ["sampling.threshold": "c", "prio": 37]),
        Case(
            "by hash what has randomness, open", "{sampling_percentage: 100, fail_closed: false}",
            ["sampling.randomness": "f2341234123412"], ["sampling.randomness": "f2341234123412"]),
        Case(
            "by hash what has randomness, closed", "{sampling_percentage: 100}",
            ["sampling.randomness": "f2341234123412"], nil),
        Case(
            "a threshold that is none", "{sampling_percentage: 100, mode: proportional}",
            ["sampling.threshold": "x"], nil),
        Case(
            "a priority of 0", "{sampling_percentage: 100, mode: proportional, sampling_priority: p}",
            ["p": 0], nil),
        Case(
            "a priority above 100",
            "{sampling_percentage: 1, mode: proportional, sampling_priority: p}", ["p": 250],
            ["p": 250, "sampling.threshold": "0"]),
    ]

    @Test(arguments: cases)
    func `log records are told how they were sampled`(_ example: Case) throws {
        var builder = LogsBuilder()
        builder.record { record in
            record.traceID(Bytes(Self.bytes(example.traceID)))
            record.write(example.before)
        }
        var step = try StepHarness(ProbabilisticSampler.self, yaml: example.yaml)
        let passed = try step.send(builder.finish()).flatMap { $0.itemAttributes }
        #expect(passed == (example.after.map { [$0] } ?? []))
    }

    @Test(arguments: ["hash_seed", "proportional", "equalizing"], ["record", "traceID"])
    func `without randomness nothing can be decided`(_ mode: String, _ source: String) throws {
        for (percentage, failClosed, isKept) in [
            (0, true, false), (50, true, false), (100, true, false), (0, false, false), (50, false, true),
            (100, false, true),
        ] {
            var step = try StepHarness(
                ProbabilisticSampler.self,
                yaml: "{mode: \(mode), sampling_percentage: \(percentage), fail_closed: \(failClosed),"
                    + " attribute_source: \(source), from_attribute: unused}")
            let passed = try step.send(Batch.one(.logs, ["unused": ""]))
            #expect(passed.count == (isKept ? 1 : 0))
            guard percentage != 0 else { continue }
            let name = "otelcol_processor_probabilistic_sampler_count_logs_sampled"
            #expect(step.surroundings.metric(name, ["policy": "missing_randomness"]) == 1)
        }
    }

    private static func bytes(_ text: String) -> [UInt8] {
        let digits = Array(text.utf8)
        return stride(from: 0, to: digits.count, by: 2).map { index in
            UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16) ?? 0
        }
    }
}
