internal import Wire

/// Collects the body of one message straight into the memory that is handed on afterwards.
///
/// A pure state machine: what came in goes into `take`, and the outcome says what to do. Memory is sized
/// once, from `content-length` or from a gRPC length prefix, after that has been checked against the limit.
/// What is reserved from the budget follows what really arrived, so that a length that is only claimed
/// costs nobody else anything.
struct BodyCollector: ~Copyable {
    /// What became of a piece of the body.
    enum Outcome: Equatable {
        /// It is kept.
        case kept
        /// It is kept, but the peer must not send more before `retry` has succeeded.
        case waiting
        /// It is thrown away because an earlier piece was not kept.
        case discarded
        /// The body is over its limit; nothing of it is kept any more.
        case tooLarge
        /// The budget is used up; nothing of the body is kept any more.
        case refused
    }

    private var builder: BytesBuilder?
    private var expected: Int?
    private var framing = BodyFraming.plain
    private var reserved = 0
    /// The bytes that memory has been allocated for on purpose.
    private(set) var capacity = 0
    /// The bytes kept so far.
    private(set) var count = 0
    /// The most bytes that the body may have.
    private(set) var limit = 0
    /// Whether what arrives is thrown away.
    private(set) var isDiscarding = false
    /// Whether the body waits for the budget.
    private(set) var isWaiting = false

    /// Bodies up to this size are reserved at once.
    private static let step = 256 << 10
    private static let growth = 8
    private static let prefixLength = 5

    /// Sets what may come.
    ///
    /// `expected` is the body's declared length; false if it is over the limit.
    mutating func begin(limit: Int, framing: BodyFraming, expected: Int?) -> Bool {
        self.limit = limit
        self.framing = framing
        self.expected = expected
        return (expected ?? 0) <= limit
    }

    /// Takes the next piece.
    mutating func take(_ piece: UnsafeRawBufferPointer, budget: BodyBudget) -> Outcome {
        if isDiscarding { return .discarded }
        guard piece.count <= limit - count, readPrefix(of: piece) else {
            discard(budget: budget)
            return .tooLarge
        }
        guard reserve(count + piece.count, budget: budget) else {
            discard(budget: budget)
            return .refused
        }
        makeRoom(for: piece.count, budget: budget)
        builder?.append(piece)
        count += piece.count
        return isWaiting ? .waiting : .kept
    }

    /// Asks the budget again for a body that waits; true when its peer may go on.
    mutating func retry(budget: BodyBudget) -> Bool {
        guard isWaiting else { return true }
        let wanted = target(for: count + 1)
        guard budget.reserve(wanted - reserved) else { return false }
        reserved = wanted
        isWaiting = false
        return true
    }

    /// Takes the body out, which gives its bytes back to the budget.
    mutating func finish(budget: BodyBudget) -> Bytes {
        release(to: budget)
        count = 0
        capacity = 0
        guard let whole = builder.take() else { return .empty }
        return whole.finish()
    }

    /// Throws away what is there and what may still come.
    mutating func discard(budget: BodyBudget) {
        release(to: budget)
        builder = nil
        capacity = 0
        count = 0
        isDiscarding = true
    }

    /// Makes the collector ready for another message.
    mutating func clear(budget: BodyBudget) {
        release(to: budget)
        builder = nil
        capacity = 0
        expected = nil
        framing = .plain
        count = 0
        limit = 0
        isDiscarding = false
    }

    /// Reads the length of a gRPC message as soon as its prefix is there; false if it is over the limit.
    private mutating func readPrefix(of piece: UnsafeRawBufferPointer) -> Bool {
        guard framing == .lengthPrefixed, count == 0, piece.count >= Self.prefixLength else { return true }
        let length = piece.loadUnaligned(fromByteOffset: 1, as: UInt32.self).bigEndian
        let total = Self.prefixLength + Int(length)
        // A declared content-length has been checked already; the larger of the two sizes the memory.
        expected = max(expected ?? 0, total)
        return total <= limit
    }

    /// Allocates what is expected, but only a few times more than what has arrived: memory that is claimed
    /// and never filled would be scattered all over the heap, and grow the process with every such client.
    private mutating func makeRoom(for extra: Int, budget: BodyBudget) {
        let needed = count + extra
        guard builder == nil || needed > capacity else { return }
        let trusted = max(needed, min(max(Self.step, capacity * Self.growth), budget.room))
        capacity = max(needed, min(expected ?? needed, trusted))
        if builder == nil {
            builder = BytesBuilder(capacity: capacity)
        } else {
            builder?.reserve(capacity - count)
        }
    }

    private mutating func reserve(_ needed: Int, budget: BodyBudget) -> Bool {
        guard needed > reserved else { return true }
        let wanted = target(for: needed)
        if !isWaiting, budget.reserve(wanted - reserved) {
            reserved = wanted
            return true
        }
        guard budget.reserveArrived(needed - reserved) else { return false }
        reserved = needed
        isWaiting = true
        return true
    }

    private func target(for needed: Int) -> Int {
        let generous = max(needed * 2, Self.step)
        return max(needed, min(expected ?? (needed * 2), generous, limit))
    }

    private mutating func release(to budget: BodyBudget) {
        budget.release(reserved)
        reserved = 0
        isWaiting = false
    }
}
