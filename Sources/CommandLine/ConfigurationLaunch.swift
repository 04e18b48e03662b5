internal import ArgumentParser
internal import Control
internal import Engine
internal import Glibc
internal import Logging
internal import Pipeline
internal import Settings
internal import Transport

/// What stands around the configuration of a process: its revisions on disk, the policy, the choice of what
/// to start with.
struct ConfigurationLaunch: Sendable {
    /// What to start with.
    let first: Boot.Candidate
    /// Where tokens, revisions and the audit log are; `nil` when they cannot be kept.
    let directory: StateDirectory?
    /// Where writes are recorded; `nil` without a state directory.
    let audit: AuditLog?
    private let boot: Boot
    private let place: StateDirectory.Place
    private let watches: Bool
    private let policy: Policy
    private let note: String?
    private let sources: [String]

    /// Reads everything; prints what is wrong and throws when there is nothing to start with.
    static func prepare(_ options: ConfigurationOptions, _ control: ControlOptions) async throws
        -> ConfigurationLaunch
    {
        if options.config.isEmpty, !control.place.isNamed { throw options.missing }
        let policy = try await control.loadPolicy()
        let (directory, note) = try control.openState()
        var boot: Boot
        do throws(StateFailure) {
            boot = try Boot(options.reader, in: directory, isNamed: control.place.isNamed)
        } catch {
            Report.write("error: the revisions of the configuration cannot be used: \(error)\n")
            throw ExitCode(ExitCodes.failure)
        }
        guard let first = await boot.next() else {
            Report.print(boot.diagnostics, texts: boot.texts)
            throw ExitCode(ExitCodes.configuration)
        }
        Report.print(first.diagnostics, texts: first.texts)
        return ConfigurationLaunch(
            first: first, directory: directory,
            audit: directory.map { AuditLog(in: $0.path, clock: SystemClock()) }, boot: boot,
            place: control.place, watches: control.watch, policy: policy, note: note,
            sources: options.config)
    }

    /// The service that keeps the configuration from now on; nothing runs yet.
    ///
    /// No remote change may use one of `ownAddresses`, which are those of the admin API and the probes.
    func service(
        for collector: Collector, ownAddresses: [ListenAddress], log: LogOutput
    ) -> ConfigurationService {
        let logger = log.logger()
        if let note { logger.info("no state directory", metadata: ["reason": "\(note)"]) }
        let parts = ConfigurationService.Parts(
            engine: collector, policy: policy, ownAddresses: ownAddresses, audit: audit, logger: logger,
            changed: { LogSetup.apply($0.telemetry.logs, to: log) })
        return ConfigurationService(parts, boot)
    }

    /// What a fleet changes the configuration through; `restart` stops the process and begins it anew.
    func managed(
        _ collector: Collector, _ service: ConfigurationService, _ log: LogOutput,
        restart: @escaping @Sendable () -> Void
    ) -> RemoteControl {
        RemoteControl(
            service,
            RemoteControl.Parts(
                engine: collector, catalog: Distribution.catalog, identity: collector.identity,
                directory: directory?.path, clock: SystemClock(), logger: log.logger(), restart: restart))
    }

    /// What the admin API is about.
    func subject(
        of collector: Collector, _ service: ConfigurationService, _ log: LogOutput
    ) -> AdminLaunch.Subject {
        AdminLaunch.Subject(
            collector: collector, control: service, log: log, stateDirectory: place.path,
            audit: RecordedAudit(audit: audit, logger: log.logger()), stop: { kill(getpid(), SIGTERM) })
    }

    /// Begins to look at the files of the configuration; `nil` when nobody wants that.
    func watch(_ service: ConfigurationService, _ logger: Logger) async -> Task<Void, Never>? {
        guard watches else { return nil }
        guard let events = SourceEvents(sources: sources) else {
            logger.error("the files of the configuration cannot be watched: the system has no room for it")
            return nil
        }
        let known = await service.fingerprint()
        logger.info("watching the files of the configuration")
        return Task {
            await FileWatcher(service, clock: SystemClock()).run(known: known, wake: events.wake)
            events.finish()
        }
    }
}
