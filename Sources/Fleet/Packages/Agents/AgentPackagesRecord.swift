public import FleetModel
public import OpAMP

/// Everything that is known of the packages of an agent.
public struct AgentPackagesRecord: Sendable, Hashable {
    /// How what it has compares with what it ought to have.
    public let state: DriftState
    /// Which set of packages it ought to have; `nil` when nobody has said so.
    public let assignment: Assignment?
    /// What it said last, package by package.
    public let statuses: PackageStatuses
    /// What became of offers by their hashes, the newest last; at most 16.
    public let history: [ConfigurationReport]
}
