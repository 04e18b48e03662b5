internal import OpAMP
internal import Pipeline

/// What the agent reports.
extension AgentDriver {
    /// Puts everything into a report.
    func fill(_ report: inout AgentReport, _ uid: InstanceUID) async {
        report.customCapabilities = CustomCapabilities(settings.customCapabilities)
        if settings.capabilities.contains(.reportsHealth) {
            report.health = AgentReporter.health(of: parts.health())
            lastHealth = clock.now
        }
        if let hash = settings.accepted?.hash, report.connectionSettingsStatus == nil {
            report.connectionSettingsStatus = ConnectionSettingsStatus(lastHash: hash, status: .applied)
        }
        if let failed = settings.candidate {
            report.connectionSettingsStatus = ConnectionSettingsStatus(
                lastHash: failed.hash, status: .failed,
                errorMessage: "the process ended while the settings were being tried")
            settings.candidate = nil
        }
        guard let managed = parts.managed else {
            report.description = reporter.description(
                of: CollectorIdentity(serviceVersion: Self.version(parts.context.userAgent)), uid: uid)
            return
        }
        report.description = reporter.description(of: await managed.identity(), uid: uid)
        if settings.capabilities.contains(.reportsEffectiveConfig) {
            report.effectiveConfig = AgentReporter.effective(await configurationText(managed))
        }
        if settings.capabilities.contains(.reportsAvailableComponents) {
            report.availableComponents = AgentReporter.components(of: managed.components)
        }
        if !settings.capabilities.isDisjoint(with: [.reportsRemoteConfig, .acceptsRemoteConfig]) {
            report.remoteConfigStatus = AgentReporter.status(of: await managed.remoteState())
        }
    }

    /// The version in a text such as `Apus/0.1.0 (linux/x86_64)`.
    private static func version(_ userAgent: String) -> String {
        String(userAgent.drop { $0 != "/" }.dropFirst().prefix { $0 != " " })
    }

    private func configurationText(_ managed: any ManagedCollector) async -> String {
        await managed.effectiveConfiguration(parts.configuration.reportsRawConfig ? .raw : .effective)
    }

    /// Something has happened to the configuration.
    func take(_ news: CollectorNews) async {
        guard let managed = parts.managed, let uid = session?.uid else { return }
        switch news {
        case .remote(let state):
            if state.phase == .applying { flow.watch(.whileApplying, now: clock.now) }
            if session?.report.remoteConfigStatus != nil {
                session?.update(now: now) { $0.remoteConfigStatus = AgentReporter.status(of: state) }
            }
            await tell(state.rollbacks)
        case .configurationChanged:
            let description = reporter.description(of: await managed.identity(), uid: uid)
            var effective: EffectiveConfig?
            if settings.capabilities.contains(.reportsEffectiveConfig) {
                effective = AgentReporter.effective(await configurationText(managed))
            }
            session?.update(now: now) { report in
                report.description = description
                if let effective { report.effectiveConfig = effective }
            }
            lookAtHealth()
        }
    }

    /// Tells of configurations that were taken back, if the server understands it.
    func tell(_ rollbacks: [RemoteRollback]) async {
        guard session?.isConnected == true,
            session?.serverCustomCapabilities?.contains(ConfigurationMessages.capability) == true
        else { return }
        for rollback in rollbacks {
            session?.send(ConfigurationMessages.rolledBack(rollback), now: now)
            await parts.managed?.acknowledge(rollback)
        }
    }

    /// Reports the status of components when it is another one than was told.
    ///
    /// Another state is told at once, other words for the same state from time to time.
    func lookAtHealth() {
        nextHealth = clock.now + Self.healthInterval
        guard let known = session?.report.health else { return }
        let health = AgentReporter.health(of: parts.health())
        guard health != known else { return }
        let isOther = AgentReporter.isOtherState(health, known)
        let isOld = lastHealth.map { clock.now - $0 >= Self.wordsInterval } ?? true
        guard isOther || isOld else { return }
        lastHealth = clock.now
        session?.update(now: now) { $0.health = health }
    }

    /// Tells the counters when they are due, and gives them to the next heartbeat when they have changed.
    func lookAtFlow() {
        guard let managed = parts.managed, session?.isConnected == true else { return }
        if flow.isDue(now: clock.now) {
            let present = managed.flow
            flow.told = present
            session?.send(AgentReporter.flow(present).message, now: now)
        } else if let deadline = session?.deadline, deadline <= now {
            let present = managed.flow
            guard present != flow.told else { return }
            flow.told = present
            session?.attach(AgentReporter.flow(present).message)
        }
    }
}
