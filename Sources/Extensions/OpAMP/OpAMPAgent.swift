internal import Glibc
internal import Logging
public import Pipeline
internal import Transport

/// Connects the collector with an OpAMP server, which sees how it is doing and, where that is allowed,
/// changes its configuration.
///
/// The collector starts and works without its server. A configuration of the server lies over the
/// collector's own sources and can use what the local policy allows. Keys beside otelcol's: `servers`,
/// `labels`, `heartbeat_interval`, `request_certificate`, `request_instance_uid` and `storage`.
public struct OpAMPAgent: Extension {
    public static let name = "opamp"
    public static let summary = "Reports to an OpAMP server and takes configurations from it."

    private let configuration: Configuration
    private let places: [AgentPlace]
    private let context: Context

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        self.configuration = configuration
        self.context = context
        var places: [AgentPlace] = []
        for settings in configuration.places { places.append(try AgentPlace(settings, in: context)) }
        self.places = places
    }

    public func run(_ session: ExtensionSession) async throws(ComponentError) {
        let managed = session.managed
        let driver = AgentDriver(
            AgentDriver.Parts(
                configuration: configuration, places: places, context: context, managed: managed,
                health: session.health, folder: try folder(managed)))
        let id = context.id
        let seat = Task { try? await managed?.takeSeat(id) }
        session.ready()
        if managed == nil, configuration.capabilities.acceptsRemoteConfig {
            context.logger.warning("this collector cannot be changed from elsewhere; it only reports")
        }
        let parent = Task { await watchParent() }
        async let work: Void = driver.run(seat)
        let grace = await session.stopRequested()
        parent.cancel()
        seat.cancel()
        driver.post(.stop(grace))
        await work
    }

    /// Where things are kept: the configured directory, or one below the state directory.
    private func folder(_ managed: (any ManagedCollector)?) throws(ComponentError) -> AgentFolder? {
        let named = configuration.storage.directory
        guard named.isEmpty else { return try AgentFolder(named) }
        guard let path = managed?.directory(for: context.id) else {
            context.logger.warning(
                """
                there is no state directory, so the agent has another id after each start; set instance_uid \
                or storage::directory, or start with --state-directory
                """)
            return nil
        }
        return try AgentFolder(path)
    }

    /// Ends the collector when the process that looks after it is gone.
    private func watchParent() async {
        let number = pid_t(configuration.ppid)
        guard number > 0 else { return }
        while kill(number, 0) == 0 || errno != ESRCH {
            guard (try? await context.clock.sleep(for: configuration.ppidPollInterval)) != nil else { return }
        }
        context.status(.fatalError("the process \(number) (ppid) is gone"))
    }
}
