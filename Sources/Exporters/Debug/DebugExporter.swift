internal import Delivery
internal import Logging
public import Pipeline
internal import Synchronization
public import Telemetry

/// Prints telemetry, for people who set up a pipeline: how much, one line for each item, or everything.
///
/// The texts follow otelcol's exporter of that name, which does not promise to keep them either. Printing
/// happens on the lane that brings the batch, so this exporter is slow where much is printed.
public struct DebugExporter: DirectExporter {
    public static let name = "debug"
    public static let summary = "Prints telemetry to the log or to standard output."

    private let verbosity: Verbosity
    private let logger: Logger
    private let sampler: DebugSampler
    private let output: DebugOutput?

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        verbosity = configuration.verbosity
        logger = context.logger
        sampler = DebugSampler(
            initial: configuration.samplingInitial, thereafter: configuration.samplingThereafter,
            clock: context.clock)
        output = configuration.useInternalLogger ? nil : DebugOutput()
    }

    public func write(_ batch: Batch) throws(Rejection) {
        guard sampler.admits(batch.signal) else { return }
        let summary = DebugSummary(batch)
        let text: String? =
            switch verbosity {
            case .basic: nil
            case .normal: DebugLines(batch).text
            case .detailed: DebugText(batch).text
            }
        if let output {
            try output.write(summary.line + (text ?? ""))
        } else {
            logger.info("\(summary.title)", metadata: summary.metadata)
            if let text { logger.info("\(text)") }
        }
    }
}
