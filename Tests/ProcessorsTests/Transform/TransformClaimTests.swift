import Pipeline
import PipelineTesting
import Telemetry
import Testing

@testable import Processors

/// Whose items are whose after statements that take items out and add some.
@Suite struct TransformClaimTests {
    private final class Sender: Claimant {
        let goal = ClaimGoal.delivered
        func missed(_ items: Int, reason: String, retry: ClaimRetry) {}
    }

    /// The points of one metric that one sender has sent.
    private static func points(_ count: Int, of metric: String, by sender: Sender) -> Batch {
        var builder = MetricsBuilder()
        builder.gauge(.init(metric)) { points in
            for number in 0..<count {
                points.point { point in
                    point.attribute("number", .int(Int64(number)))
                    point.value(.int(1))
                }
            }
        }
        var batch = builder.finish()
        batch.claims = [Claim(sender, items: count)]
        return batch
    }

    @Test func `items that one sender gains do not hide that another one has lost some`() throws {
        let (first, second) = (Sender(), Sender())
        var step = try StepHarness(
            TransformProcessor.self,
            yaml: """
                metric_statements:
                  - 'aggregate_on_attributes("sum", []) where metric.name == "a"'
                  - 'copy_metric(name="x") where metric.name == "b"'
                """)
        var batch = Self.points(2, of: "a", by: first)
        batch.append(Self.points(1, of: "b", by: second))
        var rest = try #require(try step.send(batch).first)
        #expect(rest.itemCount == 3 && !rest.isClaimedExactly)
        // One of the first sender, two of the second.
        let head = rest.removeFirst(items: 1)
        #expect(head.claims.contains { $0.claimant === first })
        let middle = rest.removeFirst(items: 1)
        #expect(middle.claims.contains { $0.claimant === second })
        #expect(rest.claims.contains { $0.claimant === second })
    }
}
