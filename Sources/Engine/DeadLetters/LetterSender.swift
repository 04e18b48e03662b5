internal import Delivery
internal import Pipeline
internal import Telemetry
internal import Transport

/// Sends dead letters through one exporter, one after another.
struct LetterSender {
    /// So many failures in a row that may pass end the sending through this exporter.
    static let failureLimit = 3
    /// A pause that is longer than this is not worth waiting for with a person before the screen.
    static let longestPause = Duration.seconds(60)
    /// What is said of letters that were not sent because somebody wants an end.
    static let stopped = "stopped before it was sent"

    private let exporter: any Exporter
    private let executor: LoopExecutor
    private let clock: any PipelineClock
    private var failures = 0
    /// Why nothing more is sent; `nil` while the exporter is worth another letter.
    private(set) var surrender: String?

    /// Makes a sender for `exporter`, which is open and has the first lane of `surroundings`.
    init(_ exporter: any Exporter, _ surroundings: EngineSurroundings) {
        self.exporter = exporter
        executor = LoopExecutor(surroundings.lanes[0].eventLoop)
        clock = surroundings.clock
    }

    /// Sends one batch, and again as the exporter's retry settings say for failures that may pass.
    ///
    /// A cancelled task ends the pauses, never an attempt: what the other side takes has to be known.
    mutating func send(_ batch: Batch) async -> ReplayedLetter.Outcome {
        let retry = exporter.delivery.retry
        var backoff = Backoff(retry)
        let start = clock.now
        while true {
            let failure: ExportFailure
            do throws(ExportFailure) {
                let outcome = try await attempt(batch)
                failures = 0
                return .delivered(rejectedItems: outcome.rejectedItems, message: outcome.message)
            } catch {
                failure = error
            }
            guard case .retryable(let reason, let requested) = failure else {
                failures = 0
                return .refused(reason: failure.description)
            }
            failures += 1
            guard failures < Self.failureLimit else {
                surrender = "gave up on the exporter after \(failures) attempts: \(reason)"
                return .unreached(reason: reason)
            }
            let delay = backoff.next(
                elapsed: clock.now - start, requested: requested, random: clock.random())
            guard retry.enabled, let delay else { return .unreached(reason: reason) }
            guard delay <= Self.longestPause else {
                surrender = "the next attempt would be in \(delay): \(reason)"
                return .unreached(reason: reason)
            }
            guard (try? await clock.sleep(for: delay)) != nil else { return .unreached(reason: reason) }
        }
    }

    private func attempt(_ batch: Batch) async throws(ExportFailure) -> ExportOutcome {
        // A task of its own is not cancelled with the one that waits for it.
        let task = Task(executorPreference: executor) { [exporter] () -> Result<_, ExportFailure> in
            do throws(ExportFailure) {
                return .success(try await exporter.export(batch, on: 0))
            } catch {
                return .failure(error)
            }
        }
        return try await task.value.get()
    }
}
