import Synchronization

@testable import Transport

/// Keeps the responders of a server until a test lets them go.
final class Gate: Sendable {
    private let held = Mutex<[Responder]>([])

    var isHolding: Bool { held.withLock { !$0.isEmpty } }

    func hold(_ responder: Responder) { held.withLock { $0.append(responder) } }

    /// Answers `late` to all that are held.
    func release() {
        let responders = held.withLock { held in
            defer { held = [] }
            return held
        }
        for responder in responders { responder.send(.text(200, "late")) }
    }
}
