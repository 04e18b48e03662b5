internal import Pipeline
internal import Prometheus

/// What is counted of the scrapes of a receiver, beside what passes its outlet.
struct ScrapeMeters: Sendable {
    private let unreachable: Counter
    private let invalid: Counter
    private let limited: Counter
    private let duplicates: Counter
    private let incomplete: Counter
    /// Scrapes that were left out for want of memory.
    let skipped: Counter
    /// Points that the pipelines did not take in time.
    let givenUp: Counter

    init(_ context: Context) {
        func failures(_ reason: String) -> Counter {
            context.metrics.counter(
                "apus_receiver_failed_scrapes", "Scrapes that gave no page, by reason.",
                labels: [("receiver", context.id.description), ("reason", reason)])
        }
        func dropped(_ reason: String) -> Counter {
            context.metrics.counter(
                "apus_receiver_dropped_samples", "Samples of pages that were not passed on, by reason.",
                labels: [("receiver", context.id.description), ("reason", reason)])
        }
        unreachable = failures("unreachable")
        invalid = failures("invalid")
        limited = failures("limit")
        skipped = failures("memory")
        givenUp = context.metrics.counter(
            ScrapeReport.givenUpName, ScrapeReport.givenUpHelp,
            labels: [("receiver", context.id.description)])
        duplicates = dropped("duplicate")
        incomplete = dropped("incomplete")
    }

    func count(_ outcome: ScrapeOutcome) {
        switch outcome.failure {
        case .unreachable: unreachable.add(1)
        case .invalid: invalid.add(1)
        case .limit: limited.add(1)
        case nil: break
        }
        if outcome.duplicates > 0 { duplicates.add(outcome.duplicates) }
        if outcome.incomplete > 0 { incomplete.add(outcome.incomplete) }
    }
}
