internal import Telemetry

/// The metrics of the scraper load.
enum LoadMetric: String, HostMetricName {
    case oneMinute = "system.cpu.load_average.1m"
    case fiveMinutes = "system.cpu.load_average.5m"
    case fifteenMinutes = "system.cpu.load_average.15m"

    var definition: HostMetric {
        switch self {
        case .oneMinute: HostMetric(.gauge, "{thread}", "Average CPU Load over 1 minute.")
        case .fiveMinutes: HostMetric(.gauge, "{thread}", "Average CPU Load over 5 minutes.")
        case .fifteenMinutes: HostMetric(.gauge, "{thread}", "Average CPU Load over 15 minutes.")
        }
    }
}

/// What `/proc/loadavg` says (proc_loadavg(5)).
struct LoadAverage: Sendable, Equatable {
    /// Over 1, 5 and 15 minutes.
    let averages: [Double]

    static func read(_ files: HostFiles) throws(HostReadError) -> LoadAverage {
        guard let load = LoadAverage(try files.read("/proc/loadavg", limit: 4096)) else {
            throw .content(path: files.place("/proc/loadavg"), "it does not begin with three numbers")
        }
        return load
    }

    init?(_ text: KernelText) {
        let averages = (text.lines.first?.words ?? []).prefix(3).compactMap { $0.decimal }
        guard averages.count == 3 else { return nil }
        self.averages = averages
    }
}

/// How many threads want a processor.
struct LoadScraper: HostScraper {
    static let name = "load"

    private var sheet: MetricSheet<LoadMetric>
    private let isPerProcessor: Bool

    init(_ metrics: MetricSwitches<LoadMetric>, isPerProcessor: Bool) {
        sheet = MetricSheet(metrics)
        self.isPerProcessor = isPerProcessor
    }

    mutating func scrape(_ moment: ScrapeMoment, _ failures: inout ScrapeFailures) -> Batch {
        let count = sheet.count(.oneMinute, .fiveMinutes, .fifteenMinutes)
        let found = failures.reading(points: count) { () throws(HostReadError) in
            let load = try LoadAverage.read(moment.files)
            let divisor = isPerProcessor ? try SystemStatistics.read(moment.files).processors.count : 1
            return load.averages.map { $0 / Double(divisor) }
        }
        guard let found else { return Batch(signal: .metrics) }
        for (metric, value) in zip(LoadMetric.allCases, found) { sheet.record(metric, .double(value)) }
        return moment.batch(Self.name, &sheet)
    }
}
