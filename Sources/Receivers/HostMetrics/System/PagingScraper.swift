internal import Telemetry

/// The metrics of the scraper paging.
enum PagingMetric: String, HostMetricName {
    case usage = "system.paging.usage"
    case utilization = "system.paging.utilization"
    case operations = "system.paging.operations"
    case faults = "system.paging.faults"

    var definition: HostMetric {
        switch self {
        case .usage:
            HostMetric(.amount, "By", "Swap (unix) or pagefile (windows) usage.", ["device", "state"])
        case .utilization:
            HostMetric(
                .gauge, "1", "Swap (unix) or pagefile (windows) utilization.", isEnabled: false,
                ["device", "state"])
        case .operations:
            HostMetric(
                .counter, "{operations}", "The number of paging operations.", ["direction", "type"])
        case .faults: HostMetric(.counter, "{faults}", "The number of page faults.", ["type"])
        }
    }
}

/// A line of `/proc/swaps`.
struct SwapArea: Sendable, Equatable {
    let device: String
    /// Bytes.
    let total: UInt64
    let used: UInt64

    static func read(_ files: HostFiles) throws(HostReadError) -> [SwapArea] {
        guard let areas = all(in: try files.read("/proc/swaps")) else {
            throw .content(path: files.place("/proc/swaps"), "it does not begin with the names of columns")
        }
        return areas
    }

    /// `nil` for another kind of text.
    static func all(in text: KernelText) -> [SwapArea]? {
        let lines = text.lines
        let columns = (lines.first?.words ?? []).map { $0.text }
        guard columns.count >= 4, columns[0] == "Filename", columns[2] == "Size", columns[3] == "Used"
        else { return nil }
        return lines.dropFirst().compactMap { SwapArea($0) }
    }

    private init?(_ line: KernelText.Part) {
        let words = line.words
        guard words.count >= 4, let total = words[2].number, let used = words[3].number else { return nil }
        device = words[0].text
        self.total = total.bytesOfKibibytes
        self.used = min(used.bytesOfKibibytes, self.total)
    }
}

/// How much is swapped out, and how often pages come and go.
struct PagingScraper: HostScraper {
    static let name = "paging"

    private var sheet: MetricSheet<PagingMetric>

    init(_ metrics: MetricSwitches<PagingMetric>) { sheet = MetricSheet(metrics) }

    mutating func scrape(_ moment: ScrapeMoment, _ failures: inout ScrapeFailures) -> Batch {
        let areaCount = sheet.count(.usage, .utilization)
        if areaCount > 0 {
            let found = failures.reading(points: areaCount) { () throws(HostReadError) in
                try SwapArea.read(moment.files)
            }
            for area in found ?? [] { record(area) }
        }
        let pageCount = sheet.count(.operations, .faults)
        if pageCount > 0 {
            let found = failures.reading(points: pageCount) { () throws(HostReadError) in
                try Self.statistics(moment.files)
            }
            if let found { record(found) }
        }
        return moment.batch(Self.name, &sheet)
    }

    private static func statistics(_ files: HostFiles) throws(HostReadError) -> [String: UInt64] {
        let numbers = try files.read("/proc/vmstat").numbers
        guard numbers["pgfault"] != nil else {
            throw .content(path: files.place("/proc/vmstat"), "it does not count page faults")
        }
        return numbers
    }

    private mutating func record(_ area: SwapArea) {
        for (state, bytes) in [("used", area.used), ("free", area.total - area.used)] {
            sheet.record(.usage, bytes, area.device, state)
            guard area.total > 0 else { continue }
            sheet.record(.utilization, .double(Double(bytes) / Double(area.total)), area.device, state)
        }
    }

    private mutating func record(_ numbers: [String: UInt64]) {
        let operations = [
            ("pswpin", "page_in", "major"), ("pswpout", "page_out", "major"), ("pgpgin", "page_in", "minor"),
            ("pgpgout", "page_out", "minor"),
        ]
        for (name, direction, type) in operations {
            guard let value = numbers[name] else { continue }
            sheet.record(.operations, value, direction, type)
        }
        let (all, major) = (numbers["pgfault"] ?? 0, numbers["pgmajfault"] ?? 0)
        sheet.record(.faults, major, "major")
        sheet.record(.faults, all - min(major, all), "minor")
    }
}
