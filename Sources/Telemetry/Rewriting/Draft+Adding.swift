internal import Wire

// Records that an edit adds, and how much larger it may make a batch.
extension Draft {
    /// What became of a record that an edit wanted to add.
    public enum Addition: Sendable, Equatable {
        case added
        /// The scope has as many additions as it takes: `Batch.additionLimit`.
        case tooMany
        /// It was made of a record that was made of others, `Batch.generationLimit` times.
        case tooManyGenerations
        /// All additions to the batch would take more bytes than `Batch.additionRoom` says.
        case tooLarge
        /// It is no valid record of the signal.
        case invalid
        /// The draft is not in a scope, or its own edits are over.
        case closed
    }

    /// Adds a record to the scope that this one is in: a metric to metrics, a span to spans.
    ///
    /// It comes after the last record of the scope and is shown to the edit then, which may add more again:
    /// up to `Batch.additionLimit` for a scope and in up to `Batch.generationLimit` generations, so that
    /// records that beget one another come to an end. Metrics, spans and log records add while their edit
    /// runs, metrics also from their data points, and valid ones only.
    @discardableResult
    public func addToScope(_ record: WireMessage) -> Addition {
        guard let room, let recipient else { return .closed }
        if let obstacle = obstacle(toAdding: record.bytes.count) { return obstacle }
        guard Validator.isValid(record.bytes, as: recipient.kind.message) else { return .invalid }
        recipient.siblings.append(record.bytes)
        room.additions -= record.bytes.count
        return .added
    }

    /// What is in the way of adding a record of `size` bytes; `nil` when nothing is.
    ///
    /// Whoever makes records of others asks while they grow, so that what is refused is never made.
    public func obstacle(toAdding size: Int) -> Addition? {
        guard let room, let recipient else { return .closed }
        if recipient.isLastGeneration { return .tooManyGenerations }
        if recipient.siblings.count >= recipient.siblingLimit { return .tooMany }
        return size > room.additions ? .tooLarge : nil
    }

    /// The record beside which others are added.
    private var recipient: Draft? {
        guard access == .open else { return nil }
        switch kind {
        case .metric, .span, .logRecord: return self
        case .numberPoint, .histogramPoint, .exponentialHistogramPoint, .summaryPoint: return parent
        default: return nil
        }
    }

    /// Bytes by which edits have made the batch larger since its rewriting began.
    ///
    /// It is less than 0 where they made it smaller. Records that they added count when they are shown; what
    /// they did to the message of the draft itself when it is written; and all that they wrote to what is
    /// around it, as long as that is not written. `Int.max` where they wrote more to one message than it
    /// holds, so that some of it is not there.
    public var growth: Int {
        guard let room, !room.isOverfull else { return room == nil ? 0 : .max }
        var (growth, draft) = (room.growth, parent)
        while let outer = draft, outer.access == .around {
            growth += outer.additions.count
            draft = outer.parent
        }
        return growth
    }
}

extension Batch {
    /// How many records edits may add to a scope.
    public static let additionLimit = 1000
    /// How often added records may in turn have others added.
    public static let generationLimit = 16

    /// Bytes that edits may write to one message unless they say otherwise: 1 GiB.
    ///
    /// What others replaced counts too. Beyond that edits change nothing more.
    public static let heldLimit = 1 << 30

    /// Bytes of records that edits may add in one rewriting: four times those of the batch, 64 MiB of them
    /// at most, and 16 MiB.
    public var additionRoom: Int { min(4 * byteCount, 64 << 20) + 16 << 20 }
}

/// How much larger edits have made a batch, and may.
final class RewritingRoom {
    // Exclusive access is left unchecked as in `Draft`.

    /// Bytes of records that edits may still add.
    @exclusivity(unchecked) var additions = 0
    /// Bytes by which what is written is larger than what of the source is done with.
    @exclusivity(unchecked) var growth = 0
    /// Whether edits wanted to write more to one message than `additionLimit`.
    @exclusivity(unchecked) var isOverfull = false
    /// Bytes that edits may write to one message.
    let additionLimit: Int

    init(additionLimit: Int) { self.additionLimit = additionLimit }
}
