/// One stage of a rollout with what has become of its agents.
public struct RolloutStage: Sendable, Hashable {
    public let settings: StageSettings
    /// The agents that it began with, in the list of the rollout.
    let range: Range<Int>
    /// How many agents are in each phase, late ones included.
    public internal(set) var counts = PhaseCounts()
    /// How many have failed, those included that have gone back since.
    public internal(set) var failures = 0

    public var name: String { settings.name }
    /// How many agents belong to it.
    public var size: Int { counts.total }

    init(settings: StageSettings, range: Range<Int>) {
        self.settings = settings
        self.range = range
    }
}

/// How many agents are in each phase.
public struct PhaseCounts: Sendable, Hashable {
    private var numbers = [Int](repeating: 0, count: MemberPhase.allCases.count)

    public init() {}

    /// The agents of one phase.
    public internal(set) subscript(phase: MemberPhase) -> Int {
        get { numbers[Int(phase.rawValue)] }
        set { numbers[Int(phase.rawValue)] = newValue }
    }

    /// All agents that take part.
    public var total: Int { numbers.reduce(0, +) - self[.excluded] }

    /// Those who are in the middle of a change.
    public var inFlight: Int {
        self[.assigned] + self[.applying] + self[.applied] + self[.lost] + self[.reverting]
    }

    static func + (left: Self, right: Self) -> Self {
        var sum = left
        for phase in MemberPhase.allCases { sum[phase] += right[phase] }
        return sum
    }
}
