public import Pipeline
public import Telemetry

/// Refuses telemetry while the process holds too much of it.
///
/// It sets the limits of the process (`MemoryBudget`): from the soft limit on receivers refuse requests
/// before they read them, from the hard limit on they read nothing. What comes another way, or was on its
/// way already, is refused here, by the limits of this processor alone.
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

    /// The keys of the processor, which it shares with the extension of the same name.
    public typealias Configuration = MemoryLimiterSettings

    private let watch: MemoryWatch
    private let traffic: [Signal: Traffic]

    public init(_ configuration: MemoryLimiterSettings, in context: Context) throws(ComponentError) {
        let limits = try configuration.limits(context.memory.probe)
        traffic = Self.traffic(in: context)
        watch = Siblings.object(for: context, variant: "\(limits) \(configuration.checkInterval)") {
            MemoryWatch(limits, of: configuration, in: context)
        }
    }

    public mutating func process(_ batch: inout Batch) throws(Rejection) {
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
