import Logging
import Pipeline
import PipelineTesting
import Telemetry
import Testing

@testable import Processors

/// What is said of statements that fail.
@Suite struct StatementFailureTests {
    @Test func `a statement that ends the work is counted like one that is ignored`() throws {
        var step = try StepHarness(
            TransformProcessor.self,
            yaml: """
                error_mode: propagate
                log_statements:
                  - error_mode: ignore
                    context: log
                    conditions: ['Substring(body, 0, 9) == "x"', 'true']
                    statements: ['set(attributes["b"], Substring(body, 0, 8))']
                  - statements: ['set(log.severity_text, log.attributes["a"]) where log.severity_number == 0']
                """)
        var builder = LogsBuilder()
        for _ in 0..<3 { builder.record { $0.attribute("a", 1) } }
        let batch = builder.finish()
        #expect {
            _ = try step.send(batch)
        } throws: { error in
            "\(error)" == "refused: the processor transform could not evaluate 'set(log.severity_text, "
                + #"log.attributes["a"]) where log.severity_number == 0': expected string but got int"#
        }
        #expect(step.failures == ["ignore": 6, "propagate": 1])
        #expect(
            step.surroundings.metric(
                "apus_processor_statement_failures",
                [
                    "processor": "transform", "error_mode": "propagate",
                    "statement":
                        #"set(log.severity_text, log.attributes["a"]) where log.severity_number == 0"#,
                ]) == 1)
        #expect(step.surroundings.log.messages(.warning) == ["a statement could not be evaluated"])
    }

    @Test func `a condition that ends the work is counted too`() throws {
        var step = try StepHarness(
            FilterProcessor.self,
            yaml: #"{error_mode: propagate, log_conditions: ['Substring(log.body, 0, 9) == "x"']}"#)
        let batch = Batch.one(.logs, [:], name: "short")
        for _ in 0..<2 {
            #expect(throws: Rejection.self) { _ = try step.send(batch) }
        }
        #expect(step.failures == ["propagate": 2])
    }
}

extension StepHarness {
    /// Failures of statements, by what they led to.
    var failures: [String: Double] {
        let family = surroundings.metrics.snapshot().first { $0.name == "apus_processor_statement_failures" }
        var failures: [String: Double] = [:]
        for sample in family?.samples ?? [] {
            guard case .number(let number) = sample.value else { continue }
            let mode = sample.labels.first { $0.name == "error_mode" }?.value ?? ""
            failures[mode, default: 0] += number
        }
        return failures
    }
}
