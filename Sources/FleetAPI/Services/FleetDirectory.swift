public import Fleet
public import FleetModel
public import FleetStore
public import OpAMP

/// The agents of a manager: what the inventory knows of them, and the gateway that speaks with them.
public struct FleetDirectory: AgentDirectory {
    /// The most agents that are looked at to find out what a selector's agents are built of.
    private static let mostLookups = 20_000
    /// The most kinds of agents that a configuration is checked against.
    private static let mostBuilds = 32

    private let inventory: Inventory
    private let gateway: AgentGateway

    public init(_ inventory: Inventory, _ gateway: AgentGateway) {
        self.inventory = inventory
        self.gateway = gateway
    }

    public func agent(_ uid: InstanceUID) -> AgentRecord? { inventory.agent(uid) }

    public func pipelineFlows(_ uid: InstanceUID) -> [PipelineFlow] { gateway.pipelineFlows(of: uid) }

    public func list(_ query: AgentQuery) throws(InventoryError) -> AgentPage { try inventory.list(query) }

    public func summary(_ selectors: [Selector]) -> FleetSummary { inventory.summary(selectors) }

    public func variants(_ selectors: [Selector], limit: Int) -> [EffectiveVariant] {
        inventory.variants(selectors, limit: limit)
    }

    public func content(_ hash: ContentHash) async throws(StoreError) -> [UInt8]? {
        try await inventory.content(hash)
    }

    public func builds(_ selector: Selector) async throws(StoreError) -> [AgentBuild] {
        var names: [[UInt8]: String] = [:]
        for uid in inventory.resolve(selector).prefix(Self.mostLookups) {
            guard names.count < Self.mostBuilds, let record = inventory.agent(uid) else { continue }
            if let hash = record.components { names[hash] = names[hash] ?? record.build }
        }
        var builds: [AgentBuild] = []
        for (hash, name) in names.sorted(by: { $0.value < $1.value }) {
            guard let components = await gateway.components(hash) else { continue }
            builds.append(AgentBuild(name: name, components: AgentComponents(components)))
        }
        return builds
    }

    public func setLabels(
        _ labels: [String: String], of uid: InstanceUID, expecting expected: [String: String]?
    ) async throws(InventoryFailure) {
        try await inventory.setLabels(labels, of: uid, expecting: expected)
    }

    public func forget(_ uid: InstanceUID) async throws(StoreError) -> Bool {
        try await inventory.forget(uid)
    }

    public func restart(_ uid: InstanceUID) async throws(InventoryError) { try gateway.restart(uid) }

    public func retry(_ uids: [InstanceUID]) async { await inventory.retry(uids) }

    public func retryPackages(_ uids: [InstanceUID]) async { await inventory.retryPackages(uids) }
}
