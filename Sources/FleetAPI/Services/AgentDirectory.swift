public import Fleet
public import FleetModel
public import FleetStore
public import OpAMP

/// What the API asks of the agents' side of the manager; looks do not wait.
public protocol AgentDirectory: Sendable {
    /// Everything that is known of an agent; `nil` when there is none.
    func agent(_ uid: InstanceUID) -> AgentRecord?
    /// What goes through each pipeline of an agent, as far as it is known here.
    func pipelineFlows(_ uid: InstanceUID) -> [PipelineFlow]
    /// One page of agents.
    func list(_ query: AgentQuery) throws(InventoryError) -> AgentPage
    /// The agents that all of these choose, in numbers.
    func summary(_ selectors: [Selector]) -> FleetSummary
    /// The configurations that agents run that all of these choose, the one with the most agents first.
    func variants(_ selectors: [Selector], limit: Int) -> [EffectiveVariant]
    /// What agents run by its hash, as `AgentConfigMap.canonicalBytes`; `nil` when it is not kept.
    func content(_ hash: ContentHash) async throws(StoreError) -> [UInt8]?
    /// What agents are built of that a selector chooses, each kind once.
    func builds(_ selector: Selector) async throws(StoreError) -> [AgentBuild]

    /// Replaces the labels that operators gave an agent.
    ///
    /// - Throws: `.conflict` when it has others than `expected`.
    func setLabels(
        _ labels: [String: String], of uid: InstanceUID, expecting expected: [String: String]?
    ) async throws(InventoryFailure)
    /// Forgets an agent that is gone; whether it was there.
    func forget(_ uid: InstanceUID) async throws(StoreError) -> Bool
    /// Asks an agent to begin anew.
    func restart(_ uid: InstanceUID) async throws(InventoryError)
    /// Offers agents once more what they could not run.
    func retry(_ uids: [InstanceUID]) async
    /// Offers agents once more the packages that they could not install.
    func retryPackages(_ uids: [InstanceUID]) async
}

/// A kind of agents, by what they are built of.
public struct AgentBuild: Sendable {
    /// Such as `apus 0.1.0`.
    public var name: String
    public var components: AgentComponents

    public init(name: String, components: AgentComponents) {
        self.name = name
        self.components = components
    }
}
