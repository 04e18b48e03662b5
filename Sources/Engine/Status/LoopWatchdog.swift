public import NIOCore
public import Pipeline
internal import Synchronization

/// Notices when an event loop, or the pool that tasks run on, does not get to its work any more.
///
/// Once a second it asks every loop to note the time; whoever reads `lag` learns how long the slowest loop
/// has owed an answer. It knows nothing about backends: a loop is alive whether or not data can be sent.
public final class LoopWatchdog: Sendable {
    /// Runs something on a loop, soon.
    typealias Ping = @Sendable (_ answer: @escaping @Sendable () -> Void) -> Void

    /// The lag from which on the process counts as hung.
    public static let limit = Duration.seconds(5)
    /// Time between two questions.
    static let interval = Duration.seconds(1)

    private let pings: [Ping]
    private let clock: any PipelineClock
    private let answers: Mutex<[Instant]>

    /// Watches `loops`; the lag counts from now on, so `run` has to be called within `limit`.
    public convenience init(loops: [any EventLoop], clock: any PipelineClock) {
        self.init(pings: loops.map { loop in { answer in loop.execute(answer) } }, clock: clock)
    }

    init(pings: [Ping], clock: any PipelineClock) {
        self.pings = pings
        self.clock = clock
        answers = Mutex(Array(repeating: clock.now, count: pings.count))
    }

    /// Asks until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            for (index, ping) in pings.enumerated() {
                ping { [weak self] in self?.note(index) }
            }
            _ = try? await clock.sleep(for: Self.interval)
        }
    }

    /// How long ago the slowest loop last answered; about a second at most while all is well.
    public var lag: Duration {
        let now = clock.now
        return answers.withLock { $0.map { now - $0 }.max() ?? .zero }
    }

    /// Whether every loop has answered within `limit`.
    public var isAlive: Bool { lag < Self.limit }

    private func note(_ index: Int) {
        let now = clock.now
        answers.withLock { $0[index] = now }
    }
}
