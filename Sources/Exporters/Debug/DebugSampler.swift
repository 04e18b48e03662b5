internal import Pipeline
internal import Synchronization
internal import Telemetry

/// Decides which batches are printed, second by second and for each signal.
final class DebugSampler: Sendable {
    private struct Window {
        var second: Duration?
        var count = 0
    }

    private let initial: Int
    private let thereafter: Int
    private let clock: any PipelineClock
    private let windows = Mutex<[Signal: Window]>([:])

    init(initial: Int, thereafter: Int, clock: any PipelineClock) {
        self.initial = initial
        self.thereafter = thereafter
        self.clock = clock
    }

    /// Counts a batch and says whether to print it: the first ones of a second, then every so many.
    func admits(_ signal: Signal) -> Bool {
        guard thereafter != 1 else { return true }
        let second = Duration.seconds(clock.now.offset.components.seconds)
        let count = windows.withLock { windows in
            var window = windows[signal] ?? Window()
            if window.second != second { window = Window(second: second) }
            window.count += 1
            windows[signal] = window
            return window.count
        }
        guard count > initial else { return true }
        return thereafter > 0 && (count - initial).isMultiple(of: thereafter)
    }
}
