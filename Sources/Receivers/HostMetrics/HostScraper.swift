internal import Pipeline
internal import Synchronization
internal import Telemetry

/// One group of metrics, read from files of the host; keeps what it needs of the scrape before.
protocol HostScraper: Sendable {
    /// As in the configuration.
    static var name: String { get }
    /// Reads everything anew; blocks the thread that it runs on.
    mutating func scrape(_ moment: ScrapeMoment, _ failures: inout ScrapeFailures) -> Batch
}

/// What a scraper works with in one scrape.
struct ScrapeMoment: Sendable {
    let files: HostFiles
    /// Nanoseconds since 1970.
    let time: UInt64
    /// When the host was started, in nanoseconds since 1970; 0 when that is not known.
    let start: UInt64
    /// The version of the collector.
    let version: String

    /// Writes a batch of a scraper, in its scope.
    func batch(_ scraper: String, _ write: (inout MetricsBuilder) -> Void) -> Batch {
        var builder = MetricsBuilder()
        begin(scraper, &builder)
        write(&builder)
        let batch = builder.finish()
        return batch.itemCount > 0 ? batch : Batch(signal: .metrics)
    }

    /// Writes a batch of the points of a sheet.
    func batch<Metric>(_ scraper: String, _ sheet: inout MetricSheet<Metric>) -> Batch {
        batch(scraper) { sheet.write(to: &$0, start: start, time: time) }
    }

    /// Begins a resource, that of the host unless `attributes` says more, and the scope of a scraper.
    func begin(
        _ scraper: String, _ builder: inout MetricsBuilder,
        _ attributes: (AttributesBuilder) -> Void = { _ in }
    ) {
        builder.resource(schemaURL: "https://opentelemetry.io/schemas/1.9.0", attributes)
        builder.scope(Self.scope + "scraper/\(scraper)scraper", version: version)
    }

    /// Backends know metrics of the host by this.
    private static let scope =
        "github.com/open-telemetry/opentelemetry-collector-contrib/receiver/hostmetricsreceiver/internal/"
}

extension ScrapeFailures {
    /// What `body` gives; where it cannot, that is noted, with `points` that are missing.
    mutating func reading<Value>(
        points: Int, _ body: () throws(HostReadError) -> Value
    ) -> Value? {
        do throws(HostReadError) {
            return try body()
        } catch {
            add("\(error)", kind: error.kind, points: points)
            return nil
        }
    }
}

/// Where a receiver does what may block.
struct HostThreads: Sendable {
    /// For files of the kernel.
    let files: DeadlineThread
    /// For file systems of the host.
    let disks: DeadlineThread
    /// For file systems on other machines: however many of these hang, those of the host are measured.
    let servers: DeadlineThread
    let clock: any PipelineClock

    init(clock: any PipelineClock) {
        files = DeadlineThread(clock: clock)
        disks = DeadlineThread(clock: clock, hangingLimit: 16)
        servers = DeadlineThread(clock: clock, hangingLimit: 16)
        self.clock = clock
    }

    func close() {
        files.close()
        disks.close()
        servers.close()
    }
}

/// A scraper as the receiver sees it.
protocol HostSource: Sendable {
    var name: String { get }
    func scrape(_ moment: ScrapeMoment) async -> Scraped
}

/// A scraper on a thread where it may block, within a deadline.
final class ThreadedScraper<Scraper: HostScraper>: HostSource {
    private let scraper: Mutex<Scraper>
    private let thread: DeadlineThread
    private let limit: Duration

    init(_ scraper: Scraper, on thread: DeadlineThread, within limit: Duration) {
        self.scraper = Mutex(scraper)
        self.thread = thread
        self.limit = limit
    }

    var name: String { Scraper.name }

    func scrape(_ moment: ScrapeMoment) async -> Scraped {
        do throws(DeadlineThread.Failure) {
            return try await thread.run(within: limit) { [self] in
                // Where the scrape before hangs, it still has the scraper.
                scraper.withLockIfAvailable { scraper in
                    var scraped = Scraped()
                    scraped.batch = scraper.scrape(moment, &scraped.failures)
                    return scraped
                } ?? Self.nothing("the scrape before has not ended")
            }
        } catch {
            if case .cancelled = error { return Scraped() }
            return Self.nothing("it \(error)")
        }
    }

    private static func nothing(_ reason: String) -> Scraped {
        var scraped = Scraped()
        scraped.failures.add(reason, points: 1)
        return scraped
    }
}

/// When the host was started: asked for once, because the kernel works it out anew from its clock each time.
final class HostStart: Sendable {
    private let known = Mutex<UInt64?>(nil)

    /// Nanoseconds since 1970; 0 where nobody says it.
    func time(_ files: HostFiles) -> UInt64 {
        known.withLock { known in
            if let known { return known }
            let seconds = (try? SystemStatistics.read(files))?.bootTime ?? 0
            let (time, isTooLarge) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
            guard seconds > 0, !isTooLarge else { return 0 }
            known = time
            return time
        }
    }
}
