import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing
import Wire

@testable import Processors

/// The table of otelcol-contrib's tests: sums.
@Suite struct CumulativeToDeltaTests {
    typealias Sum = (name: String, values: [Double], isMonotonic: Bool)

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let yaml: String
        let before: [Sum]
        /// Values with delta temporality, or as they were.
        let after: [(values: [Double], isDelta: Bool)]

        init(_ name: String, _ yaml: String, _ before: [Sum], _ after: [(values: [Double], isDelta: Bool)]) {
            testDescription = name
            self.yaml = yaml
            self.before = before
            self.after = after
        }
    }

    private static let all = "include: {metrics: ['.*'], match_type: regexp}"

    static let cases: [Case] = [
        Case(
            "nothing",
            "exclude: {metrics: ['.*'], match_type: "
                + "regexp}", [("a", [100], true), ("b", [4], true)],
            [([100], false), ([4], false)]),
        Case(
            "one of two", "include: {metrics: [a], match_type: strict}",
            [("a", [0, 100, 200, 500], true), ("b", [4], true)], [([100, 100, 300], true), ([4], false)]),
        Case(
            "not a number", "include: {metrics: [a], match_type: regexp}",
            [("a", [0, 100, 200, .nan], true), ("b", [4], true)], [([100, 100, .nan], true), ([4], false)]),
        Case(
            "exclude comes first", all + "\nexclude: {metrics: ['.*'], match_type: regexp}",
            [("a", [100], true), ("b", [4], true)], [([100], false), ([4], false)]),
        Case(
            "all", all, [("a", [0, 100, 200, 500], true), ("b", [0, 4, 5], true)],
            [([100, 100, 300], true), ([4, 1], true)]),
        Case(
            "all but one", all + "\nexclude: {metrics: [a], match_type: strict}",
            [("a", [100, 200, 500], true), ("b", [0, 4, 5], true)],
            [([100, 200, 500], false), ([4, 1], true)]),
        Case(
            "what is not monotonic", all, [("a", [0, 100, 200, 500], true), ("b", [4, 5], false)],
            [([100, 100, 300], true), ([4, 5], false)]),
        Case("a series begins anew", all, [("a", [100, 105, 120, 100, 110], true)], [([5, 15, 10], true)]),
        Case("by type", "exclude: {metric_types: [Sum]}", [("a", [1, 2], true)], [([1, 2], false)]),
        Case(
            "by another type", "include: {metric_types: [histogram]}", [("a", [1, 2], true)],
            [([1, 2], false)]),
        Case("the first is kept", "initial_value: keep", [("a", [5, 7], true)], [([5, 2], true)]),
    ]

    private static func batch(_ sums: [Sum], asInt: Bool = false) -> Batch {
        var builder = MetricsBuilder()
        for sum in sums {
            builder.sum(.init(sum.name), .cumulative, isMonotonic: sum.isMonotonic) { points in
                for value in sum.values {
                    points.point { point in
                        point.time(10)
                        point.value(asInt ? .int(Int64(value)) : .double(value))
                    }
                }
            }
        }
        return builder.finish()
    }

    private func sums(_ batches: [Batch]) -> [(values: [Double], isDelta: Bool)] {
        batches.flatMap { $0.resourceMetrics }.flatMap { $0.scopes }.flatMap { $0.records }.compactMap {
            metric in
            guard case .sum(let points, let temporality, _) = metric.content else { return nil }
            let values: [Double] = points.map { point in
                switch point.value {
                case .double(let double): double
                case .int(let int): Double(int)
                case nil: -1
                }
            }
            return (values, temporality == 1)
        }
    }

    @Test(arguments: cases, [false, true])
    func `sums are converted`(_ example: Case, _ asInt: Bool) throws {
        guard !asInt || !example.before.contains(where: { $0.values.contains { $0.isNaN } }) else { return }
        var step = try StepHarness(CumulativeToDelta.self, yaml: example.yaml)
        let batch = Self.batch(example.before, asInt: asInt)
        let passed = try step.send(batch)
        let found = sums(passed)
        // As text, since a number that is none does not equal itself.
        #expect(found.map { "\($0)" } == example.after.map { "\($0)" })
        #expect(
            try passed.allSatisfy {
                try Batch(validating: $0.contiguous(), as: .metrics).itemCount == $0.itemCount
            })
        if example.after.allSatisfy({ !$0.isDelta }) {
            #expect(passed.first?.contiguous().array == batch.contiguous().array)
        }
    }

    /// One point of one series.
    private static func point(
        _ value: Int64, at time: UInt64, start: UInt64 = 0, flags: UInt32 = 0,
        _ attributes: Attributes = [:], resource: Attributes = [:]
    ) -> Batch {
        var builder = MetricsBuilder()
        builder.resource { $0.write(resource) }
        builder.sum("a", .cumulative, isMonotonic: true) { points in
            points.point { point in
                if start != 0 { point.startTime(start) }
                point.time(time)
                point.value(.int(value))
                if flags != 0 { point.flags(flags) }
                point.write(attributes)
            }
        }
        return builder.finish()
    }

    /// When the clock of the tests begins.
    private static let begin: UInt64 = 1_700_000_000_000_000_000

    @Test func `auto keeps the first point of a series that is new`() throws {
        for (start, time, isKept) in [
            (UInt64(0), Self.begin + 5, false), (Self.begin - 1, Self.begin + 5, false),
            (Self.begin + 5, Self.begin + 5, false), (Self.begin + 1, Self.begin + 5, true),
        ] {
            var step = try StepHarness(CumulativeToDelta.self)
            let passed = try step.send(Self.point(100, at: time, start: start))
            #expect(sums(passed).map { $0.values } == (isKept ? [[100]] : []))
            #expect(step.removedByRule == (isKept ? [:] : ["initial": 1]))
            let next = try step.send(Self.point(225, at: time + 60, start: start))
            #expect(sums(next).map { $0.values } == [[125]])
            guard
                case .sum(let points, _, _)? = next.first?.resourceMetrics.first?.scopes.first?.records.first?
                    .content
            else { continue }
            // A difference begins where the point before was.
            #expect(points.map { $0.startTime } == [time] && points.map { $0.time } == [time + 60])
        }
    }

    @Test func `points without a value go, and a reset is the new base`() throws {
        var step = try StepHarness(CumulativeToDelta.self, yaml: "initial_value: drop")
        let values = try [(0, 0), (100, 0), (0, 1), (200, 0), (50, 0), (80, 0)].map { value, flags in
            sums(try step.send(Self.point(Int64(value), at: 1, flags: UInt32(flags)))).flatMap { $0.values }
        }
        #expect(values == [[], [100], [], [100], [], [30]])
        #expect(step.removedByRule == ["initial": 1, "no value": 1, "reset": 1])
        #expect(step.removed == [.filtered: 3])
    }

    @Test func `series are told apart by everything that identifies them`() throws {
        var step = try StepHarness(CumulativeToDelta.self)
        let series: [(Attributes, Attributes)] = [
            ([:], [:]), (["k": 1], [:]), (["k": "1"], [:]), ([:], ["k": 1]), (["a": 1, "b": 2], [:]),
            (["a": 2, "b": 1], [:]),
        ]
        for round in 1...3 as ClosedRange<Int64> {
            for (index, (attributes, resource)) in series.enumerated() {
                let step1 = Int64(index + 1)
                let passed = try step.send(
                    Self.point(round * step1, at: UInt64(round), attributes, resource: resource))
                #expect(sums(passed).map { $0.values } == (round == 1 ? [] : [[Double(step1)]]))
            }
        }
        // The order of attributes does not matter.
        var builder = MetricsBuilder()
        builder.sum("a", .cumulative, isMonotonic: true) { points in
            points.point { point in
                point.value(.int(20))
                point.attribute("b", 2)
                point.attribute("a", 1)
            }
        }
        #expect(sums(try step.send(builder.finish())).map { $0.values } == [[5]])
    }

    @Test func `stale series are forgotten`() throws {
        var step = try StepHarness(CumulativeToDelta.self, yaml: "max_staleness: 1m")
        _ = try step.send(Self.point(1, at: Self.begin))
        #expect(sums(try step.send(Self.point(3, at: Self.begin + 1))).map { $0.values } == [[2]])
        step.surroundings.clock.advance(by: .seconds(120))
        #expect(try step.send(Self.point(9, at: Self.begin + 120_000_000_000)).isEmpty)
        #expect(step.removedByRule == ["initial": 2])
    }

    @Test func `beyond max_series the oldest are forgotten`() throws {
        let surroundings = Harness()
        let context = surroundings.context(.processor, "cumulative_to_delta").within(
            try #require(PipelineID(parsing: "metrics")))
        let configuration = try CumulativeToDelta.Configuration.decode(yaml: "max_series: 20")
        var step = StepHarness(try CumulativeToDelta(configuration, in: context), in: surroundings)
        for index in 0..<30 { _ = try step.send(Self.point(1, at: 1, ["series": .int(Int64(index))])) }
        let series = surroundings.metric("apus_processor_cumulative_to_delta_series") ?? 0
        let evicted = surroundings.metric("apus_processor_cumulative_to_delta_evicted_series") ?? 0
        #expect(series <= 20 && series + evicted == 30)
        #expect(sums(try step.send(Self.point(3, at: 2, ["series": 29]))).map { $0.values } == [[2]])
        #expect(try step.send(Self.point(3, at: 2, ["series": 0])).isEmpty)
    }

    @Test func `more series in one batch than max_series do not forget everything each time`() throws {
        var step = try StepHarness(CumulativeToDelta.self, yaml: "max_series: 20")
        let counts = try (1...3).map { round in
            var builder = MetricsBuilder()
            builder.sum("a", .cumulative, isMonotonic: true) { points in
                for series in 0..<30 {
                    points.point { point in
                        point.time(UInt64(round))
                        point.value(.int(Int64(round)))
                        point.attribute("series", .int(Int64(series)))
                    }
                }
            }
            return sums(try step.send(builder.finish())).flatMap { $0.values }.count
        }
        #expect(counts == [0, 18, 18])
    }

    @Test func `a point older than the one before is dropped and is no base`() throws {
        var step = try StepHarness(CumulativeToDelta.self)
        let values = try [(100, 10), (120, 20), (110, 15), (130, 30), (140, 0)].map { value, time in
            sums(try step.send(Self.point(Int64(value), at: UInt64(time)))).flatMap { $0.values }
        }
        // What does not say when it was cannot be older.
        #expect(values == [[], [20], [], [10], [10]])
        #expect(step.removedByRule == ["initial": 1, "out of order": 1])
    }

    @Test func `a difference that is too large for the type is a reset`() throws {
        var step = try StepHarness(CumulativeToDelta.self)
        let values = try [Int64.min, .max, .max].map {
            sums(try step.send(Self.point($0, at: 1))).flatMap { $0.values }
        }
        #expect(values == [[], [], [0]])
        #expect(step.removedByRule == ["initial": 1, "reset": 1])
    }

    @Test func `the engine keeps a difference that the next step refuses`() {
        // A step that holds is asked once about a batch; see the tests of the engine's nodes.
        #expect(CumulativeToDelta.holds)
    }

    @Test func `lanes and successors share what is remembered, pipelines do not`() throws {
        let surroundings = Harness()
        let context = surroundings.context(.processor, "cumulative_to_delta")
        let pipelines = try ["metrics/1", "metrics/2"].map { try #require(PipelineID(parsing: $0)) }
        let configuration = try CumulativeToDelta.Configuration.decode(yaml: "{}")
        let other = try CumulativeToDelta.Configuration.decode(yaml: "max_staleness: 1h")
        var first = StepHarness(
            try CumulativeToDelta(configuration, in: context.within(pipelines[0])), in: surroundings)
        var second = StepHarness(
            try CumulativeToDelta(other, in: context.within(pipelines[0])), in: surroundings)
        var elsewhere = StepHarness(
            try CumulativeToDelta(configuration, in: context.within(pipelines[1])), in: surroundings)
        _ = try first.send(Self.point(1, at: Self.begin + 1))
        #expect(sums(try second.send(Self.point(4, at: Self.begin + 2))).map { $0.values } == [[3]])
        #expect(try elsewhere.send(Self.point(4, at: Self.begin + 2)).isEmpty)
        #expect(sums(try first.send(Self.point(9, at: Self.begin + 3))).map { $0.values } == [[5]])
    }

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(CumulativeToDelta.self, yaml: "initial_value: keep")
        try await Conformance.check(CumulativeToDelta.self, yaml: "max_staleness: 1h")
    }

    @Test(arguments: [
        ("include: {metrics: [a]}", "1:20 include.metrics: needs a match_type: strict or regexp"),
        ("exclude: {match_type: strict}", "1:23 exclude.match_type: needs metrics to match"),
        (
            "include: {metrics: ['*a*'], match_type: regexp}",
            "1:21 include.metrics.0: is not a regular expression of RE2: "
        ),
        (
            "include: {metric_types: [gauge]}",
            "1:26 include.metric_types.0: must be one of sum, "
                + "histogram, exponent"
        ),
        ("initial_value: first", "1:16 initial_value: must be one of auto, keep, drop, not 'first'"),
        ("max_staleness: -1s", "1:16 max_staleness: must not be negative"),
        ("max_series: 1", "1:13 max_series: must be 10 or more"),
    ])
    func `mistakes are named with their place`(_ yaml: String, _ mistake: String) {
        let mistakes = CumulativeToDelta.Configuration.mistakes(yaml)
        #expect(mistakes.count == 1 && mistakes.first?.contains(mistake) == true, "\(mistakes)")
    }
}
