internal import Logging
internal import Synchronization

/// Lets through the first lines with the same level and message in each tick, and then every n-th.
///
/// The number of different messages it remembers is bounded; beyond that, lines pass unsampled.
public final class LogSampler: Sendable {
    private struct Count {
        var tick: Int64
        var lines: Int
    }

    private static let rememberedMessages = 1024

    private let tick: Duration
    private let initial: Int
    private let thereafter: Int
    private let start = ContinuousClock.now
    private let counts = Mutex<[String: Count]>([:])

    /// In each `tick`, passes `initial` lines and then one in `thereafter` (none when it is 0).
    public init(tick: Duration, initial: Int, thereafter: Int) {
        self.tick = tick
        self.initial = initial
        self.thereafter = thereafter
    }

    func admits(_ level: Logger.Level, _ message: String) -> Bool {
        guard tick > .zero else { return true }
        let now = Int64((ContinuousClock.now - start) / tick)
        let line = counts.withLock { counts -> Int in
            let key = level.rawValue + message
            var count = counts[key] ?? Count(tick: now, lines: 0)
            if count.tick != now { count = Count(tick: now, lines: 0) }
            count.lines += 1
            if counts.count >= Self.rememberedMessages, counts[key] == nil {
                counts = counts.filter { $0.value.tick == now }
            }
            if counts.count < Self.rememberedMessages || counts[key] != nil { counts[key] = count }
            return count.lines
        }
        guard line > initial else { return true }
        return thereafter > 0 && (line - initial).isMultiple(of: thereafter)
    }
}
