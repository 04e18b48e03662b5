internal import Logging
public import Pipeline
public import Telemetry

/// Scrapes pages of metrics, as Prometheus does, and with its configuration.
///
/// Every target has a task of its own that scrapes it at its own place in the interval; what a page becomes
/// is up to `ScrapeTranslator`. A scrape that fails makes the series of the target stale and its `up` 0.
public struct PrometheusReceiver: Receiver {
    public static let name = "prometheus"
    public static let summary = "Scrapes metrics as Prometheus does, with its configuration."
    public static let signals: [Signal] = [.metrics]
    public static let differences = [
        "Targets are found by `static_configs`, `file_sd_configs`, `http_sd_configs`, `dns_sd_configs` and "
            + "`kubernetes_sd_configs`; other kinds of discovery are errors, and so is every key of "
            + "Prometheus that is not listed here.",
        "A page that does not say in which format it is, or names one that is not known, is read as the text "
            + "format unless `fallback_scrape_protocol` says otherwise.",
        "Gauge histograms are passed on as gauges, series by series, instead of being dropped; native ones "
            + "are left out and counted.",
        "Start times of series without `_created` are when they were first seen; a value that is less than "
            + "the one before begins anew.",
        "A series that loses its name in relabeling is dropped, and of two labels with one name the last "
            + "counts; the page does not fail.",
        "A target that vanishes is marked as stale at once, and not two intervals later.",
        "A page may have 256 MiB unless `body_size_limit` says otherwise, and a target a million series.",
    ]

    private let jobs: [ScrapeJob]
    private let context: Context

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        self.context = context
        let meters = ScrapeMeters(context)
        var jobs: [ScrapeJob] = []
        for (index, job) in configuration.config.jobs.enumerated() {
            do throws(ComponentError) {
                jobs.append(try ScrapeJob(job, configuration, meters, in: context))
            } catch {
                let key = "config.scrape_configs.\(index)"
                throw ComponentError(error.description, key: error.key.map { "\(key).\($0)" } ?? key)
            }
        }
        self.jobs = jobs
    }

    public func run(_ session: ReceiverSession) async throws(ComponentError) {
        guard let outlet = session.outlet(for: .metrics, transport: "http") else {
            session.ready()
            _ = await session.stopRequested()
            return
        }
        let jobs = jobs
        let work = Task {
            await withTaskGroup(of: Void.self) { group in
                for job in jobs {
                    group.addTask { await job.run(outlet) }
                }
                await group.waitForAll()
            }
        }
        session.ready()
        _ = await session.stopRequested()
        // Whoever scrapes them next goes on with these series, so nothing is said of their end.
        work.cancel()
        await work.value
    }
}
