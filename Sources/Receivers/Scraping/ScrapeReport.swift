internal import Logging
internal import Pipeline
internal import Synchronization
internal import Telemetry

/// What one source gave in one scrape.
struct Scraped: Sendable {
    var batch = Batch(signal: .metrics)
    var failures = ScrapeFailures()
}

/// Says how scraping goes: counts points by source, logs what is new, and keeps the status of the receiver.
final class ScrapeReport: Sendable {
    private struct Meters {
        let scraped: Counter
        let errored: Counter
    }

    private let context: Context
    private let meters: [String: Meters]
    private let givenUp: Counter
    private let known = Mutex(Known())

    /// What is wrong, and was told.
    private struct Known {
        /// A problem that comes back within as many scrapes is not new.
        private static let memory = 10

        private var scrape = 0
        /// The scrape that had it last, by the kind of problem.
        private var last: [String: Int] = [:]

        /// Takes note of the problems of a scrape: which are new, and whether what was told is out of date.
        mutating func note(_ kinds: [String]) -> (fresh: Set<String>, isOutdated: Bool) {
            scrape += 1
            let fresh = Set(kinds).filter { last[$0] == nil }
            for kind in kinds { last[kind] = scrape }
            let before = last.count
            last = kinds.isEmpty ? [:] : last.filter { $0.value + Self.memory > scrape }
            return (fresh, !fresh.isEmpty || last.count < before)
        }
    }

    /// `sources` are the values of the label `scraper`.
    init(_ sources: [String], _ context: Context) {
        self.context = context
        let receiver = ("receiver", context.id.description)
        var meters: [String: Meters] = [:]
        for source in sources {
            let labels = [receiver, ("scraper", source)]
            meters[source] = Meters(
                scraped: context.metrics.counter(
                    "otelcol_scraper_scraped_metric_points", "Points that were scraped.", labels: labels),
                errored: context.metrics.counter(
                    "otelcol_scraper_errored_metric_points", "Points that could not be scraped.",
                    labels: labels))
        }
        self.meters = meters
        givenUp = context.metrics.counter(
            Self.givenUpName, Self.givenUpHelp, labels: [receiver])
    }

    /// The counter of what is given up, for every receiver that scrapes.
    static let givenUpName = "apus_scraper_given_up_metric_points"
    static let givenUpHelp =
        "Points that were scraped and given up, because the pipelines did not take them before the next "
        + "scrape."

    /// Takes note of a scrape: what each source gave, and why the whole was given up, if it was.
    func note(_ results: [(source: String, scraped: Scraped)], _ refusal: Rejection?) {
        var problems: [(text: String, kind: String)] = []
        for (source, scraped) in results {
            meters[source]?.scraped.add(scraped.batch.itemCount)
            meters[source]?.errored.add(scraped.failures.points)
            guard let first = scraped.failures.first else { continue }
            problems.append(("\(source): \(first)", "\(source): \(scraped.failures.kind)"))
        }
        if let refusal {
            givenUp.add(results.reduce(0) { $0 + $1.scraped.batch.itemCount })
            problems.append(
                ("what was scraped is lost, the pipelines do not take it: \(refusal.reason)", "refused"))
        }
        tell(problems)
    }

    private func tell(_ problems: [(text: String, kind: String)]) {
        let kinds = problems.map { $0.kind }
        let (fresh, isOutdated) = known.withLock { $0.note(kinds) }
        for problem in problems {
            context.logger.log(
                level: fresh.contains(problem.kind) ? .warning : .debug, "could not scrape everything",
                metadata: ["problem": "\(problem.text)"])
        }
        guard isOutdated else { return }
        if problems.isEmpty {
            context.logger.info("everything can be scraped again")
            context.status(.ok)
        } else {
            context.status(
                .recoverableError(
                    "could not scrape everything: " + problems.map { $0.text }.joined(separator: "; ")))
        }
    }
}
