internal import FleetModel

/// Which agents are in which state, kept up with each change, so that sums are counts of bits.
struct StateIndex: Sendable {
    /// All that there are.
    private(set) var all = Bitmap()
    private(set) var waiting = Bitmap()
    private(set) var connected = Bitmap()
    /// Those that have said how they are.
    private(set) var reporting = Bitmap()
    private(set) var healthy = Bitmap()
    /// Those through which something flows.
    private(set) var flowing = Bitmap()
    /// By the numbers of `DriftState`.
    private(set) var drift = Array(repeating: Bitmap(), count: DriftState.allCases.count)
    private(set) var builds = PlaceSets()
    private(set) var effective = PlaceSets()
    private(set) var revisions = PlaceSets()

    /// An agent came, changed or went.
    mutating func move(_ place: UInt32, from old: HotAgent?, to new: HotAgent?) {
        if (old == nil) != (new == nil) { all.set(place, new != nil) }
        move(place, from: old?.flags ?? [], to: new?.flags ?? [])
        if old?.isFlowing != new?.isFlowing { flowing.set(place, new?.isFlowing ?? false) }
        if old?.drift != new?.drift {
            if let old { drift[Int(old.drift)].remove(place) }
            if let new { drift[Int(new.drift)].insert(place) }
        }
        builds.move(place, from: old?.build ?? .absent, to: new?.build ?? .absent)
        effective.move(place, from: old?.effective ?? .absent, to: new?.effective ?? .absent)
        revisions.move(place, from: old?.revision ?? .absent, to: new?.revision ?? .absent)
    }

    private mutating func move(_ place: UInt32, from old: HotAgent.Flags, to new: HotAgent.Flags) {
        let changed = old.symmetricDifference(new)
        guard !changed.isEmpty else { return }
        if changed.contains(.isConnected) { connected.set(place, new.contains(.isConnected)) }
        if changed.contains(.isWaiting) { waiting.set(place, new.contains(.isWaiting)) }
        if changed.contains(.hasHealth) { reporting.set(place, new.contains(.hasHealth)) }
        if changed.contains(.isHealthy) { healthy.set(place, new.contains(.isHealthy)) }
    }
}
