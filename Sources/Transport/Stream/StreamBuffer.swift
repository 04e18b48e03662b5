internal import Wire

/// What has arrived over one connection, counted in the budget of all until it has been dealt with.
struct StreamBuffer: ~Copyable {
    /// What became of a piece.
    enum Outcome: Equatable {
        case kept
        /// It is kept, but nothing more should be read before `retry` has succeeded.
        case waiting
        /// There is no memory for it, and it is lost.
        case refused
    }

    private var builder: BytesBuilder?
    private var reserved = 0
    /// The bytes that have been handed over, and that whoever has them still needs.
    private var lent = 0
    /// Whether the budget has been exceeded by what had arrived already.
    private(set) var isWaiting = false

    /// How many bytes there are.
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ piece: UnsafeRawBufferPointer, budget: BodyBudget) -> Outcome {
        let extra = count + piece.count - reserved
        if isWaiting || !budget.reserve(extra) {
            guard budget.reserveArrived(extra) else { return .refused }
            isWaiting = true
        }
        reserved += extra
        if builder == nil { builder = BytesBuilder(capacity: piece.count) }
        builder?.append(piece)
        count += piece.count
        return isWaiting ? .waiting : .kept
    }

    /// Asks the budget again; true when reading may go on.
    mutating func retry(budget: BodyBudget) -> Bool {
        guard isWaiting, budget.reserve(1) else { return !isWaiting }
        budget.release(1)
        isWaiting = false
        return true
    }

    /// Lends everything that is there.
    borrowing func withSpan<Result>(_ body: (RawSpan) -> Result) -> Result {
        switch builder {
        case .some(let builder): builder.withUnsafeBytes { body($0.bytes) }
        case .none: Bytes.empty.withSpan(body)
        }
    }

    /// Hands over the first `length` bytes, which the budget counts until `giveBack`; the rest is copied.
    mutating func take(_ length: Int, budget: BodyBudget) -> Bytes {
        guard let whole = builder.take() else { return .empty }
        let bytes = whole.finish()
        let left = count - length
        if left > 0 {
            var rest = BytesBuilder(capacity: left)
            rest.append(bytes[length..<count])
            builder = consume rest
        }
        count = left
        budget.lend(reserved - left)
        lent += reserved - left
        reserved = left
        if left == 0 { isWaiting = false }
        return bytes[0..<length]
    }

    /// What has been handed over is not needed any more.
    mutating func giveBack(budget: BodyBudget) {
        budget.giveBack(lent)
        lent = 0
    }

    /// Forgets everything that has not been handed over.
    mutating func clear(budget: BodyBudget) {
        builder = nil
        budget.release(reserved)
        reserved = 0
        count = 0
        isWaiting = false
    }
}
