/// How a component is doing, as otelcol's component status model defines it.
public enum ComponentStatus: Sendable, Equatable {
    case starting
    case ok
    /// Something is wrong that may pass, such as a backend that does not answer.
    case recoverableError(String)
    /// Something is wrong that only a person or another configuration can mend.
    case permanentError(String)
    /// The process cannot go on.
    case fatalError(String)
    case stopping
    case stopped

    /// The name otelcol gives the state, such as `StatusOK`.
    public var name: String {
        switch self {
        case .starting: "StatusStarting"
        case .ok: "StatusOK"
        case .recoverableError: "StatusRecoverableError"
        case .permanentError: "StatusPermanentError"
        case .fatalError: "StatusFatalError"
        case .stopping: "StatusStopping"
        case .stopped: "StatusStopped"
        }
    }

    /// What went wrong, for the states that are errors.
    public var error: String? {
        switch self {
        case .recoverableError(let error), .permanentError(let error), .fatalError(let error): error
        case .starting, .ok, .stopping, .stopped: nil
        }
    }

    /// Whether the state machine allows going from `self` to `next`.
    ///
    /// OK and recoverable errors may repeat, so that a new message is seen; a permanent error ends only by
    /// stopping; a fatal error and stopped are final.
    public func allows(_ next: ComponentStatus) -> Bool {
        switch (self, next) {
        case (.stopped, _), (.fatalError, _): false
        case (_, .fatalError): true
        case (.starting, .starting), (.stopping, .stopping): false
        case (.stopping, let next): next == .stopped
        case (.permanentError, let next): next == .stopping
        case (_, .stopped): false
        case (.ok, .starting), (.recoverableError, .starting): false
        default: true
        }
    }
}
