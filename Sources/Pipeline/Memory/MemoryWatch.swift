internal import Logging
internal import Synchronization

/// The limits that one memory limiter puts on the process, and what it tells about them.
///
/// One value exists for each configured limiter, whatever the number of its pipelines and lanes. Its limits
/// count until the last reference is gone.
///
/// The decision is made anew for every request and batch. What is reported changes less often: "refusing"
/// with the first refusal, "within limits" after a whole interval without one, so that memory which hovers
/// around the limit does not fill the log.
public final class MemoryWatch: Sendable {
    let limits: MemoryLimits
    let checkInterval: Duration
    private let context: Context
    private let isProcessTooLarge = Atomic<Bool>(false)
    private let hasRefused = Atomic<Bool>(false)
    private let isReported = Atomic<Bool>(false)

    private var budget: MemoryBudget { context.memory }

    /// Puts `limits`, which were made of `settings`, on the budget of `context`.
    public init(_ limits: MemoryLimits, of settings: MemoryLimiterSettings, in context: Context) {
        self.limits = limits
        checkInterval = settings.checkInterval
        self.context = context
        if settings.namesCollection {
            context.logger.info("keys about garbage collection have no effect: there is nothing to collect")
        }
        context.memory.add(self)
    }

    deinit { context.memory.remove(ObjectIdentifier(self)) }

    /// Whether telemetry may come in as far as this limiter is concerned.
    public func admits() -> Bool {
        guard isExceeded else { return true }
        noteRefusal()
        return false
    }

    /// Takes note that something was refused for lack of memory, if this limiter is among the reasons.
    func noteRefusal() {
        guard isExceeded else { return }
        hasRefused.store(true, ordering: .relaxed)
        if !isReported.exchange(true, ordering: .relaxed) { report() }
    }

    /// Compares the size of the process with the hard limit.
    func checked(resident: Int) {
        isProcessTooLarge.store(resident >= limits.hard, ordering: .relaxed)
    }

    private var isExceeded: Bool {
        budget.probe.live() >= limits.soft || isProcessTooLarge.load(ordering: .relaxed)
    }

    private func report() {
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
        let refused = hasRefused.exchange(false, ordering: .relaxed)
        guard !isExceeded, !refused else { return true }
        isReported.store(false, ordering: .relaxed)
        context.logger.info("memory usage is back within limits", metadata: usage)
        context.status(.ok)
        return false
    }

    private var usage: Logger.Metadata {
        [
            "telemetry_mib": "\(budget.probe.live() >> 20)",
            "resident_mib": "\(budget.probe.resident().map { "\($0 >> 20)" } ?? "unknown")",
            "soft_limit_mib": "\(limits.soft >> 20)", "hard_limit_mib": "\(limits.hard >> 20)",
        ]
    }
}
