import Pipeline
import Settings
import Synchronization
import Telemetry

/// What the other sides of `ReplayTargetExporter` answer, and what they were sent.
final class ReplayWorld: Sendable {
    private struct State {
        var answers: [String: [Result<ExportOutcome, ExportFailure>]] = [:]
        var openErrors: [String: ComponentError] = [:]
        var attempts: [(exporter: String, batch: Batch)] = []
        var whenAttempted: (@Sendable (Int) -> Void)?
        var open: Set<String> = []
    }

    /// The world of the test that runs.
    @TaskLocal static var current = ReplayWorld()

    private let state = Mutex(State())

    /// Gives these answers to the next attempts; the rest is taken.
    func answer(_ id: String, _ answers: Result<ExportOutcome, ExportFailure>...) {
        state.withLock { $0.answers[id, default: []] += answers }
    }

    func failOpening(_ id: String, _ error: ComponentError) { state.withLock { $0.openErrors[id] = error } }

    /// Calls `action` in every attempt, with its number.
    func whenAttempted(_ action: @escaping @Sendable (Int) -> Void) {
        state.withLock { $0.whenAttempted = action }
    }

    /// The sizes of the batches that were sent, in order.
    var attempts: [Int] { state.withLock { $0.attempts.map { $0.batch.itemCount } } }
    /// Exporters that were opened and not closed.
    var open: Set<String> { state.withLock { $0.open } }

    func setOpen(_ id: String, _ isOpen: Bool) throws(ComponentError) {
        let error = state.withLock { state -> ComponentError? in
            if isOpen, let error = state.openErrors[id] { return error }
            if isOpen { state.open.insert(id) } else { state.open.remove(id) }
            return nil
        }
        if let error { throw error }
    }

    func attempt(_ id: String, _ batch: Batch) throws(ExportFailure) -> ExportOutcome {
        let (answer, number, action) = state.withLock { state in
            state.attempts.append((id, batch))
            let answer = state.answers[id]?.isEmpty == false ? state.answers[id]?.removeFirst() : nil
            return (answer ?? .success(.delivered), state.attempts.count, state.whenAttempted)
        }
        action?(number)
        return try answer.get()
    }
}

/// Answers as the world says, with settings of its own for retries.
struct ReplayTargetExporter: Exporter {
    static let name = "replay_target"
    static let summary = "Answers as a test wants."
    typealias Configuration = DeliverySettings

    let delivery: DeliverySettings
    private let id: String
    private let world = ReplayWorld.current

    init(_ configuration: DeliverySettings, in context: Context) throws(ComponentError) {
        delivery = configuration
        id = context.id.description
    }

    func open() async throws(ComponentError) { try world.setOpen(id, true) }

    func export(_ batch: Batch, on lane: Int) async throws(ExportFailure) -> ExportOutcome {
        let outcome = try world.attempt(id, batch)
        // Whoever stops the replay must not disturb an attempt that is under way.
        guard !Task.isCancelled else { throw .permanent(reason: "the attempt was cancelled") }
        return outcome
    }

    func close() async { try? world.setOpen(id, false) }
}

/// A storage for dead letters in the directory that its settings name.
struct FakeStorage: StorageExtension {
    static let name = "storage"
    static let summary = "Names a directory."

    struct Configuration: SettingGroup {
        var directory = ""
        init() {}
        static var fields: [Field<Configuration>] { [Field("directory", \.directory, "The directory.")] }
    }

    let storage: StorageSettings

    init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        storage = StorageSettings(directory: configuration.directory)
    }

    func run(_ session: ExtensionSession) async throws(ComponentError) {
        session.ready()
        _ = await session.stopRequested()
    }
}
