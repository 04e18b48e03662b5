internal import CMalloc
internal import Delivery
internal import Glibc
internal import Pipeline

/// What the process can say about itself: the `otelcol_process_*` metrics.
enum ProcessFacts {
    /// The processor the program was built for, as Go names it.
    static var architecture: String {
        #if arch(x86_64)
        "amd64"
        #elseif arch(arm64)
        "arm64"
        #else
        "unknown"
        #endif
    }

    /// Registers the metrics of the process.
    static func publish(in metrics: Metrics, clock: any PipelineClock) {
        let start = clock.now
        metrics.observe(
            "otelcol_process_uptime", "Uptime of the process.", unit: "s", kind: .counter, labels: []
        ) {
            seconds(clock.now - start)
        }
        metrics.observe(
            "otelcol_process_cpu_seconds", "Total CPU user and system time.", unit: "s", kind: .counter,
            labels: [],
            read: cpuSeconds)
        metrics.observe(
            "otelcol_process_memory_rss", "Total physical memory (resident set size).", unit: "By", labels: []
        ) { Double(SystemMemory.resident ?? 0) }
        metrics.observe(
            "otelcol_process_runtime_heap_alloc_bytes", "Bytes of allocated heap objects.", unit: "By",
            labels: []
        ) { Double(mallinfo2().uordblks + mallinfo2().hblkhd) }
        metrics.observe(
            "otelcol_process_runtime_total_sys_memory_bytes", "Bytes of memory obtained from the system.",
            unit: "By",
            labels: []
        ) { Double(mallinfo2().arena + mallinfo2().hblkhd) }
    }

    private static func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1_000_000
    }

    private static func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }
}
