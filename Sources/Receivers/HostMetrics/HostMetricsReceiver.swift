internal import Glibc
internal import Logging
public import Pipeline
internal import Settings
public import Telemetry

/// Metrics of the host, read from `/proc` and `/sys` on a timer.
///
/// What blocks happens on a thread of the receiver, each scraper within a deadline, so that one that hangs
/// costs its own metrics only. What cannot be read is counted and told, and never keeps back what can be.
public struct HostMetricsReceiver: Receiver {
    public static let name = "host_metrics"
    public static let aliases = ["hostmetrics"]
    public static let summary = "Measures the host: processors, memory, disks, network, processes."
    public static let signals: [Signal] = [.metrics]
    public static let differences = [
        "Events about the host as logs are not made, so metadata_collection_interval is an error.",
        "The scraper hardware is not there, and naming it is an error.",
        "Receivers may have different root_paths; variables such as HOST_PROC are not looked at.",
        "system.paging.operations and system.paging.faults are the numbers of /proc/vmstat; otelcol "
            + "multiplies them by 4096.",
        "system.processes.count has no status unknown for threads.",
        "process.disk.io is read_bytes and write_bytes of /proc/PID/io, what goes to and comes from disks.",
        "process.signals_pending is the number of pending signals; otelcol gives the mask of them.",
        "Processes that end while they are looked at, and kernel threads without an executable, are no "
            + "errors.",
        "What the pipelines do not take is offered again until the next scrape is due.",
        "timeout is for each scraper, and a file system that does not answer within 5s is left out, as are "
            + "others of a server or device of which two do not answer.",
        "Where the mounts of the first process cannot be read (as another user than root), those of the "
            + "collector are taken, without parts of file systems that are mounted in their places to "
            + "protect the host; the mode is then that of the whole file system.",
    ]

    private let configuration: Configuration
    private let context: Context

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        self.configuration = configuration
        self.context = context
        let root = configuration.rootPath
        guard root.isEmpty || access(root, F_OK) == 0 else {
            throw ComponentError(
                "cannot use \(root) as the root of the host: \(String(cString: strerror(errno))); mount it "
                    + "there",
                key: "root_path")
        }
    }

    public func run(_ session: ReceiverSession) async throws(ComponentError) {
        warnOfVariables()
        let threads = HostThreads(clock: context.clock)
        let sources = configuration.scrapers.sources(on: threads, within: configuration.scrape.limit)
        let report = ScrapeReport(sources.map { $0.name }, context)
        let outlet = session.outlet(for: .metrics, transport: "scrape")
        let (files, start) = (HostFiles(root: configuration.rootPath), HostStart())
        let version = String(context.userAgent.drop { $0 != "/" }.dropFirst().prefix { $0 != " " })
        let clock = context.clock
        await ScrapeLoop(settings: configuration.scrape, clock: clock).run(session) { turn in
            let started = try? await threads.files.run(within: .seconds(5)) { start.time(files) }
            let moment = ScrapeMoment(
                files: files, time: clock.unixNanoseconds, start: started ?? 0, version: version)
            var results: [(source: String, scraped: Scraped)] = []
            var batch = Batch(signal: .metrics)
            for source in sources where !Task.isCancelled {
                let scraped = await source.scrape(moment)
                batch.append(scraped.batch)
                results.append((source.name, scraped))
            }
            // What was cut short by a stop says nothing, neither about the host nor about what can be read.
            guard !Task.isCancelled else { return }
            let refusal = if let outlet { await turn.send(batch, to: outlet) } else { nil as Rejection? }
            report.note(results, refusal)
        }
        threads.close()
    }

    /// otelcol would look elsewhere because of these; that must not go unnoticed.
    private func warnOfVariables() {
        let variables: [String] = [
            "HOST_PROC", "HOST_SYS", "HOST_ETC", "HOST_VAR", "HOST_RUN", "HOST_DEV", "HOST_ROOT",
            "HOST_PROC_MOUNTINFO",
        ]
        let names = variables.filter { getenv($0) != nil }
        guard !names.isEmpty else { return }
        context.logger.warning(
            "environment variables say where the host is, and are not looked at; use root_path",
            metadata: ["variables": "\(names.joined(separator: ", "))"])
    }
}
