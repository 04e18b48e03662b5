internal import Logging
internal import Pipeline
internal import Synchronization

/// The status of every component, kept to otelcol's state machine.
final class StatusBoard: Sendable {
    /// Names a component.
    struct Key: Hashable, Sendable {
        let kind: ComponentKind
        let id: ComponentID
    }

    private let states = Mutex<[Key: ComponentStatus]>([:])
    private let fatal = Lifeline()
    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
    }

    /// Takes a component in, as starting.
    func register(_ kind: ComponentKind, _ id: ComponentID) {
        states.withLock { $0[Key(kind: kind, id: id)] = .starting }
    }

    /// Forgets every component, before another configuration takes over.
    func removeAll() { states.withLock { $0.removeAll() } }

    /// Records a change; one that the state machine does not allow is ignored.
    func report(_ status: ComponentStatus, _ kind: ComponentKind, _ id: ComponentID) {
        let key = Key(kind: kind, id: id)
        let changed = states.withLock { states -> Bool in
            guard let current = states[key], current.allows(status) else { return false }
            states[key] = status
            return current != status
        }
        guard changed else { return }
        logger.debug(
            "component status changed",
            metadata: [
                "otelcol.component.id": "\(id)", "otelcol.component.kind": "\(kind.rawValue)",
                "status": "\(status.name)",
            ])
        if case .fatalError(let error) = status {
            logger.critical(
                "a component cannot go on", metadata: ["component": "\(id)", "error": "\(error)"])
            fatal.requestStop(grace: .zero)
        }
    }

    /// Sets a state without regard to the state machine, when the engine itself starts or stops a component.
    func set(_ status: ComponentStatus, _ kind: ComponentKind, _ id: ComponentID) {
        states.withLock { $0[Key(kind: kind, id: id)] = status }
    }

    /// Returns when a component has reported a fatal error.
    func fatalError() async { _ = await fatal.stopRequested() }

    /// All components, ordered by kind and id.
    var all: [(kind: ComponentKind, id: ComponentID, status: ComponentStatus)] {
        states.withLock { states in
            states.map { ($0.key.kind, $0.key.id, $0.value) }
        }.sorted { ($0.kind.rawValue, $0.id.description) < ($1.kind.rawValue, $1.id.description) }
    }
}
