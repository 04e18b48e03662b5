internal import Synchronization

/// How many bytes the bodies that are still arriving may take together, over all connections of a server.
///
/// Safe to use from all loops at once. A body that gets no more room waits (its peer is not allowed to send
/// more), so the sum may go over the limit by what was already on its way; past a quarter more, bodies are
/// refused. Where the memory of the process is limited, that counts as well, and nothing goes over it.
final class BodyBudget: Sendable {
    /// The bytes that are given out freely.
    let limit: Int
    private let memory: @Sendable () -> Int
    /// Whether bodies wait for room, and are not refused at once.
    private let waits: Bool
    private let taken = Atomic<Int>(0)
    private let lent = Atomic<Int>(0)

    init(limit: Int, memory: (any ServerMemory)? = nil) {
        self.limit = max(limit, 0)
        self.memory = { memory?.room ?? .max }
        waits = true
    }

    /// The budget of a client, whose responses are bounded one by one: only the memory of the process counts.
    init(room: @escaping @Sendable () -> Int) {
        limit = .max / 4
        memory = room
        waits = false
    }

    /// The bytes that the memory of the process has room for.
    var room: Int { memory() }

    /// The bytes given out now.
    var used: Int { taken.load(ordering: .relaxed) }

    /// Whether there is room for something that may come.
    var hasRoom: Bool { used < limit || used == 0 }

    /// Whether there will be room for what is arriving once others have dealt with what they were handed.
    var isLent: Bool {
        let lent = lent.load(ordering: .relaxed)
        return lent > 0 && used - lent < limit
    }

    /// Takes `bytes` if they fit, or if nobody else has any: one body alone may always go on, whatever its
    /// size, because its own limit bounds it.
    func reserve(_ bytes: Int) -> Bool {
        guard bytes <= room else { return false }
        let before = taken.wrappingAdd(bytes, ordering: .relaxed).oldValue
        if before == 0 || before + bytes <= limit { return true }
        taken.wrappingSubtract(bytes, ordering: .relaxed)
        return false
    }

    /// Takes `bytes` that have arrived already; false if even that is too much.
    func reserveArrived(_ bytes: Int) -> Bool {
        guard waits, bytes <= room else { return false }
        let before = taken.wrappingAdd(bytes, ordering: .relaxed).oldValue
        if before == 0 || before + bytes <= limit + limit / 4 { return true }
        taken.wrappingSubtract(bytes, ordering: .relaxed)
        return false
    }

    /// Takes note that `bytes` of those taken have arrived and are with somebody who deals with them.
    func lend(_ bytes: Int) {
        if bytes != 0 { lent.wrappingAdd(bytes, ordering: .relaxed) }
    }

    /// Gives `bytes` back that were lent.
    func giveBack(_ bytes: Int) {
        if bytes != 0 { lent.wrappingSubtract(bytes, ordering: .relaxed) }
        release(bytes)
    }

    /// Gives `bytes` back.
    func release(_ bytes: Int) {
        if bytes != 0 { taken.wrappingSubtract(bytes, ordering: .relaxed) }
    }
}
