internal import Logging
internal import OTTL
internal import Pipeline

/// Tells of statements and conditions that could not be evaluated: all are counted, and one is logged every
/// ten seconds at most, since every item may have one.
struct FailureReport {
    private static let interval = Duration.seconds(10)

    private let counter: Counter
    private let logger: Logger
    private let clock: any PipelineClock
    /// Before this nothing is logged.
    private var quietUntil: Instant?
    /// Failures that were not logged.
    private var unspoken = 0

    init(in context: Context) {
        counter = context.metrics.counter(
            "apus_processor_statement_failures",
            "Statements and conditions that could not be evaluated and were ignored.",
            labels: [("processor", context.id.description)])
        logger = context.logger
        clock = context.clock
    }

    /// Takes note of the failures in one batch.
    mutating func add(_ tally: FailureTally) {
        guard let first = tally.first else { return }
        counter.add(tally.count)
        unspoken += tally.count
        let now = clock.now
        if let quietUntil, now < quietUntil { return }
        quietUntil = now + Self.interval
        logger.warning(
            "a statement could not be evaluated",
            metadata: ["statement": "\(first.text)", "error": "\(first.error)", "failures": "\(unspoken)"])
        unspoken = 0
    }
}

/// Failures while one batch is worked on.
struct FailureTally {
    /// The first one that was ignored.
    private(set) var first: StatementFailure?
    /// How many were ignored.
    private(set) var count = 0
    /// One that ends the work.
    private(set) var fatal: StatementFailure?
    /// Whether there is one.
    private(set) var isOver = false

    /// Takes note of a failure as the mode says; returns whether it ends the work.
    mutating func note(_ failure: StatementFailure, _ mode: ErrorMode) -> Bool {
        switch mode {
        case .ignore:
            if first == nil { first = failure }
            count += 1
        case .silent: break
        case .propagate:
            fatal = failure
            isOver = true
            return true
        }
        return false
    }

    /// What the sender is told where a failure ended the work.
    func check(_ id: ComponentID) throws(Rejection) {
        guard let fatal else { return }
        throw .never(reason: "the processor \(id) could not evaluate '\(fatal.text)': \(fatal.error)")
    }
}
