public import Delivery
public import Pipeline
internal import Synchronization
public import Telemetry

/// Telemetry that did not get where it was meant to go: why, how much, and a few examples.
public struct DropGroup: Sendable {
    /// One time that it happened.
    public struct Example: Sendable {
        /// Nanoseconds since 1970-01-01T00:00:00Z.
        public let time: UInt64
        /// What exactly was in the way.
        public let message: String
        public let items: Int
        /// One of the items, if it is not too large.
        public let item: Batch?
    }

    public let kind: ComponentKind
    public let component: ComponentID
    /// The pipeline it came through; `nil` for what was found on disk.
    public let pipeline: PipelineID?
    /// Where the items went.
    public let place: DeliveryAccount.Place
    /// Items altogether, since the process began or the group was forgotten.
    public internal(set) var items: Int
    /// The last examples, oldest first; at most `DropLog.examples`.
    public internal(set) var examples: [Example]
}

/// "Why was it dropped?": the last examples for each reason.
///
/// Bounded: `groups` groups (the one that was quiet for longest gives way), `examples` examples each, and
/// items of `itemSize` bytes at most.
public final class DropLog: Sendable {
    public static let groups = 64
    public static let examples = 4
    /// Bytes of an item that is kept as an example.
    public static let itemSize = 8 << 10

    private struct Key: Hashable {
        let kind: ComponentKind
        let component: ComponentID
        let pipeline: PipelineID?
        let place: DeliveryAccount.Place
    }

    private let clock: any PipelineClock
    private let state = Mutex<[Key: DropGroup]>([:])

    init(clock: any PipelineClock) {
        self.clock = clock
    }

    /// All groups, the one with the latest example first.
    public var all: [DropGroup] {
        state.withLock { Array($0.values) }.sorted { $0.latest > $1.latest }
    }

    /// Takes down what became of some items.
    func note(_ drop: DroppedItems, _ kind: ComponentKind, _ component: ComponentID) {
        let key = Key(kind: kind, component: component, pipeline: drop.pipeline, place: drop.place)
        let example = DropGroup.Example(
            time: clock.unixNanoseconds, message: drop.reason, items: drop.items,
            item: drop.batch.flatMap(item))
        state.withLock { groups in
            if groups[key] == nil, groups.count >= Self.groups,
                let oldest = groups.min(by: { $0.value.latest < $1.value.latest })
            {
                groups[oldest.key] = nil
            }
            var group =
                groups[key]
                ?? DropGroup(
                    kind: kind, component: component, pipeline: drop.pipeline, place: drop.place, items: 0,
                    examples: [])
            group.items += drop.items
            group.examples.append(example)
            if group.examples.count > Self.examples { group.examples.removeFirst() }
            groups[key] = group
        }
    }

    /// The first item of a batch, with copies of its bytes only.
    private func item(of batch: Batch) -> Batch? {
        guard batch.byteCount <= Self.itemSize * 128 else { return nil }
        var batch = batch
        batch.claims = []
        let item = batch.removeFirst(items: 1)
        return item.byteCount <= Self.itemSize ? item : nil
    }
}

extension DropGroup {
    fileprivate var latest: UInt64 { examples.last?.time ?? 0 }
}
