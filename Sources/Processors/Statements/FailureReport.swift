internal import Logging
internal import OTTL
internal import Pipeline

/// Tells of statements and conditions that could not be evaluated: all are counted, each by its text as far
/// as a label shows it, and one is logged every ten seconds at most, since every item may have one.
struct FailureReport {
    private static let interval = Duration.seconds(10)

    /// A statement as the counters name it, and what its failures led to.
    private struct Series: Hashable {
        let statement: String
        let mode: ErrorMode
    }

    private let id: ComponentID
    private let metrics: Metrics
    /// Made with the first failure: there are no more of them than statements in the configuration.
    private var counters: [Series: Counter] = [:]
    private let logger: Logger
    private let clock: any PipelineClock
    /// Before this nothing is logged.
    private var quietUntil: Instant?
    /// Failures that were not logged.
    private var unspoken = 0

    init(in context: Context) {
        id = context.id
        metrics = context.metrics
        logger = context.logger
        clock = context.clock
    }

    /// Takes note of the failures in one batch.
    mutating func add(_ tally: FailureTally) {
        for (text, failures) in tally.ignored { count(failures, of: text, .ignore) }
        if let fatal = tally.fatal { count(1, of: fatal.text, .propagate) }
        guard let shown = tally.fatal ?? tally.first else { return }
        let now = clock.now
        if let quietUntil, now < quietUntil { return }
        quietUntil = now + Self.interval
        logger.warning(
            "a statement could not be evaluated",
            metadata: [
                "statement": "\(shown.text)", "error": "\(shown.error)", "failures": "\(unspoken)",
                "refused": "\(tally.fatal != nil)",
            ])
        unspoken = 0
    }

    private mutating func count(_ failures: Int, of text: String, _ mode: ErrorMode) {
        unspoken += failures
        let series = Series(statement: StatementLabel.text(text), mode: mode)
        let counter =
            counters[series]
            ?? metrics.counter(
                "apus_processor_statement_failures",
                "Statements and conditions that could not be evaluated: ignored, or the end of their batch.",
                labels: [
                    ("processor", id.description), ("statement", series.statement),
                    ("error_mode", mode.rawValue),
                ])
        counters[series] = counter
        counter.add(failures)
    }
}

/// A statement or condition as it stands in a label of a metric.
enum StatementLabel {
    /// The longest one, in Unicode scalars.
    private static let limit = 120

    /// The text, cut where it is long.
    static func text(_ text: String) -> String {
        guard text.unicodeScalars.count > limit else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit - 1))) + "…"
    }
}

/// Failures while one batch is worked on.
struct FailureTally {
    /// The first one that was ignored.
    private(set) var first: StatementFailure?
    /// How many were ignored, by the statement or condition.
    private(set) var ignored: [String: Int] = [:]
    /// One that ends the work.
    private(set) var fatal: StatementFailure?
    /// Whether there is one, or the work ended for another reason.
    private(set) var isOver = false

    /// Ends the work for a reason of whoever keeps the tally.
    mutating func end() { isOver = true }

    /// Takes note of a failure as the mode says; returns whether it ends the work.
    mutating func note(_ failure: StatementFailure, _ mode: ErrorMode) -> Bool {
        switch mode {
        case .ignore:
            if first == nil { first = failure }
            ignored[failure.text, default: 0] += 1
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
