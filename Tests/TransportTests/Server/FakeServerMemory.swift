import Synchronization

@testable import Transport

/// Memory as a test wants it to be.
final class FakeServerMemory: ServerMemory {
    private let admits = Atomic<Bool>(true)
    private let reads = Atomic<Bool>(true)
    private let left = Atomic<Int>(.max)
    private let refused = Atomic<Int>(0)
    private let asked = Atomic<Int>(0)

    /// Whether requests may come in.
    var isOpen: Bool {
        get { admits.load(ordering: .relaxed) }
        set { admits.store(newValue, ordering: .relaxed) }
    }

    /// Whether sockets may be read.
    var isReadable: Bool {
        get { reads.load(ordering: .relaxed) }
        set { reads.store(newValue, ordering: .relaxed) }
    }

    var room: Int {
        get { left.load(ordering: .relaxed) }
        set { left.store(newValue, ordering: .relaxed) }
    }

    var limit: Int { .max }

    /// How many requests have been refused.
    var refusals: Int { refused.load(ordering: .relaxed) }
    /// How often somebody has asked whether to read.
    var questions: Int { asked.load(ordering: .relaxed) }

    func admitsRequest() -> Bool { isOpen }

    var allowsReading: Bool {
        asked.add(1, ordering: .relaxed)
        return isReadable
    }

    func countRefusal() { refused.add(1, ordering: .relaxed) }
}
