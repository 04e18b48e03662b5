/// What is due when, in steps of 10 ms, up to 80 s ahead.
struct TimerWheel {
    enum Kind: UInt8 {
        case heartbeat, apply, connect, giveUp, mischief, flow
    }

    struct Entry {
        let kind: Kind
        /// Tells attempts of one connection apart.
        let attempt: UInt8
        let index: Int32
    }

    static let step: UInt64 = 10_000_000
    private static let slots = 8192

    private var wheel = [[Entry]](repeating: [], count: slots)
    /// The number of the next step.
    private(set) var position: UInt64

    init(now: UInt64) { position = now / Self.step }

    /// When the next step is due, in nanoseconds.
    var next: UInt64 { position * Self.step }

    mutating func add(_ kind: Kind, _ index: Int, after seconds: Double, attempt: UInt8 = 0) {
        let steps = min(max(UInt64(seconds * 1e9) / Self.step, 1), UInt64(Self.slots - 1))
        wheel[Int((position + steps) % UInt64(Self.slots))].append(
            Entry(kind: kind, attempt: attempt, index: Int32(index)))
    }

    /// What is due in the next step.
    mutating func advance() -> [Entry] {
        let slot = Int(position % UInt64(Self.slots))
        position += 1
        guard !wheel[slot].isEmpty else { return [] }
        let entries = wheel[slot]
        wheel[slot] = []
        return entries
    }
}
