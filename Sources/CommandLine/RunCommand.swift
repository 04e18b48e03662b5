internal import ArgumentParser
internal import Engine
internal import Glibc
internal import Logging
internal import NIOCore
internal import Pipeline
internal import Settings

/// `apus run`: runs a configuration until it is told to stop.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the collector (the default command).",
        discussion: """
            SIGTERM or SIGINT stops it: nothing new is accepted, what was accepted is delivered within \
            service::shutdown_timeout, and the last line says what became of it. A second signal stops at \
            once. SIGHUP reads the configuration again; when it is wrong, the running one stays as it is.
            """)

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var probes: ProbeOptions
    @OptionGroup var admin: AdminOptions

    func run() async throws {
        let signals = ProcessSignals()
        let configuration = try await options.load().usable()
        let log = try LogSetup.output(for: configuration.telemetry.logs)
        let logger = log.logger()
        let collector = Collector(log: log, threads: System.coreCount, version: Version.current)
        let start = ContinuousClock.now
        logger.info(
            "starting Apus",
            metadata: [
                "version": "\(Version.current)", "config": "\(options.config.joined(separator: ", "))",
            ])
        for pipeline in configuration.pipelines {
            logger.info("pipeline \(Summary.line(for: pipeline))")
        }
        let supervision: Supervision
        do {
            supervision = try await Supervision.start(probes, collector, logger)
        } catch {
            try await giveUp(collector, nil, because: error, logger)
        }
        do {
            try await collector.start(configuration)
        } catch {
            try await giveUp(collector, supervision, because: error, logger)
        }
        let api: AdminLaunch?
        do {
            api = try await AdminLaunch.start(admin, subject(of: collector, configuration, log))
        } catch {
            try await giveUp(collector, supervision, because: error, logger)
        }
        logger.info(
            "ready: everything runs and data is welcome",
            metadata: [
                "took": "\(ContinuousClock.now - start)", "reload": "SIGHUP", "stop": "SIGTERM or Ctrl-C",
            ])
        supervision.ready("\(configuration.pipelines.count) pipelines run")
        let failed = await serve(collector, log, signals, supervision)
        supervision.stopping()
        let receipt = await collector.stop()
        await api?.end()
        await supervision.end()
        report(receipt, logger)
        if failed { throw ExitCode(ExitCodes.failure) }
    }

    private func subject(
        of collector: Collector, _ configuration: CollectorConfiguration, _ log: LogOutput
    ) -> AdminLaunch.Subject {
        AdminLaunch.Subject(
            collector: collector,
            control: StartedConfiguration(
                configuration, sources: options.config, at: SystemClock().unixNanoseconds), log: log,
            stateDirectory: TokenStoreOptions.defaultDirectory, audit: LoggedAudit(logger: log.logger()),
            stop: { kill(getpid(), SIGTERM) })
    }

    private func giveUp(
        _ collector: Collector, _ supervision: Supervision?, because error: any Error, _ logger: Logger
    ) async throws -> Never {
        logger.critical("could not start", metadata: ["error": "\(error)"])
        _ = await collector.stop()
        await supervision?.end()
        throw ExitCode(ExitCodes.failure)
    }

    /// Acts on signals until one of them, or a fatal error, ends the run; `true` when it was an error.
    private func serve(
        _ collector: Collector, _ log: LogOutput, _ signals: ProcessSignals, _ supervision: Supervision
    ) async -> Bool {
        let fatal = Task {
            await collector.fatalError()
            signals.finish()
        }
        defer { fatal.cancel() }
        let logger = log.logger()
        for await signal in signals.received {
            switch signal {
            case .reload:
                supervision.reloading()
                let outcome = await reload(collector, log)
                supervision.ready(outcome)
            case .stop:
                logger.info("stopping: delivering what was accepted; a second signal stops at once")
                signals.exitOnNextStop()
                return false
            }
        }
        return true
    }

    /// Reads and applies the configuration again; gives what came of it in a few words.
    private func reload(_ collector: Collector, _ log: LogOutput) async -> String {
        let asBefore = "The new configuration does not run; the one before it does"
        let logger = log.logger()
        logger.info("reading the configuration again")
        let loaded: ReadConfiguration
        do {
            loaded = try await options.load()
        } catch {
            logger.error(
                "the configuration cannot be read; the running one stays", metadata: ["error": "\(error)"])
            return asBefore
        }
        for diagnostic in loaded.diagnostics where diagnostic.severity == .error {
            logger.error("error in the configuration", metadata: ["error": "\(diagnostic)"])
        }
        guard let configuration = loaded.configuration, !loaded.diagnostics.hasErrors else {
            logger.error("the new configuration is wrong; the running one stays as it is")
            return asBefore
        }
        do throws(StartFailure) {
            let change = try await collector.replace(with: configuration)
            LogSetup.apply(configuration.telemetry.logs, to: log)
            logger.info(
                "the new configuration runs",
                metadata: [
                    "config": "\(Summary.text(of: configuration))", "took": "\(change.swapped)",
                ])
            return "\(configuration.pipelines.count) pipelines run"
        } catch {
            logger.error("the new configuration does not run", metadata: ["error": "\(error)"])
            return asBefore
        }
    }

    private func report(_ receipt: ShutdownReceipt, _ logger: Logger) {
        for line in receipt.lines {
            logger.info(
                "receipt",
                metadata: [
                    "pipeline": "\(line.source)", "destination": "\(line.destination)",
                    "delivered": "\(line.delivered)", "rejected": "\(line.rejected)",
                    "dropped": "\(line.dropped)", "spilled": "\(line.spilled)",
                    "dead-lettered": "\(line.deadLettered)", "returned": "\(line.returned)",
                    "lost": "\(line.lost)",
                ])
        }
        for line in receipt.lines where line.unaccounted != 0 {
            logger.error(
                "the ledger does not balance; please report this",
                metadata: ["pipeline": "\(line.source)", "items": "\(line.unaccounted)"])
        }
        logger.info("stopped", metadata: ["took": "\(receipt.took)", "lost": "\(receipt.lost)"])
    }
}
