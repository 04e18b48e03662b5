internal import CMalloc
internal import Delivery
internal import Pipeline

/// The memory of the process: how it is measured, and the metrics that say how full it is.
enum MemoryFacts {
    /// Measures the process this runs in.
    static let probe = MemoryProbe(
        resident: { SystemMemory.resident }, trim: { malloc_trim(0) },
        limited: { AllocatorPolicy.apply(limit: $0?.hard) },
        total: { () throws(ComponentError) in try SystemMemory.available() })

    /// Registers the metrics of `budget`.
    static func publish(_ budget: MemoryBudget, in metrics: Metrics) {
        metrics.observe(
            "apus_telemetry_memory_bytes", "Bytes that telemetry in flight occupies.", unit: "By", labels: []
        ) { Double(budget.probe.live()) }
        metrics.observe(
            "apus_memory_limit_bytes", "The strictest limit of all memory limiters; 0 without one.",
            unit: "By", labels: [("limit", "soft")]
        ) { Double(budget.limits?.soft ?? 0) }
        metrics.observe(
            "apus_memory_limit_bytes", "The strictest limit of all memory limiters; 0 without one.",
            unit: "By", labels: [("limit", "hard")]
        ) { Double(budget.limits?.hard ?? 0) }
        metrics.observe(
            "apus_memory_state", "0: there is room; 1: requests are refused; 2: nothing is read.", labels: []
        ) { Double(budget.state.rawValue) }
    }
}
