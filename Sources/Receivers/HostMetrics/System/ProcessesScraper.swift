internal import Telemetry

/// The metrics of the scraper processes.
enum ProcessesMetric: String, HostMetricName {
    case created = "system.processes.created"
    case count = "system.processes.count"

    var definition: HostMetric {
        switch self {
        case .created: HostMetric(.counter, "{processes}", "Total number of created processes.")
        case .count:
            HostMetric(.amount, "{processes}", "Total number of processes in each state.", ["status"])
        }
    }
}

/// How many processes there are, by what they do.
struct ProcessesScraper: HostScraper {
    static let name = "processes"

    private var sheet: MetricSheet<ProcessesMetric>
    private let limit: Int

    /// `limit` is how many processes are counted.
    init(_ metrics: MetricSwitches<ProcessesMetric>, limit: Int = ProcessList.limit) {
        sheet = MetricSheet(metrics)
        self.limit = limit
    }

    mutating func scrape(_ moment: ScrapeMoment, _ failures: inout ScrapeFailures) -> Batch {
        let files = moment.files
        guard sheet.enabledCount > 0 else { return Batch(signal: .metrics) }
        let found = failures.reading(points: sheet.enabledCount) { () throws(HostReadError) in
            try SystemStatistics.read(files)
        }
        if let created = found?.created { sheet.record(.created, created) }
        if sheet.wants(.count), let statistics = found {
            let list = failures.reading(points: 1) { () throws(HostReadError) in
                try ProcessList.read(files, limit: limit)
            }
            if let list {
                if list.excess > 0 {
                    failures.add(
                        "there are more than \(limit) processes, the last ones are not counted", points: 1)
                }
                for (status, number) in Self.counts(list, files, statistics).sorted(by: { $0.key < $1.key }) {
                    sheet.record(.count, number, status)
                }
            }
        }
        return moment.batch(Self.name, &sheet)
    }

    /// The numbers by status; how many run and wait for the disk is told by the kernel, for one moment.
    private static func counts(
        _ list: ProcessList, _ files: HostFiles, _ statistics: SystemStatistics
    ) -> [String: UInt64] {
        var counts: [String: UInt64] = [:]
        for id in list.ids {
            // Processes that end meanwhile are none any more.
            guard let text = try? files.read("/proc/\(id)/stat"), let process = ProcessStatistics(text) else {
                continue
            }
            counts[status(process.state), default: 0] += 1
        }
        counts["running"] = statistics.running ?? counts["running"]
        counts["blocked"] = statistics.blocked ?? counts["blocked"]
        return counts
    }

    /// The word for a state of `/proc/PID/stat`.
    private static func status(_ state: String) -> String {
        switch state {
        case "R": "running"
        case "S": "sleeping"
        case "D", "U": "blocked"
        case "I": "idle"
        case "Z": "zombies"
        case "T", "t": "stopped"
        case "W": "paging"
        case "A": "daemon"
        case "E": "detached"
        case "L": "locked"
        case "O": "orphan"
        case "Y": "system"
        default: "unknown"
        }
    }
}
