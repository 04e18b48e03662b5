internal import Pipeline

/// What the status of a part means to whoever asks for its health: otelcol's tables of codes.
struct HealthRules: Sendable {
    /// The statuses of `grpc.health.v1.HealthCheckResponse`.
    enum ServingStatus: UInt64, Sendable {
        case serving = 1
        case notServing = 2
        case serviceUnknown = 3
    }

    private let settings: ComponentHealthSettings?

    init(_ settings: ComponentHealthSettings?) {
        self.settings = settings
    }

    /// Whether a recoverable error weighs more than a permanent one, because only it makes a difference.
    var recoverableComesFirst: Bool {
        settings?.includeRecoverableErrors == true && settings?.includePermanentErrors == false
    }

    /// Whether a part is healthy; without `component_health` every part is, whatever its status.
    func isHealthy(_ part: HealthTree, at time: UInt64) -> Bool {
        guard let settings else { return true }
        switch part.status {
        case .fatalError: return false
        case .permanentError: return !settings.includePermanentErrors
        case .recoverableError:
            return !settings.includeRecoverableErrors || mayStillRecover(part, settings, time)
        case .starting, .ok, .stopping, .stopped, .none: return true
        }
    }

    func httpStatus(_ part: HealthTree, at time: UInt64) -> Int {
        guard isHealthy(part, at: time) else { return 500 }
        switch part.status {
        case .ok, .recoverableError, .permanentError: return 200
        case .fatalError: return 500
        case .starting, .stopping, .stopped, .none: return 503
        }
    }

    func servingStatus(_ part: HealthTree, at time: UInt64) -> ServingStatus {
        httpStatus(part, at: time) == 200 ? .serving : .notServing
    }

    private func mayStillRecover(
        _ part: HealthTree, _ settings: ComponentHealthSettings, _ time: UInt64
    ) -> Bool {
        let elapsed = Duration.nanoseconds(Int64(clamping: time > part.since ? time - part.since : 0))
        return elapsed < settings.recoveryDuration
    }
}
