public import FleetStore
public import Logging
internal import OpAMP
public import Pipeline
internal import Rollouts
internal import Settings

/// A fleet manager: everything that the two listeners show and change, and the work that goes on by itself.
///
/// It knows no sockets. `run()` has to go on for as long as it is used.
public final class FleetManager: Sendable {
    /// What a manager has to be told.
    public struct Settings: Sendable {
        /// Where everything is kept.
        public var store: StorePlace
        /// The name of this manager among those that share the store.
        public var replica: String
        /// Where the authority for agents' certificates and the first token are.
        public var stateDirectory: String
        /// Where `${secret:NAME}` is looked up; `nil` when there are no secrets.
        public var secretsDirectory: String?
        /// Whether agents without any credential are let in; for loopback only.
        public var allowsAnyAgent = false
        /// How long agents' certificates are valid; they renew them after two thirds of that.
        public var certificateLife = CertificateAuthority.life
        /// How often agents say that they are there.
        public var heartbeat = Duration.seconds(30)
        /// Whose signatures of packages count, and whether the manager signs.
        public var packages = PackageTrust.Settings()
        /// Where agents reach the manager to download files, such as `https://fleet.example:4320`; `nil` when
        /// that is known only later.
        public var downloadURL: String?

        public init(store: StorePlace, replica: String, stateDirectory: String) {
            self.store = store
            self.replica = replica
            self.stateDirectory = stateDirectory
        }
    }

    public let store: FleetStore
    public let access: AccessControl
    public let groups: FleetGroups
    public let values: FleetValues
    public let library: ConfigurationLibrary
    public let packages: PackageLibrary
    public let imports: FleetImport
    public let audit: AuditTrail
    public let events: FleetEvents
    public let metrics: FleetMetrics
    public let inventory: Inventory
    public let gateway: AgentGateway
    public let rollouts: RolloutService
    public let webhooks: Webhooks
    /// What agents say of configurations that they were asked to check; when more wait than fit, later ones
    /// are dropped, and the rollout that waits for them says that there was no answer.
    let answers = AsyncStream.makeStream(
        of: (InstanceUID, ValidationAnswer).self, bufferingPolicy: .bufferingOldest(1024))
    private let settings: Settings
    private let clock: any PipelineClock
    let logger: Logger

    private init(_ parts: Parts, rollouts: RolloutService, webhooks: Webhooks) {
        store = parts.store
        access = parts.access
        groups = parts.groups
        values = parts.values
        library = parts.library
        packages = parts.packages
        imports = FleetImport(parts.library) { _, spec in RolloutPlan.decode(spec).diagnostics }
        audit = parts.audit
        events = parts.events
        metrics = parts.metrics
        inventory = parts.inventory
        gateway = parts.gateway
        self.rollouts = rollouts
        self.webhooks = webhooks
        settings = parts.settings
        clock = parts.clock
        logger = parts.logger
    }

    /// What has to be there before rollouts can be.
    private struct Parts {
        let settings: Settings
        let clock: any PipelineClock
        let logger: Logger
        let store: FleetStore
        let access: AccessControl
        let groups: FleetGroups
        let values: FleetValues
        let library: ConfigurationLibrary
        let packages: PackageLibrary
        let audit: AuditTrail
        let events: FleetEvents
        let metrics = FleetMetrics()
        let inventory: Inventory
        let gateway: AgentGateway

        init(
            _ settings: Settings, _ store: FleetStore, clock: any PipelineClock, logger: Logger
        ) async throws {
            self.settings = settings
            self.clock = clock
            self.logger = logger
            self.store = store
            access = try await AccessControl.open(
                store, stateDirectory: settings.stateDirectory, allowsAnyAgent: settings.allowsAnyAgent,
                certificateLife: settings.certificateLife, clock: clock, logger: logger)
            groups = try await FleetGroups.open(store, clock: clock, logger: logger)
            values = try await FleetValues.open(store, clock: clock, logger: logger)
            let inventory = try await Inventory.open(store, clock: clock, logger: logger)
            let library = ConfigurationLibrary(
                store: store, groups: groups, values: values,
                secrets: SecretDirectory(settings.secretsDirectory), clock: clock,
                isInUse: { inventory.isInUse($0) })
            audit = AuditTrail(store, clock: clock, scrub: { library.scrubbed($0) })
            events = FleetEvents(clock: clock)
            var gatewaySettings = GatewaySettings()
            gatewaySettings.heartbeatInterval = UInt64(max(settings.heartbeat.components.seconds, 1))
            packages = PackageLibrary(
                store: store,
                trust: try await PackageTrust.open(settings.packages, in: settings.stateDirectory, store),
                tickets: try await PackageTickets.open(store),
                directory: "\(settings.stateDirectory)/packages", manager: settings.replica,
                downloadURL: settings.downloadURL, clock: clock, isInUse: { inventory.hasPackages($0) })
            gateway = AgentGateway(
                inventory: inventory, access: access, offers: library, packages: packages,
                settings: gatewaySettings, clock: clock, logger: logger)
            self.library = library
            self.inventory = inventory
        }
    }

