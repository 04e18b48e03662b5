internal import FleetModel
internal import OpAMP

/// Divides agents into stages, always in the same way for the same rollout.
struct StageOrder: Sendable {
    /// Agents with this label, and the value `true`, are the first to be changed.
    static let canaryLabel = "canary"

    let id: String
    let stages: [StageSettings]

    /// The agents of each stage; those that no stage reaches are left out.
    ///
    /// Agents that are connected come before the others, canaries before the rest, and then a hash decides
    /// that depends on the rollout, so that it is not always the same agents that are first.
    func divide(_ candidates: [Candidate]) -> [(StageSettings, [Candidate])] {
        let seed = Self.hash(id.utf8, from: 0xcbf2_9ce4_8422_2325)
        var rest = candidates.map { (rank: Self.rank($0), hash: Self.mix($0.uid, seed), agent: $0) }
            .sorted { ($0.rank, $0.hash, $0.agent.uid) < ($1.rank, $1.hash, $1.agent.uid) }
            .map(\.agent)
        let total = rest.count
        var included = 0
        return stages.map { stage in
            let taken = Self.take(stage, from: &rest, total: total, included: included)
            included += taken.count
            return (stage, taken)
        }
    }

    /// The stage that an agent falls into which comes later, when stages are shares of all agents.
    func stage(of uid: InstanceUID, total: Int) -> Int {
        let seed = Self.hash(id.utf8, from: 0xcbf2_9ce4_8422_2325)
        let place = Int(Double(Self.mix(uid, seed)) / 0x1p64 * Double(max(total, 1)))
        for (index, stage) in stages.enumerated() {
            if case .agents(let count) = stage.size, place < count.of(total) { return index }
        }
        return stages.count - 1
    }

    private static func rank(_ agent: Candidate) -> Int {
        (agent.isConnected ? 0 : 2) + (agent.labels[canaryLabel] == "true" ? 0 : 1)
    }

    /// Takes the agents of a stage out of `rest`.
    private static func take(
        _ stage: StageSettings, from rest: inout [Candidate], total: Int, included: Int
    ) -> [Candidate] {
        var isTaken = [Bool](repeating: false, count: rest.count)
        var count = 0
        for (label, least) in stage.minimumPerLabel.sorted(by: { $0.key < $1.key }) {
            var numbers: [String: Int] = [:]
            for (index, agent) in rest.enumerated() where isTaken[index] {
                if let value = agent.labels[label] { numbers[value, default: 0] += 1 }
            }
            for (index, agent) in rest.enumerated() where !isTaken[index] {
                guard let value = agent.labels[label], numbers[value, default: 0] < least else { continue }
                numbers[value, default: 0] += 1
                isTaken[index] = true
                count += 1
            }
        }
        switch stage.size {
        case .selector(let selector):
            for (index, agent) in rest.enumerated() where !isTaken[index] {
                isTaken[index] = selector.matches(agent.labels)
            }
        case .agents(let size):
            var missing = size.of(total) - included - count
            for index in rest.indices where missing > 0 && !isTaken[index] {
                isTaken[index] = true
                missing -= 1
            }
        case .ramp: break
        }
        let taken = rest.enumerated().filter { isTaken[$0.offset] }.map(\.element)
        rest = rest.enumerated().filter { !isTaken[$0.offset] }.map(\.element)
        return taken
    }

    private static func hash(_ bytes: some Sequence<UInt8>, from start: UInt64) -> UInt64 {
        bytes.reduce(start) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    /// Spreads the bits of an id over 64 (the finish of SplitMix64).
    private static func mix(_ uid: InstanceUID, _ seed: UInt64) -> UInt64 {
        var value = hash(uid.bytes, from: seed)
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}

extension RolloutSpec {
    /// The labels of agents that decide in which stage they are, and how many change at the same time.
    public var plannedLabels: Set<String> {
        var labels: Set<String> = [StageOrder.canaryLabel]
        labels.formUnion(blastRadius.maximumPerLabel.keys)
        guard case .stages(let stages) = plan else { return labels }
        for stage in stages {
            labels.formUnion(stage.minimumPerLabel.keys)
            if case .selector(let selector) = stage.size { labels.formUnion(selector.keys) }
        }
        return labels
    }
}
