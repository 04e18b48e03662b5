import Delivery
import Pipeline
import PipelineTesting
import Settings
import Synchronization
import Telemetry

/// An exporter whose answers a test decides, one call after the other.
final class ScriptedExporter: Exporter {
    static let name = "scripted"
    static let summary = "Answers as a test says."

    struct Configuration: SettingGroup {
        static var fields: [Field<Configuration>] { [] }
    }

    /// What becomes of one call.
    enum Answer: Sendable {
        case outcome(ExportOutcome)
        case failure(ExportFailure)
        /// Waits until the gate is resolved, then delivers.
        case wait(PendingReceipt)
    }

    private struct State {
        var script: [Answer] = []
        var otherwise = Answer.outcome(.delivered)
        var batches: [Batch] = []
        var inFlight = 0
        var mostInFlight = 0
    }

    let delivery = DeliverySettings()
    private let state = Mutex(State())

    init() {}
    init(_ configuration: Configuration, in context: Context) throws(ComponentError) {}

    /// Adds answers; when there are none left, `otherwise` is the answer.
    func script(_ answers: Answer...) { state.withLock { $0.script += answers } }

    /// Sets the answer to calls without one of their own; at first everything is delivered.
    func otherwise(_ answer: Answer) { state.withLock { $0.otherwise = answer } }

    /// Every batch in the order of the calls.
    var batches: [Batch] { state.withLock { $0.batches } }
    var mostInFlight: Int { state.withLock { $0.mostInFlight } }

    func export(_ batch: Batch, on lane: Int) async throws(ExportFailure) -> ExportOutcome {
        let answer = state.withLock { state -> Answer in
            state.batches.append(batch)
            state.inFlight += 1
            state.mostInFlight = max(state.mostInFlight, state.inFlight)
            return state.script.isEmpty ? state.otherwise : state.script.removeFirst()
        }
        defer { state.withLock { $0.inFlight -= 1 } }
        switch answer {
        case .outcome(let outcome): return outcome
        case .failure(let failure): throw failure
        case .wait(let gate):
            do throws(Rejection) { try await gate.wait() } catch { throw .permanent(reason: error.reason) }
            return .delivered
        }
    }

    /// A queue in front of this exporter, with the default settings as `change` leaves them.
    ///
    /// With `storage` it is kept on disk there, and so are dead letters when the settings want them.
    func queue(
        _ harness: Harness, storage: StorageSettings? = nil, _ change: (inout DeliverySettings) -> Void
    ) -> DeliveryQueue {
        var settings = DeliverySettings()
        change(&settings)
        let context = harness.context(.exporter, "scripted")
        return DeliveryQueue(
            exporter: self, settings: settings,
            surroundings: .init(
                id: context.id, lanes: harness.lanes, clock: harness.clock, logger: context.logger,
                meters: DeliveryMeters(exporter: context.id, signal: .traces, metrics: harness.metrics),
                memory: context.memory, status: context.status,
                storage: storage.map { QueueStorage($0, exporter: context.id, signal: .traces) },
                deadLetters: settings.onPermanentError == .drop
                    ? nil
                    : storage.map {
                        QueueStorage(
                            $0, deadLetters: settings.deadLetters, exporter: context.id, signal: .traces)
                    }))
    }
}
