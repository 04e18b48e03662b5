internal import ArgumentParser
internal import Control
internal import Engine
internal import Fleet
internal import Glibc
internal import Logging
internal import Settings
internal import Transport

/// `apus fleet serve`: runs the fleet manager until it is told to stop.
struct FleetServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the fleet manager.",
        discussion: """
            Agents connect by OpAMP (localhost:4320), people over HTTP (localhost:4321). The first start \
            makes a token with every right and says in which file it is; the other commands of apus fleet \
            use that file when it is on their machine.

            SIGTERM or SIGINT stops it: agents are sent away a few at a time and come back by themselves; \
            meanwhile they go on with what they have. Rollouts go on with the next start.
            """)

    @OptionGroup var options: FleetServeOptions

    @Flag(help: "Only says what is wrong with the settings, and ends.")
    var check = false

    func run() async throws {
        let settings = try await options.load()
        if check { return }
        let signals = ProcessSignals()
        let log = try LogSetup.output(for: settings.logs)
        let logger = log.logger()
        logger.info("starting the fleet manager", metadata: ["version": "\(Version.current)"])
        let launch: FleetLaunch
        do {
            launch = try await FleetLaunch.start(settings, options, logger)
        } catch {
            logger.critical("could not start", metadata: ["error": "\(error)"])
            throw ExitCode(ExitCodes.failure)
        }
        let notifier = ServiceNotifier()
        notifier.ready("Agents can connect")
        logger.info(
            "ready: agents can connect",
            metadata: ["stop": "SIGTERM or Ctrl-C", "agents": "\(launch.agentAddress)"])
        for await signal in signals.received {
            guard signal == .stop else {
                logger.info("SIGHUP changes nothing: the settings are read when the manager starts")
                continue
            }
            logger.info("stopping: agents are sent away a few at a time; a second signal stops at once")
            signals.exitOnNextStop()
            break
        }
        notifier.stopping("Sending agents away")
        await launch.stop()
        logger.info("stopped")
    }
}
