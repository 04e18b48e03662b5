internal import OTTL
internal import Pipeline
internal import Telemetry

/// Statements of one context, ready to run over a batch.
///
/// A class, so that what a statement needs is neither copied nor counted when it runs.
final class TransformGroup: Sendable {
    /// How many entries a cache for a whole batch may have.
    static let cacheLimit = 100
    /// How many the lists and maps in it may have.
    static let innerCacheLimit = 1000
    /// How many statements call one another.
    private static let chainLimit = 256

    let context: OTTLContext
    let conditions: [Condition]
    private let first: Step
    /// Where a chain was cut so that the stack does not grow with the configuration.
    private let more: [Step]
    /// What happens when one of them cannot be evaluated; `nil` for what the processor says.
    let errorMode: ErrorMode?
    /// Whether `cache` is one map for the whole batch.
    let sharesCache: Bool
    let flattens: Bool
    private let changesParents: Bool

    /// A statement and those after it.
    ///
    /// A class with constants only, so that nothing is copied or counted when it runs.
    private final class Step: Sendable {
        private let statement: Statement
        private let next: Step?

        init(_ statement: Statement, next: Step?) {
            self.statement = statement
            self.next = next
        }

        func run(_ frame: Frame, _ errorMode: ErrorMode, _ tally: inout FailureTally) {
            do throws(EvaluationError) {
                try statement.run(frame)
            } catch {
                let failure = StatementFailure(text: statement.text, error: error)
                if tally.note(failure, errorMode) { return }
            }
            next?.run(frame, errorMode, &tally)
        }
    }

    /// `statements` are at least one.
    init?(
        context: OTTLContext, conditions: [Condition], statements: [Statement], errorMode: ErrorMode?,
        sharesCache: Bool, flattens: Bool
    ) {
        let chains = stride(from: 0, to: statements.count, by: Self.chainLimit).map { start in
            statements[start..<min(start + Self.chainLimit, statements.count)].reversed()
                .reduce(nil) { next, statement in Step(statement, next: next) }
        }.compactMap { $0 }
        guard let first = chains.first else { return nil }
        self.first = first
        more = Array(chains.dropFirst())
        self.context = context
        self.conditions = conditions
        self.errorMode = errorMode
        self.sharesCache = sharesCache
        self.flattens = flattens
        changesParents = statements.contains { $0.changesParents }
    }

    /// Runs over a batch; returns whether that changed anything.
    func run(on batch: inout Batch, _ run: inout TransformRun) -> Bool {
        guard !run.isOver else { return false }
        let errorMode = errorMode ?? run.errorMode
        // The rewriter shows a place with the same draft all the time; `frame` keeps alive what `current`
        // is, whose references would otherwise be counted for every item.
        var (frame, current): (Frame?, Unmanaged<Frame>?)
        var shown: ObjectIdentifier?
        defer {
            if sharesCache, let frame { run.caches[context] = frame.cache }
        }
        let before = batch.byteCount
        let isChanged = batch.rewrite(
            context.place, changesParents: changesParents, holding: run.holding
        ) { draft in
            guard !run.isOver else { return }
            if shown != ObjectIdentifier(draft) {
                let new = Frame(draft, run.surroundings)
                if sharesCache { new.cache = frame?.cache ?? run.caches[context] ?? Cache() }
                (frame, current, shown) = (new, .passUnretained(new), ObjectIdentifier(draft))
            }
            current?._withUnsafeGuaranteedRef { frame in
                begin(frame, &run)
                guard holds(frame, errorMode, &run.tally) else { return }
                first.run(frame, errorMode, &run.tally)
                for index in more.indices where !run.tally.isOver {
                    more[index].run(frame, errorMode, &run.tally)
                }
            }
            if draft.isChanged || changesParents, draft.growth > run.room { run.overgrow() }
        }
        run.grow(by: batch.byteCount - before)
        return isChanged
    }

    @inline(__always)
    private func begin(_ frame: Frame, _ run: inout TransformRun) {
        if !sharesCache {
            frame.begin()
        } else if frame.cache.map.count > Self.cacheLimit
            || frame.cache.largestCount > Self.innerCacheLimit
        {
            frame.begin()
            run.cacheResets += 1
        }
    }

    /// Whether one of the conditions holds, if there are any.
    @inline(__always)
    private func holds(_ frame: Frame, _ errorMode: ErrorMode, _ tally: inout FailureTally) -> Bool {
        conditions.isEmpty || anyHolds(frame, errorMode, &tally)
    }

    private func anyHolds(_ frame: Frame, _ errorMode: ErrorMode, _ tally: inout FailureTally) -> Bool {
        for index in conditions.indices {
            do throws(EvaluationError) {
                if try conditions[index].holds(frame) { return true }
            } catch {
                let failure = StatementFailure(text: conditions[index].text, error: error)
                if tally.note(failure, errorMode) { return false }
            }
        }
        return false
    }
}

/// One batch on its way through the groups.
struct TransformRun {
    let errorMode: ErrorMode
    let surroundings: Surroundings
    var tally = FailureTally()
    /// Maps that groups of a context share.
    var caches: [OTTLContext: Cache] = [:]
    /// How often such a map had too many entries and began anew.
    var cacheResets = 0
    /// Bytes by which statements may still make the batch larger.
    private(set) var room: Int
    /// Whether they would have made it larger than that.
    private(set) var isOvergrown = false
    private let limit: Int

    /// Bytes by which statements may make any batch larger, however small: 64 MiB.
    ///
    /// Beyond that it may become larger by four times its bytes, but never by more than `hardLimit`, 1 GiB:
    /// messages have lengths of 31 bits.
    private static let spareRoom = 64 << 20
    private static let hardLimit = 1 << 30
    /// Bytes that statements may write to one item, 256 MiB, or as many as the batch may grow by: what one
    /// statement writes is held until the item is over, even where another one writes something else.
    private static let heldLimit = 256 << 20

    init(_ errorMode: ErrorMode, _ surroundings: Surroundings, _ batch: borrowing Batch) {
        self.errorMode = errorMode
        var surroundings = surroundings
        surroundings.origin = batch.origin
        self.surroundings = surroundings
        limit = min(4 * batch.byteCount + Self.spareRoom, Self.hardLimit)
        room = limit
    }

    /// Whether nothing more is done to the batch.
    var isOver: Bool { tally.isOver }

    /// Bytes that statements may write to one message.
    var holding: Int { max(room, Self.heldLimit) }

    /// Takes note of how much larger a group made the batch.
    mutating func grow(by bytes: Int) {
        room -= max(0, bytes)
        if room < 0 { overgrow() }
    }

    /// Ends the work, since the batch would become too large.
    mutating func overgrow() {
        isOvergrown = true
        tally.end()
    }

    /// What the sender is told where a failure ended the work, or the batch became too large.
    func check(_ id: ComponentID) throws(Rejection) {
        try tally.check(id)
        guard isOvergrown else { return }
        throw .never(
            reason: "the statements of the processor \(id) would make the batch larger by more than "
                + "\(limit) bytes; send smaller batches, or copy less from resources into what they hold")
    }
}
