internal import Pipeline

/// One thing that a probe looks at.
struct ProbeCheck: Sendable {
    /// The name in paths, in `exclude` and in verbose answers.
    let name: String
    /// Why the check fails; `nil` when all is well.
    let failure: String?

    /// The process answers, which needs no further proof.
    static let ping = ProbeCheck(name: "ping", failure: nil)

    /// Every event loop gets to its work.
    static func eventLoops(_ facts: ProbeFacts) -> ProbeCheck {
        let isAlive = facts.loopLag < facts.lagLimit
        let seconds = facts.loopLag.components.seconds
        return ProbeCheck(
            name: "event-loops", failure: isAlive ? nil : "a loop has not answered for \(seconds) s")
    }

    /// There is a configuration.
    static func configuration(_ facts: ProbeFacts) -> ProbeCheck {
        ProbeCheck(
            name: "configuration", failure: facts.hasConfiguration ? nil : "no configuration is in force")
    }

    /// Every receiver listens.
    static func receivers(_ health: CollectorHealth) -> ProbeCheck {
        let silent = Self.silentReceivers(health.components)
        // What is ready in all its parts and still says that it is not is between two states.
        let failure = silent ?? (health.isReady ? nil : "not every receiver runs")
        return ProbeCheck(name: "receivers", failure: failure)
    }

    /// Nobody has asked for a stop.
    static func shutdown(isDraining: Bool) -> ProbeCheck {
        ProbeCheck(name: "shutdown", failure: isDraining ? "the collector is stopping" : nil)
    }

    /// The receivers of one pipeline listen.
    static func pipeline(_ pipeline: PipelineHealth) -> ProbeCheck {
        ProbeCheck(name: "pipelines/\(pipeline.id)", failure: silentReceivers(pipeline.components))
    }

    /// Receivers that do not take data now; whether what stands behind them can deliver is no reason to
    /// send clients elsewhere, since queues hold what comes.
    private static func silentReceivers(_ components: [ComponentHealth]) -> String? {
        let silent = components.filter { component in
            guard component.kind == .receiver else { return false }
            return switch component.status {
            case .ok, .recoverableError: false
            case .starting, .permanentError, .fatalError, .stopping, .stopped: true
            }
        }
        guard !silent.isEmpty else { return nil }
        return silent.map { "\($0.id) is \($0.status.name)" }.joined(separator: ", ")
    }
}
