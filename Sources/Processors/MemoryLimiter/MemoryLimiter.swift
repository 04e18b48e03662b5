internal import Logging
public import Pipeline
public import Telemetry

/// Refuses telemetry while the process holds too much of it.
///
/// What counts is the memory of all telemetry in the process, bodies that are being received and queues
/// included: it is looked at for every batch, so there is no interval in which it could run away. The
/// resident size of the process is looked at too, at `check_interval`, and only against the hard limit: alone
/// it would be wrong, because the allocator keeps freed memory for later and the size would stay high,
/// refusing everything, long after the telemetry is gone.
///
/// Senders are told to keep their data and try again. Put this processor first in a pipeline.
public struct MemoryLimiter: Processor {
    public static let name = "memory_limiter"
    public static let summary = "Refuses telemetry while the process holds too much of it; senders try again."

    private let watch: MemoryWatch
    private let checkInterval: Duration
    private let clock: any PipelineClock
    private let traffic: [Signal: Traffic]
    private var nextResidentCheck = Instant(offset: .zero)

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        try self.init(configuration, in: context, probe: .process)
    }

    init(_ configuration: Configuration, in context: Context, probe: MemoryProbe) throws(ComponentError) {
        let limits = try configuration.limits(total: probe.total)
        checkInterval = configuration.checkInterval
        clock = context.clock
        traffic = Self.traffic(in: context)
        watch = Siblings.object(for: context, variant: "\(limits) \(configuration.checkInterval)") {
            if configuration.namesCollection {
                context.logger.info(
                    "keys about garbage collection have no effect: there is nothing to collect")
            }
            return MemoryWatch(
                limits, checkInterval: configuration.checkInterval, probe: probe, context: context)
        }
    }

    public mutating func process(_ batch: inout Batch) throws(Rejection) {
        let now = clock.now
        if now >= nextResidentCheck {
            nextResidentCheck = now + checkInterval
            watch.checkResidentSize()
        }
        let items = batch.itemCount
        guard watch.admits() else {
            traffic[batch.signal]?.refused.add(items)
            throw .later(reason: "data refused due to high memory usage", after: .seconds(1))
        }
        traffic[batch.signal]?.accepted.add(items)
    }

    private static func traffic(in context: Context) -> [Signal: Traffic] {
        let labels: Metrics.Labels = [("processor", context.id.description)]
        let pairs = Signal.allCases.map { signal in
            let items = signal.itemName
            let accepted = context.metrics.counter(
                "otelcol_processor_memory_limiter_accepted_\(items)", "Items let through.", labels: labels)
            let refused = context.metrics.counter(
                "otelcol_processor_memory_limiter_refused_\(items)", "Items refused for lack of memory.",
                labels: labels)
            return (signal, Traffic(accepted: accepted, refused: refused))
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }
}
