import Telemetry
import Testing
import Wire

@testable import OTTL

/// What statements read of what is around their telemetry, once for each piece of it.
@Suite struct ParentTests {
    typealias S = MetricSamples

    @Test func `what a metric says is asked for every data point`() throws {
        var builder = MetricsBuilder()
        builder.sum("s", .cumulative, isMonotonic: true) { points in
            for _ in 0..<50 { points.point { $0.value(.int(1)) } }
        }
        let condition = try Condition(
            parsing:
                "metric.aggregation_temporality == 2 and metric.is_monotonic == true "
                + "and metric.data_points != nil",
            context: .datapoint, functions: .standard)
        var (batch, held) = (builder.finish(), 0)
        batch.rewrite(.record) { draft in
            let holds = try? condition.holds(Frame(draft, Surroundings(now: { 0 })))
            if holds == true { held += 1 }
        }
        #expect(held == 50)
    }

    @Test func `what a data point sets of its metric is read by the next one`() throws {
        let statements = try [
            "set(metric.is_monotonic, false) where metric.aggregation_temporality == 2",
            "set(metric.aggregation_temporality, 1) where metric.is_monotonic == false",
            #"set(attributes["seen"], metric.aggregation_temporality) where metric.is_monotonic == false"#,
        ].map { try Statement(parsing: $0, context: .datapoint, functions: .standard) }
        let points = [S.point(#""asInt":"1""#), S.point(#""asInt":"2""#)]
        var batch = try S.batch(S.sum(points[0], points[1]) + "," + S.sum(points[0], temporality: 1))
        batch.rewrite(.record, changesParents: true) { draft in
            let frame = Frame(draft, Surroundings(now: { 0 }))
            for statement in statements { _ = try? statement.run(frame) }
        }
        #expect(
            S.outline(batch) == ["s sum 1: 1{seen=1 1-2}, 2{seen=1 1-2}", "s sum 1 monotonic: 1{1-2}"])
    }

    @Test func `a large resource is read as the items before have left it`() throws {
        let attributes = (0..<200).map { #"{"key":"k\#($0)","value":{"intValue":"-1"}}"# }
        let records = (0..<4).map { #"{"severityNumber":\#($0)}"# }
        let json =
            #"{"resourceLogs":[{"resource":{"attributes":[\#(attributes.joined(separator: ","))]},"#
            + #""scopeLogs":[{"logRecords":[\#(records.joined(separator: ","))]}]}]}"#
        var batch = try OTLPJSON.read(Bytes(utf8: json), as: .logs)
        let statements = try [
            #"set(attributes["before"], [resource.attributes["k150"], resource.attributes["new"], "#
                + #"resource.attributes["k160"], resource.dropped_attributes_count])"#,
            #"set(resource.attributes["k150"], severity_number)"#,
            #"set(resource.attributes["new"], severity_number) where severity_number > 0"#,
            #"delete_key(resource.attributes, "k160") where severity_number == 1"#,
            #"set(resource.attributes["k160"], "again") where severity_number == 2"#,
            "set(resource.dropped_attributes_count, severity_number)",
        ].map { try Statement(parsing: $0, context: .log, functions: .standard) }
        batch.rewrite(.record, changesParents: true) { draft in
            let frame = Frame(draft, Surroundings(now: { 0 }))
            for statement in statements { _ = try? statement.run(frame) }
        }
        let logs = batch.resourceLogs.flatMap { $0.scopes }.flatMap { $0.records }
        #expect(
            logs.map { $0.attributes["before"]?.text } == [
                "[-1,null,-1,0]", "[0,null,-1,0]", "[1,1,null,1]", #"[2,2,"again",2]"#,
            ])
        let resource = try #require(batch.resourceLogs.map { $0.resource.attributes }.first)
        #expect(resource["k150"]?.text == "3" && resource["new"]?.text == "3")
        #expect(resource["k160"]?.text == "again" && Array(resource).count == 201)
    }
}
