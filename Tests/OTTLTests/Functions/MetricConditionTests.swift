import OTTL
import Telemetry
import Testing

/// Conditions that only metrics have.
@Suite struct MetricConditionTests {
    typealias S = MetricSamples

    private static func holds(_ condition: String, _ metric: String) throws -> Bool {
        let condition = try Condition(
            parsing: condition, context: .metric, functions: .filter(in: .metric))
        var (batch, results) = (try S.batch(metric), [Bool]())
        var failure: (any Error)?
        batch.rewrite(.metric) { draft in
            do { results.append(try condition.holds(Frame(draft, Surroundings(now: { 0 })))) } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        #expect(results.count == 1)
        return results == [true]
    }

    /// A metric of each kind whose second data point has the attribute `k`.
    private static let metrics: [String] = {
        let number = (S.point(#""asInt":"1""#), S.point(#""asInt":"1""#, ("j", "v"), ("k", "v")))
        let counted = (S.point(#""count":"1""#), S.point(#""count":"1""#, ("j", "v"), ("k", "v")))
        return [
            S.gauge(number.0, number.1), S.sum(number.0, number.1), S.histogram(counted.0, counted.1),
            S.exponential(counted.0, counted.1), S.summary(counted.0, counted.1),
        ]
    }()

    @Test(arguments: metrics)
    func `attributes of data points are found, and others are not`(_ metric: String) throws {
        #expect(try Self.holds(#"HasAttrKeyOnDatapoint("k")"#, metric))
        #expect(try !Self.holds(#"HasAttrKeyOnDatapoint("v")"#, metric))
        #expect(try !Self.holds(#"HasAttrKeyOnDatapoint("")"#, metric))
        #expect(try Self.holds(#"HasAttrOnDatapoint("k", "v")"#, metric))
        #expect(try !Self.holds(#"HasAttrOnDatapoint("k", "j")"#, metric))
        #expect(try !Self.holds(#"HasAttrOnDatapoint("v", "k")"#, metric))
    }

    @Test func `only text is compared, and a metric without data points has nothing`() throws {
        let number = #"{"asInt":"1","attributes":[{"key":"k","value":{"intValue":"5"}}]}"#
        #expect(try Self.holds(#"HasAttrKeyOnDatapoint("k")"#, S.gauge(number)))
        #expect(try !Self.holds(#"HasAttrOnDatapoint("k", "5")"#, S.gauge(number)))
        #expect(try !Self.holds(#"HasAttrOnDatapoint("k", "")"#, S.gauge(number)))
        #expect(try !Self.holds(#"HasAttrKeyOnDatapoint("k")"#, S.gauge()))
        #expect(try !Self.holds(#"HasAttrKeyOnDatapoint("k")"#, #"{"name":"none"}"#))
    }
}
