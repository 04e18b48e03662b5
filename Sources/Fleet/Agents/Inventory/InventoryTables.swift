internal import FleetModel

/// What agents share.
struct InventoryTables: Sendable {
    /// A program.
    struct Build: Sendable, Hashable {
        let name: String
        let version: String

        var text: String { [name, version].filter { !$0.isEmpty }.joined(separator: " ") }
    }

    var attributes = AttributeTable()
    /// Labels by operators.
    var labels = InternTable<[String: String]>()
    var builds = InternTable<Build>()
    var shapes = InternTable<HealthShape>()
    var effective = InternTable<ContentHash>()
    var terms = InternTable<AssignmentTerms>()
    /// What agents ought to run, whatever it becomes for each of them.
    var revisions = InternTable<RevisionReference>()
    /// Custom capabilities of agents.
    var customs = InternTable<[String]>()
    /// Hashes of available components.
    var components = InternTable<[UInt8]>()
}
