internal import ArgumentParser
internal import Control
internal import Engine
internal import Logging
internal import NIOCore

/// `apus run`: runs a configuration until it is told to stop.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the collector (the default command).",
        discussion: """
            SIGTERM or SIGINT stops it: nothing new is accepted, what was accepted is delivered within \
            service::shutdown_timeout, and the last line says what became of it. A second signal stops at \
            once. SIGHUP reads the configuration again; when it is wrong, the running one stays as it is.

            What starts: a revision that was confirmed over the admin API for the same --config and --set, \
            until SIGHUP reads the files again; otherwise the files. With a state directory that is named, \
            a file that is wrong is answered with the last confirmed revision.
            """)

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var control: ControlOptions
    @OptionGroup var probes: ProbeOptions
    @OptionGroup var admin: AdminOptions

    func run() async throws {
        let signals = ProcessSignals()
        let launch = try await ConfigurationLaunch.prepare(options, control)
        let configuration = launch.first.configuration
        let log = try LogSetup.output(for: configuration.telemetry.logs)
        let logger = log.logger()
        let collector = Collector(log: log, threads: System.coreCount, version: Version.current)
        let start = ContinuousClock.now
        announce(configuration, logger)
        let supervision: Supervision
        do {
            supervision = try await Supervision.start(probes, collector, logger)
        } catch {
            try await giveUp(collector, nil, because: error, logger)
        }
        let service = launch.service(
            for: collector, ownAddresses: admin.places + [probes.place].compactMap { $0 }, log: log)
        let managed = launch.managed(collector, service, log) { signals.restart() }
        collector.manage(with: managed)
        do {
            try await service.start(launch.first)
        } catch {
            try await giveUp(collector, supervision, because: error, logger)
        }
        await managed.begin()
        let api: AdminLaunch?
        do {
            api = try await AdminLaunch.start(admin, launch.subject(of: collector, service, log))
        } catch {
            try await giveUp(collector, supervision, because: error, logger)
        }
        logger.info(
            "ready: everything runs and data is welcome",
            metadata: [
                "took": "\(ContinuousClock.now - start)", "reload": "SIGHUP", "stop": "SIGTERM or Ctrl-C",
            ])
        supervision.ready(await service.pipelineCount)
        let watch = await launch.watch(service, logger)
        let end = await serve(collector, service, logger, signals, supervision)
        watch?.cancel()
        supervision.stopping()
        // An end that nobody asked for may be the fault of the configuration.
        if end != .failure { await service.stop() }
        let receipt = await collector.stop()
        await api?.end()
        await supervision.end()
        report(receipt, logger)
        // The lock of the state directory ends with this value, or when another program takes the process
        // over, so it has to live until here.
        withExtendedLifetime(launch.directory) {}
        switch end {
        case .stop: return
        case .restart: Restart.perform(logger)
        case .failure: break
        }
        throw ExitCode(ExitCodes.failure)
    }

    private func announce(_ configuration: CollectorConfiguration, _ logger: Logger) {
        logger.info(
            "starting Apus",
            metadata: [
                "version": "\(Version.current)", "config": "\(options.config.joined(separator: ", "))",
            ])
        for pipeline in configuration.pipelines {
            logger.info("pipeline \(Summary.line(for: pipeline))")
        }
    }

    /// Why the process ends.
    private enum End {
        case stop, restart, failure
    }

    private func giveUp(
        _ collector: Collector, _ supervision: Supervision?, because error: any Error, _ logger: Logger
    ) async throws -> Never {
        logger.critical("could not start", metadata: ["error": "\(error)"])
        _ = await collector.stop()
        await supervision?.end()
        throw ExitCode(ExitCodes.failure)
    }

    /// Acts on signals until one of them, or a fatal error, ends the run.
    private func serve(
        _ collector: Collector, _ service: ConfigurationService, _ logger: Logger,
        _ signals: ProcessSignals, _ supervision: Supervision
    ) async -> End {
        let fatal = Task {
            await collector.fatalError()
            signals.finish()
        }
        defer { fatal.cancel() }
        for await signal in signals.received {
            switch signal {
            case .reload:
                supervision.reloading()
                let outcome = await reload(service, logger)
                supervision.ready(outcome)
            case .stop:
                logger.info("stopping: delivering what was accepted; a second signal stops at once")
                signals.exitOnNextStop()
                return .stop
            case .restart:
                logger.info("stopping in order to begin anew: delivering what was accepted")
                signals.exitOnNextStop()
                return .restart
            }
        }
        return .failure
    }

    /// Reads and applies the configuration again; gives what came of it in a few words.
    private func reload(_ service: ConfigurationService, _ logger: Logger) async -> String {
        logger.info("reading the configuration again")
        do throws(ChangeFailure) {
            let applied = try await service.reload(by: ChangeOrigin(.signal, actor: "SIGHUP"))
            if applied.plan.base == applied.revision.id, applied.swapped == .zero {
                logger.info(
                    "the new configuration runs", metadata: ["change": "none: it says what it said before"])
            }
            return await service.pipelineCount
        } catch {
            return "The new configuration does not run; the one before it does"
        }
    }

    private func report(_ receipt: ShutdownReceipt, _ logger: Logger) {
        for line in receipt.lines {
            logger.info(
                "receipt",
                metadata: [
                    "pipeline": "\(line.source)", "destination": "\(line.destination)",
                    "delivered": "\(line.delivered)", "filtered": "\(line.filtered)",
                    "rejected": "\(line.rejected)",
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
