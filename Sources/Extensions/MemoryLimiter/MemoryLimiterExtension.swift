public import Pipeline

/// Limits the memory of the process without a step in a pipeline (otelcol's memory_limiter extension).
///
/// Receivers refuse requests from the soft limit on, before they read them, and read nothing from the hard
/// limit on; see `MemoryBudget`. Unlike in otelcol it need not be named by each receiver: it counts for all.
public struct MemoryLimiterExtension: Extension {
    public static let name = "memory_limiter"
    public static let summary = "Makes receivers refuse requests while the process holds too much telemetry."

    /// The keys of the extension, which it shares with the processor of the same name.
    public typealias Configuration = MemoryLimiterSettings

    private let watch: MemoryWatch

    public init(_ configuration: MemoryLimiterSettings, in context: Context) throws(ComponentError) {
        let limits = try configuration.limits(context.memory.probe)
        watch = MemoryWatch(limits, of: configuration, in: context)
    }

    public func run(_ session: ExtensionSession) async throws(ComponentError) {
        session.ready()
        _ = await session.stopRequested()
    }
}
