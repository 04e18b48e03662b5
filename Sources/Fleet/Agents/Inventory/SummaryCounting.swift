internal import FleetModel
internal import OpAMP

/// Adds agents up, from sets that were taken at one moment; nobody has to wait for it.
struct SummaryCounting: Sendable {
    private static let mostVersions = 1000

    /// The agents that are added up, those that wait to be let in among them.
    let chosen: Bitmap
    let states: StateIndex
    let builds: InternTable<InventoryTables.Build>
    let revisions: InternTable<RevisionReference>

    /// The agents that what flows is to be added up of.
    var flowing: Bitmap { chosen.intersection(states.flowing).intersection(states.connected) }

    /// All but what flows.
    var summary: FleetSummary {
        var summary = FleetSummary()
        summary.waiting = chosen.countCommon(states.waiting)
        var known = chosen
        known.subtract(states.waiting)
        summary.agents = known.count
        for (number, set) in states.drift.enumerated() {
            let count = known.countCommon(set)
            if count > 0 { summary.drift[DriftState(number: UInt8(number))] = count }
        }
        for (number, set) in states.builds.sets.enumerated() {
            let count = set.count(in: known)
            guard count > 0 else { continue }
            let version = builds[UInt32(number)]?.version ?? ""
            let isKnown = summary.versions[version] != nil || summary.versions.count < Self.mostVersions
            summary.versions[isKnown ? version : "other", default: 0] += count
        }
        for (number, set) in states.revisions.sets.enumerated() {
            let count = set.count(in: known)
            guard count > 0, let revision = revisions[UInt32(number)] else { continue }
            summary.revisions[revision, default: 0] += count
        }
        known.formIntersection(states.connected)
        summary.connected = known.count
        known.formIntersection(states.reporting)
        summary.healthy = known.countCommon(states.healthy)
        summary.unhealthy = known.count - summary.healthy
        return summary
    }
}
