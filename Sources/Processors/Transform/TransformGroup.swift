internal import OTTL
internal import Telemetry

/// Statements of one context, ready to run over a batch.
///
/// A class, so that what a statement needs is neither copied nor counted when it runs.
final class TransformGroup: Sendable {
    /// How many entries a cache for a whole batch may have.
    static let cacheLimit = 100

    let context: OTTLContext
    let conditions: [Condition]
    let statements: [Statement]
    /// What happens when one of them cannot be evaluated; `nil` for what the processor says.
    let errorMode: ErrorMode?
    /// Whether `cache` is one map for the whole batch.
    let sharesCache: Bool
    let flattens: Bool
    private let changesParents: Bool

    init(
        context: OTTLContext, conditions: [Condition], statements: [Statement], errorMode: ErrorMode?,
        sharesCache: Bool, flattens: Bool
    ) {
        self.context = context
        self.conditions = conditions
        self.statements = statements
        self.errorMode = errorMode
        self.sharesCache = sharesCache
        self.flattens = flattens
        changesParents = statements.contains { $0.changesParents }
    }

    /// Runs over a batch; returns whether that changed anything.
    func run(on batch: inout Batch, _ run: inout TransformRun) -> Bool {
        var frame: Frame?
        let errorMode = errorMode ?? run.errorMode
        defer {
            if sharesCache, let frame { run.caches[context] = frame.cache }
        }
        return batch.rewrite(context.place, changesParents: changesParents) { draft in
            guard run.tally.fatal == nil else { return }
            let current: Frame
            if let frame, frame.draft === draft {
                current = frame
            } else {
                current = Frame(draft, run.surroundings)
                if sharesCache { current.cache = frame?.cache ?? run.caches[context] ?? ValueMap() }
                frame = current
            }
            if !sharesCache {
                current.begin()
            } else if current.cache.count > Self.cacheLimit {
                current.begin()
                run.cacheResets += 1
            }
            guard holds(current, errorMode, &run.tally) else { return }
            for index in statements.indices {
                do throws(EvaluationError) {
                    try statements[index].run(current)
                } catch {
                    let failure = StatementFailure(text: statements[index].text, error: error)
                    if run.tally.note(failure, errorMode) { return }
                }
            }
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
    var caches: [OTTLContext: ValueMap] = [:]
    /// How often such a map had too many entries and began anew.
    var cacheResets = 0

    init(_ errorMode: ErrorMode, _ surroundings: Surroundings, _ origin: Origin?) {
        self.errorMode = errorMode
        var surroundings = surroundings
        surroundings.origin = origin
        self.surroundings = surroundings
    }
}
