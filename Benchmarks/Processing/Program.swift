import Glibc
import Pipeline
import PipelineTesting
import Processors
import Settings
import Telemetry
import Wire

/// What processors cost for a span: CPU time of this thread for batches of 512 spans with 8 attributes each.
///
/// `processing-benchmark [part of a case's name]`
@main enum Program {
    static func main() throws {
        let wanted = CommandLine.arguments.dropFirst().first ?? ""
        print("case".padded(to: 52), "median", "  best", "(ns per span)")
        for (name, processor) in try cases() where name.contains(wanted) {
            let (median, best) = try Stopwatch.time(processor)
            print(name.padded(to: 52), median.padded, best.padded)
        }
    }

    private static func cases() throws -> [(String, AnyStep)] {
        try Cases.attributes.map { ("attributes: " + $0, try step(AttributesProcessor.self, $1)) }
            + Cases.resource.map { ("resource: " + $0, try step(ResourceProcessor.self, $1)) }
            + Cases.redaction.map { ("redaction: " + $0, try step(RedactionProcessor.self, $1)) }
            + Cases.span.map { ("span: " + $0, try step(SpanProcessor.self, $1)) }
            + Cases.sampler.map { ("probabilistic_sampler: " + $0, try step(ProbabilisticSampler.self, $1)) }
            + Cases.grouping.map { ("groupbyattrs: " + $0, try step(GroupByAttrsProcessor.self, $1)) }
            + Cases.filter.map { ("filter: " + $0, try step(FilterProcessor.self, $1)) }
            + Cases.transform.map { ("transform: " + $0, try step(TransformProcessor.self, $1)) }
            + TailSamplingCases.policies.map { ("tail_sampling: " + $0, try TailSamplingCases.step($1)) }
    }

    private static func step<Step: Holder>(_ type: Step.Type, _ yaml: String) throws -> AnyStep {
        let configuration = try Step.Configuration.decode(yaml: yaml)
        var step = try Step(configuration, in: Harness().context(.processor, Step.name))
        return { batch in
            var output = Output()
            try step.take(batch, into: &output)
            return output.batches.reduce(0) { $0 + $1.itemCount }
        }
    }
}

/// Processes a batch and says how many items are left.
typealias AnyStep = (Batch) throws -> Int

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}

extension Double {
    /// A whole number, six wide.
    var padded: String {
        let text = String(Int(rounded()))
        return String(repeating: " ", count: max(0, 6 - text.count)) + text
    }
}
