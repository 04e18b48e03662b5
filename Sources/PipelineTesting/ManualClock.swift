public import Pipeline
internal import Synchronization

/// A clock that stands still until a test moves it.
public final class ManualClock: PipelineClock {
    private struct Sleeper {
        let end: Duration
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        typealias Watchers = [(count: Int, continuation: CheckedContinuation<Void, Never>)]

        var elapsed = Duration.zero
        var lastNumber = 0
        var sleepers: [Int: Sleeper] = [:]
        /// Cancelled before they slept.
        var cancelled: Set<Int> = []
        var watchers: Watchers = []
        var random: [Double] = []
    }

    private let state = Mutex(State())
    private let start: UInt64

    /// Starts at 2023-11-14T22:13:20Z unless told otherwise, in nanoseconds since 1970.
    public init(startingAt start: UInt64 = 1_700_000_000_000_000_000) {
        self.start = start
    }

    public var now: Instant { Instant(offset: state.withLock { $0.elapsed }) }

    public var unixNanoseconds: UInt64 {
        let (seconds, attoseconds) = state.withLock { $0.elapsed }.components
        return start + UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }

    /// What `random()` gives, in order; 0.5 when it is used up.
    public func setRandom(_ numbers: [Double]) { state.withLock { $0.random = numbers } }

    public func random() -> Double {
        state.withLock { $0.random.isEmpty ? 0.5 : $0.random.removeFirst() }
    }

    /// Moves the time on and wakes everybody whose time has come.
    public func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.elapsed += duration
            let due = state.sleepers.filter { $0.value.end <= state.elapsed }
            for number in due.keys { state.sleepers[number] = nil }
            return due.values.sorted { $0.end < $1.end }
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }

    public func sleep(for duration: Duration) async throws {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { fallAsleep($0, number, for: duration) }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: number)
                if sleeper == nil { state.cancelled.insert(number) }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// How many tasks sleep at this moment.
    public var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// Returns when at least `count` tasks sleep, so that moving the time reaches them.
    public func waitForSleepers(_ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.sleepers.count < count { state.watchers.append((count, continuation)) }
                return state.sleepers.count >= count
            }
            if isThere { continuation.resume() }
        }
    }

    private func fallAsleep(
        _ continuation: CheckedContinuation<Void, any Error>, _ number: Int, for duration: Duration
    ) {
        guard duration > .zero else { return continuation.resume() }
        let (isCancelled, satisfied) = state.withLock { state in
            guard state.cancelled.remove(number) == nil else { return (true, State.Watchers()) }
            state.sleepers[number] = Sleeper(end: state.elapsed + duration, continuation: continuation)
            let count = state.sleepers.count
            let satisfied = state.watchers.filter { $0.count <= count }
            state.watchers.removeAll { $0.count <= count }
            return (false, satisfied)
        }
        if isCancelled { continuation.resume(throwing: CancellationError()) }
        for watcher in satisfied { watcher.continuation.resume() }
    }
}
