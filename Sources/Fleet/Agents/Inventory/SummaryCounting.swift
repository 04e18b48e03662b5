internal import FleetModel

/// Adds agents up.
struct SummaryCounting {
    private static let mostVersions = 1000

    private var summary = FleetSummary()
    private var drift = [Int](repeating: 0, count: DriftState.allCases.count)
    private var builds: [Int] = []
    private var terms: [Int] = []

    mutating func add(_ row: HotAgent) {
        guard !row.flags.contains(.isWaiting) else {
            summary.waiting += 1
            return
        }
        summary.agents += 1
        drift[Int(row.drift)] += 1
        Self.add(row.build, to: &builds)
        Self.add(row.terms, to: &terms)
        guard row.flags.contains(.isConnected) else { return }
        summary.connected += 1
        summary.accepted += Double(row.accepted)
        summary.delivered += Double(row.delivered)
        summary.dropped += Double(row.dropped)
        switch row.isHealthy {
        case true?: summary.healthy += 1
        case false?: summary.unhealthy += 1
        case nil: break
        }
    }

    func summary(_ tables: InventoryTables) -> FleetSummary {
        var summary = summary
        for (number, count) in drift.enumerated() where count > 0 {
            summary.drift[DriftState(number: UInt8(number))] = count
        }
        for (number, count) in builds.enumerated() where count > 0 {
            let version = tables.builds[UInt32(number)]?.version ?? ""
            let isKnown = summary.versions[version] != nil || summary.versions.count < Self.mostVersions
            summary.versions[isKnown ? version : "other", default: 0] += count
        }
        for (number, count) in terms.enumerated() where count > 0 {
            guard let revision = tables.terms[UInt32(number)]?.revision else { continue }
            summary.revisions[revision, default: 0] += count
        }
        return summary
    }

    private static func add(_ number: UInt32, to counts: inout [Int]) {
        guard number != .absent else { return }
        while counts.count <= number { counts.append(0) }
        counts[Int(number)] += 1
    }
}
