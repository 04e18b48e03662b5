internal import Synchronization

/// How much memory all telemetry of a process may use together, and whether there is room for more.
///
/// Memory limiters set the limits; where several do, the strictest counts. A limit lasts as long as the
/// `MemoryWatch` that holds it, so with the components of an old configuration its limits go away. Without a
/// limiter there is always room.
///
/// What counts is the memory of `Bytes`: bodies that are being received, decompressed and kept, batches and
/// queues. It is compared at every request, so there is no interval in which it could run away. What is not
/// counted is small or bounded elsewhere: a read buffer for each connection, the tables of HTTP/2, the
/// bookkeeping of queues. The resident size of the process covers it: looked at every `check_interval` and
/// only against the hard limit, because the allocator keeps freed memory and the size alone would go on
/// refusing long after the telemetry is gone.
public final class MemoryBudget: Sendable {
    /// How full the memory is.
    public enum State: Int, Sendable {
        /// There is room.
        case normal
        /// Requests are refused before their bodies are read.
        case soft
        /// Servers do not read from their sockets.
        case hard
    }

    private struct Entry: Sendable {
        let limits: MemoryLimits
        let checkInterval: Duration
        weak let watch: MemoryWatch?
    }

    /// How memory is measured.
    public let probe: MemoryProbe
    private let soft = Atomic<Int>(.max)
    private let hard = Atomic<Int>(.max)
    private let isProcessTooLarge = Atomic<Bool>(false)
    /// What the process needs beside telemetry: the least that has been seen, `.max` before the first look.
    private let base = Atomic<Int>(.max)
    private let entries = Mutex<[ObjectIdentifier: Entry]>([:])
    private let trimming = Mutex(TrimPace())

    /// Makes a budget without a limit.
    public init(probe: MemoryProbe) {
        self.probe = probe
    }

    /// The state at this moment.
    public var state: State {
        let live = probe.live()
        if live >= hard.load(ordering: .relaxed) { return .hard }
        let isOver = live >= soft.load(ordering: .relaxed) || isProcessTooLarge.load(ordering: .relaxed)
        return isOver ? .soft : .normal
    }

    /// Bytes that bodies under way may still take; 0 while the process is too large.
    ///
    /// They may fill the memory up to the hard limit, less what the process needs without telemetry, or up to
    /// the soft limit where that is more.
    public var room: Int {
        guard let limits else { return .max }
        let base = base.load(ordering: .relaxed)
        let ceiling = max(limits.soft, limits.hard - (base == .max ? 0 : base))
        return isProcessTooLarge.load(ordering: .relaxed) ? 0 : max(0, ceiling - probe.live())
    }

    /// The limits that count; `nil` when there are none.
    public var limits: MemoryLimits? {
        let (soft, hard) = (soft.load(ordering: .relaxed), hard.load(ordering: .relaxed))
        return hard < .max ? MemoryLimits(hard: hard, spike: hard - soft) : nil
    }

    /// Whether a request may come in now; if not, the limiters in question report that data is refused.
    public func admits() -> Bool {
        guard state != .normal else { return true }
        for watch in watches { watch.noteRefusal() }
        return false
    }

    // MARK: - The size of the process

    /// Looks at the size of the process until the task is cancelled: at the interval of the limiters, and ten
    /// times a second when half of the limit is in use.
    ///
    /// It does not belong on a lane: giving memory back may take milliseconds.
    public func keepWatch(_ clock: any PipelineClock) async {
        while !Task.isCancelled {
            let interval = entries.withLock { $0.values.map { $0.checkInterval }.min() } ?? .seconds(1)
            let isHalfFull = limits.map { (probe.resident() ?? 0) >= $0.hard / 2 } ?? false
            try? await clock.sleep(for: isHalfFull ? min(interval, Self.shortInterval) : interval)
            check()
        }
    }

    private static let shortInterval = Duration.milliseconds(100)

    /// Compares the size of the process with the limits, after giving back what the allocator only keeps.
    public func check() {
        guard let limits else {
            isProcessTooLarge.store(false, ordering: .relaxed)
            return
        }
        var resident = probe.resident() ?? 0
        if resident >= limits.soft, trimming.withLock({ $0.isDue() }) {
            probe.trim()
            let after = probe.resident() ?? 0
            trimming.withLock { $0.trimmed(gaveBack: resident - after, of: limits.hard) }
            resident = after
        }
        isProcessTooLarge.store(resident >= limits.hard, ordering: .relaxed)
        let least = base.load(ordering: .relaxed)
        let rest = max(0, resident - probe.live())
        base.store(min(least, rest), ordering: .relaxed)
        for watch in watches { watch.checked(resident: resident) }
    }

    // MARK: - Limits

    /// Sets the limits of `watch` for as long as it lives.
    func add(_ watch: MemoryWatch) {
        let entry = Entry(limits: watch.limits, checkInterval: watch.checkInterval, watch: watch)
        entries.withLock { entries in
            entries[ObjectIdentifier(watch)] = entry
            apply(entries)
        }
    }

    /// Removes the limits of a watch that goes away.
    func remove(_ watch: ObjectIdentifier) {
        entries.withLock { entries in
            entries[watch] = nil
            apply(entries)
        }
    }

    private func apply(_ entries: [ObjectIdentifier: Entry]) {
        soft.store(entries.values.map { $0.limits.soft }.min() ?? .max, ordering: .relaxed)
        hard.store(entries.values.map { $0.limits.hard }.min() ?? .max, ordering: .relaxed)
        probe.limited(limits)
        if entries.isEmpty { isProcessTooLarge.store(false, ordering: .relaxed) }
    }

    private var watches: [MemoryWatch] { entries.withLock { $0.values.compactMap { $0.watch } } }
}

/// Spaces out attempts to give memory back that achieve nothing: each costs the lanes a moment.
///
/// A check is a tenth of a second while memory is short.
private struct TrimPace {
    private var checksToSkip = 0
    private var lastPause = shortestPause
    private static let shortestPause = 5
    private static let longestPause = 320

    mutating func isDue() -> Bool {
        guard checksToSkip > 0 else { return true }
        checksToSkip -= 1
        return false
    }

    /// Less than a twentieth of the limit was not worth it; the pause doubles.
    mutating func trimmed(gaveBack bytes: Int, of limit: Int) {
        lastPause = bytes >= limit / 20 ? Self.shortestPause : min(lastPause * 2, Self.longestPause)
        checksToSkip = lastPause
    }
}
