internal import Logging
internal import Pipeline
internal import Synchronization

/// Decides for all lanes and pipelines of one memory limiter whether telemetry may come in, and tells when
/// that changes.
///
/// The decision is made anew for every batch. What is reported changes less often: "refusing" with the first
/// batch that is refused, "within limits" after a whole interval without a refusal, so that memory which
/// hovers around the limit does not fill the log.
final class MemoryWatch: Sendable {
    private let limits: MemoryLimits
    private let checkInterval: Duration
    private let probe: MemoryProbe
    private let context: Context
    private let isProcessTooLarge = Atomic<Bool>(false)
    private let hasRefused = Atomic<Bool>(false)
    private let isReported = Atomic<Bool>(false)

    init(_ limits: MemoryLimits, checkInterval: Duration, probe: MemoryProbe, context: Context) {
        self.limits = limits
        self.checkInterval = checkInterval
        self.probe = probe
        self.context = context
    }

    /// Whether a batch may come in now.
    func admits() -> Bool {
        if probe.live() < limits.soft, !isProcessTooLarge.load(ordering: .relaxed) { return true }
        hasRefused.store(true, ordering: .relaxed)
        if !isReported.exchange(true, ordering: .relaxed) { report() }
        return false
    }

    /// Compares the size of the process with the hard limit.
    func checkResidentSize() {
        let isTooLarge = probe.resident().map { $0 >= limits.hard } ?? false
        isProcessTooLarge.store(isTooLarge, ordering: .relaxed)
    }

    private func report() {
        let usage = usage
        context.logger.warning("memory usage is above the limit, refusing data", metadata: usage)
        context.status(.recoverableError("memory usage is above the limit, data is refused"))
        let clock = context.clock
        let interval = checkInterval
        Task { [weak self] in
            repeat { try? await clock.sleep(for: interval) } while self?.staysLimited() ?? false
        }
    }

    /// One look at the end of an interval; reports and returns `false` when the interval was a good one.
    private func staysLimited() -> Bool {
        // Memory that is free but kept by the allocator can be given back; this is not a lane, so it may take
        // its time.
        if isProcessTooLarge.load(ordering: .relaxed) { probe.trim() }
        checkResidentSize()
        let refused = hasRefused.exchange(false, ordering: .relaxed)
        let isWithinLimits = probe.live() < limits.soft && !isProcessTooLarge.load(ordering: .relaxed)
        guard isWithinLimits, !refused else { return true }
        isReported.store(false, ordering: .relaxed)
        context.logger.info("memory usage is back within limits", metadata: usage)
        context.status(.ok)
        return false
    }

    private var usage: Logger.Metadata {
        [
            "telemetry_mib": "\(probe.live() >> 20)",
            "resident_mib": "\(probe.resident().map { "\($0 >> 20)" } ?? "unknown")",
            "soft_limit_mib": "\(limits.soft >> 20)", "hard_limit_mib": "\(limits.hard >> 20)",
        ]
    }
}
