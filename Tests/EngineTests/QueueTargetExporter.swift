import Pipeline
import PipelineTesting
import Settings
import Synchronization
import Telemetry

/// Where the batches of `QueueTargetExporter` go, by the id of the exporter.
final class QueueWorld: Sendable {
    private let sinks = Mutex<[String: RecordingSink]>([:])

    /// The world of the test that runs.
    @TaskLocal static var current = QueueWorld()

    subscript(_ id: String) -> RecordingSink {
        sinks.withLock { sinks in
            if let sink = sinks[id] { return sink }
            let sink = RecordingSink()
            sinks[id] = sink
            return sink
        }
    }
}

/// Keeps what arrives, behind a queue.
struct QueueTargetExporter: Exporter {
    static let name = "queue"
    static let summary = "Keeps what arrives, behind a queue."
    typealias Configuration = DeliverySettings

    let delivery: DeliverySettings
    private let sink: RecordingSink

    init(_ configuration: DeliverySettings, in context: Context) throws(ComponentError) {
        delivery = configuration
        sink = QueueWorld.current[context.id.description]
    }

    func export(_ batch: Batch, on lane: Int) async throws(ExportFailure) -> ExportOutcome {
        do throws(Rejection) {
            if case .pending(let receipt) = try sink.consume(batch) { try await receipt.wait() }
        } catch {
            switch error {
            case .later(let reason, _): throw .retryable(reason: reason)
            case .never: throw .permanent(reason: "\(error)")
            }
        }
        return .delivered
    }
}
