internal import FleetModel
internal import FleetStore
internal import Logging
internal import OpAMP
internal import Rollouts

/// How the parts hear of each other.
extension FleetManager {
    func connectParts() {
        let (events, gateway, answers) = (events, gateway, answers.continuation)
        gateway.onEvent { [rollouts] event in
            if case .reported(_, let report) = event, report.outcome != .applying { rollouts.hear() }
            Self.note(event, in: events)
        }
        gateway.onValidated { uid, answer in answers.yield((uid, answer)) }
        access.onRevocation { uid in
            gateway.revoke(uid)
            events.note(.accessRevoked, "\(uid)", "its credentials have been revoked", agent: "\(uid)")
        }
        access.onCertificate { [audit, logger] uid, certificate in
            Task { await audit.note(certificate, of: uid, logger) }
        }
        access.enrollments.onChange { enrollment in
            gateway.reconsider(enrollment.uid)
            let (uid, name) = ("\(enrollment.uid)", enrollment.name)
            switch enrollment.state {
            case .waiting: events.note(.enrollmentWaiting, uid, "\(name) waits to be let in", agent: uid)
            case .approved, .rejected:
                events.note(
                    .enrollmentDecided, uid, "\(name) is \(enrollment.state.rawValue)",
                    actor: enrollment.decider, agent: uid)
            }
        }
    }

    /// Hands the rollouts what agents say of configurations, until the task is cancelled.
    func takeAnswers() async {
        for await (uid, answer) in answers.stream {
            await rollouts.answered(
                uid, id: answer.id, isValid: answer.isValid, diagnostics: answer.diagnostics)
        }
    }

    private static func note(_ event: AgentEvent, in events: FleetEvents) {
        switch event {
        case .appeared(let uid): events.note(.agentNew, "\(uid)", "an agent has turned up", agent: "\(uid)")
        case .reported(let uid, let report):
            let kind: FleetEvent.Kind? =
                switch report.outcome {
                case .applying: nil
                case .applied: .agentApplied
                case .failed: .agentFailed
                case .rolledBack: .agentRolledBack
                }
            guard let kind else { return }
            events.note(kind, "\(uid)", report.message, agent: "\(uid)")
        case .health(let uid, let isHealthy, let error):
            events.note(
                .agentHealth, "\(uid)", isHealthy ? "healthy" : "unhealthy: \(error)", agent: "\(uid)")
        case .drifted(let uid):
            events.note(
                .agentDrifted, "\(uid)", "it runs something else than it ought to", agent: "\(uid)")
        case .packages(let uid, let report):
            let text =
                switch report.outcome {
                case .applying: "it is about to install the packages"
                case .applied: "it has the packages"
                case .failed, .rolledBack: "it could not install the packages: \(report.message)"
                }
            events.note(
                .agentPackages, "\(uid)", text, agent: "\(uid)",
                details: ["outcome": report.outcome.rawValue])
        case .packagesDrifted(let uid):
            events.note(
                .agentDrifted, "\(uid)", "it has other packages than it ought to", agent: "\(uid)")
        case .rekeyed(let uid, let successor):
            events.note(
                .agentNew, "\(successor)", "another agent had the id \(uid) already", agent: "\(successor)")
        case .refused(let uid, let reason):
            events.note(.enrollmentDecided, "\(uid)", "was not let in: \(reason)", agent: "\(uid)")
        }
    }
}

extension AuditTrail {
    /// Writes down that an agent has got a certificate, by which it can be found again.
    func note(_ certificate: IssuedCertificate, of uid: InstanceUID, _ logger: Logger) async {
        do throws(StoreError) {
            try await record(
                AuditEvent(
                    actor: "agent:\(uid)", action: "certificate.issue", target: "agent/\(uid)",
                    after: certificate.serial))
        } catch {
            logger.error("a certificate is not in the audit log", metadata: ["error": "\(error)"])
        }
    }

    /// Writes down what a rollout did by itself; what people did is written with their request, and when they
    /// went on without a second person in a line of its own besides.
    func note(_ events: [RolloutEvent], of rollout: String, _ logger: Logger) async {
        let own = events.filter { $0.actor == RolloutEvent.manager || $0.kind == .brokenGlass }
        guard !own.isEmpty else { return }
        do throws(StoreError) {
            try await record(
                own.map { event in
                    let isByItself = event.actor == RolloutEvent.manager
                    return AuditEvent(
                        actor: isByItself ? "system" : event.actor,
                        action: "rollout.\(event.kind.rawValue)", target: "rollout/\(rollout)",
                        message: event.reason)
                })
        } catch {
            logger.error("a step of a rollout is not in the audit log", metadata: ["error": "\(error)"])
        }
    }
}
