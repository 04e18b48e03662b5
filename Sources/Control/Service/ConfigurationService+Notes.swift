internal import Engine
internal import Logging
internal import Settings

/// What the service tells: log, events and audit log.
extension ConfigurationService {
    /// A change was not made.
    func noteRefusal(_ failure: ChangeFailure, _ origin: ChangeOrigin, _ purpose: Purpose) {
        let messages = failure.diagnostics.filter { $0.severity == .error }.map { "\($0)" }
        let message = messages.joined(separator: "; ")
        var isDenied = false
        if case .forbidden = failure { isDenied = true }
        // Nothing has changed, so a failure to write this is no reason to refuse anything.
        try? record(purpose.action, origin, isDenied ? .denied : .failed, message)
        parts.engine.events.note(
            isDenied ? .accessDenied : .configurationFailed, "\(active.revision.id)",
            "a change of the configuration was not made: \(message)", details: Self.details(origin))
        for message in messages {
            parts.logger.error("error in the configuration", metadata: ["error": "\(message)"])
        }
        parts.logger.error(
            "the new configuration \(failure.verdict); the running one stays as it is",
            metadata: Self.metadata(origin))
    }

    /// A change was made.
    func noteSuccess(
        _ plan: ChangePlan, _ origin: ChangeOrigin, _ purpose: Purpose, _ options: ChangeOptions,
        _ change: Reconfiguration
    ) {
        let id = active.revision.id
        try? record(purpose.action, origin, after: id, .done, options.reason)
        var details = Self.details(origin)
        details["previous"] = "\(plan.base)"
        parts.engine.events.note(
            purpose.takesBack == nil ? .configurationApplied : .configurationRolledBack, "\(id)",
            "the configuration is now revision \(id): \(Self.summary(plan.plan))", details: details)
        if options.confirmWithin == nil {
            parts.engine.events.note(
                .configurationConfirmed, "\(id)", "revision \(id) is the one to go back to")
        }
        var metadata = Self.metadata(origin)
        metadata["revision"] = "\(id)"
        metadata["change"] = "\(Self.summary(plan.plan))"
        metadata["took"] = "\(change.swapped)"
        if let within = options.confirmWithin {
            metadata["confirm_within"] = "\(within)"
        }
        parts.logger.info("the new configuration runs", metadata: metadata)
        for path in plan.plan.afterRestart {
            parts.logger.warning("takes effect at the next start", metadata: ["key": "\(path)"])
        }
    }

    static func metadata(_ origin: ChangeOrigin) -> Logger.Metadata {
        ["by": "\(origin.channel.rawValue)", "actor": "\(origin.actor)"]
    }

    static func details(_ origin: ChangeOrigin) -> [String: String] {
        ["by": origin.channel.rawValue, "actor": origin.actor]
    }

    /// How many components are kept, changed and so on, in words.
    static func summary(_ plan: ReconfigurationPlan) -> String {
        var counts: [ReconfigurationPlan.Action: Int] = [:]
        for step in plan.steps { counts[step.action, default: 0] += 1 }
        let parts = ReconfigurationPlan.Action.allCases.compactMap { action in
            counts[action].map { "\(action.rawValue) \($0)" }
        }
        return parts.isEmpty ? "no component" : "components: " + parts.joined(separator: ", ")
    }
}

extension ChangeFailure {
    /// What is the matter with the new configuration.
    fileprivate var verdict: String {
        switch self {
        case .invalid: "is wrong"
        case .forbidden: "is forbidden by the local policy"
        case .notStarted: "does not run"
        case .conflict: "was made for another revision"
        case .unknown: "is not there"
        case .busy: "comes too early"
        case .storage: "cannot be kept"
        }
    }
}