    /// Opens the store and reads what is in it.
    ///
    /// - Parameters:
    ///   - settings: What it has to be told.
    ///   - sender: Sends events to webhooks.
    ///   - clock: The time.
    ///   - logger: Where trouble is told of.
    /// - Returns: A manager to which agents may connect; nothing moves before `run`.
    /// - Throws: what the store, the authority or the rollouts throw, each naming what cannot be used.
    public static func open(
        _ settings: Settings, sender: any WebhookSender, clock: any PipelineClock, logger: Logger
    ) async throws -> FleetManager {
        let store = try await FleetStore.open(settings.store, replica: settings.replica, logger: logger)
        do {
            let parts = try await Parts(settings, store, clock: clock, logger: logger)
            let agents = FleetAgents(
                inventory: parts.inventory, gateway: parts.gateway, library: parts.library, logger: logger)
            var rolloutParts = RolloutService.Parts(
                store: store, fleet: agents,
                library: LibraryForRollouts(
                    parts.library,
                    subjects: { [inventory = parts.inventory] in
                        inventory.templateSubjects($0, attributes: $1)
                    },
                    builds: { [gateway = parts.gateway, inventory = parts.inventory] in
                        await gateway.builds(of: $0, in: inventory)
                    }), events: parts.events, clock: clock, logger: logger)
            rolloutParts.packages = (
                PackageAgents(agents: agents, inventory: parts.inventory),
                PackagesForRollouts(library: parts.packages) { [inventory = parts.inventory] in
                    inventory.attributes(of: $0)
                }
            )
            let (access, audit) = (parts.access, parts.audit)
            rolloutParts.metrics = parts.metrics
            rolloutParts.duties = { access.separationOfDuties.settings }
            rolloutParts.audit = { events, rollout in
                await audit.note(events, of: rollout, logger)
            }
            let manager = FleetManager(
                parts, rollouts: try await RolloutService.open(rolloutParts),
                webhooks: try await Webhooks.open(
                    store, events: parts.events, sender: sender, metrics: parts.metrics, clock: clock,
                    logger: logger))
            manager.connectParts()
            manager.registerMetrics()
            return manager
        } catch {
            await store.close()
            throw error
        }
    }

    /// Does what has to be done all the time, until the task is cancelled; then writes what is only in
    /// memory.
    public func run() async {
        events.note(.managerStarted, settings.replica, "the manager has begun")
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.inventory.run() }
            group.addTask { await self.inventory.follow() }
            group.addTask { await self.gateway.run() }
            group.addTask { await self.rollouts.run() }
            group.addTask { await self.takeAnswers() }
            group.addTask { await self.webhooks.run() }
            group.addTask { await self.access.follow() }
            group.addTask { await self.groups.follow() }
            group.addTask { await self.values.follow() }
            if store.isShared { group.addTask { await self.lookForChanges() } }
        }
    }

    /// Lets go of the store; to be called after `run` has returned.
    public func close() async { await store.close() }

    /// Why people cannot be served now; `nil` when they can.
    public func obstacle() async -> String? {
        do throws(StoreError) {
            _ = try await store.documents(.setting, prefix: "", after: nil, limit: 1)
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Makes the first token of a new fleet and writes it where only its owner can read it.
    ///
    /// - Returns: The path of the file; `nil` when there are tokens already.
    public func writeFirstToken() async throws(AccessError) -> String? {
        guard let token = try await access.firstToken() else { return nil }
        let path = "\(settings.stateDirectory)/admin.token"
        try PrivateFile.write(token + "\n", to: path)
        return path
    }

    private func lookForChanges() async {
        while (try? await clock.sleep(for: .seconds(1))) != nil {
            do throws(StoreError) {
                try await store.poll()
            } catch {
                logger.warning(
                    "what other managers have changed cannot be read for now", metadata: ["error": "\(error)"]
                )
            }
        }
    }
}
