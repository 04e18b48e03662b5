internal import Telemetry

/// The metrics of the scraper disk.
enum DiskMetric: String, HostMetricName {
    case io = "system.disk.io"
    case operations = "system.disk.operations"
    case ioTime = "system.disk.io_time"
    case operationTime = "system.disk.operation_time"
    case weightedIOTime = "system.disk.weighted_io_time"
    case pendingOperations = "system.disk.pending_operations"
    case merged = "system.disk.merged"

    var definition: HostMetric {
        let both: [HostMetric.Attribute] = ["device", "direction"]
        return switch self {
        case .io: HostMetric(.counter, "By", "Disk bytes transferred.", both)
        case .operations: HostMetric(.counter, "{operations}", "Disk operations count.", both)
        case .ioTime:
            HostMetric(
                .counter, "s",
                "Time disk spent activated. On Windows, this is calculated as the inverse of disk idle time.",
                ["device"])
        case .operationTime: HostMetric(.counter, "s", "Time spent in disk operations.", both)
        case .weightedIOTime:
            HostMetric(
                .counter, "s", "Time disk spent activated multiplied by the queue length.", ["device"])
        case .pendingOperations:
            HostMetric(.amount, "{operations}", "The queue size of pending I/O operations.", ["device"])
        case .merged:
            HostMetric(
                .counter, "{operations}",
                "The number of disk reads/writes merged into single physical disk access operations.", both)
        }
    }
}

/// A line of `/proc/diskstats` (Documentation/admin-guide/iostats.rst of the kernel).
struct DiskStatistics: Sendable, Equatable {
    /// What was done in one direction; times are milliseconds.
    struct Direction: Sendable, Equatable {
        let operations: UInt64
        let merged: UInt64
        let sectors: UInt64
        let time: UInt64
    }

    let device: String
    let read: Direction
    let written: Direction
    let pending: UInt64
    /// Milliseconds.
    let activeTime: UInt64
    let weightedTime: UInt64

    /// Bytes of a sector, whatever the device says of itself.
    static let sectorSize: UInt64 = 512

    /// All devices that have ever done something.
    static func read(_ files: HostFiles) throws(HostReadError) -> [DiskStatistics] {
        all(in: try files.read("/proc/diskstats"))
    }

    static func all(in text: KernelText) -> [DiskStatistics] { text.lines.compactMap { DiskStatistics($0) } }

    init?(_ line: KernelText.Part) {
        let words = line.words
        guard words.count >= 14 else { return nil }
        let numbers = words[3..<14].compactMap { $0.number }
        guard numbers.count == 11, numbers.contains(where: { $0 > 0 }) else { return nil }
        device = words[2].text
        read = Direction(operations: numbers[0], merged: numbers[1], sectors: numbers[2], time: numbers[3])
        written = Direction(operations: numbers[4], merged: numbers[5], sectors: numbers[6], time: numbers[7])
        (pending, activeTime, weightedTime) = (numbers[8], numbers[9], numbers[10])
    }
}

/// What the disks and their partitions do.
struct DiskScraper: HostScraper {
    static let name = "disk"

    private var sheet: MetricSheet<DiskMetric>
    private let filter: NameFilter

    init(_ metrics: MetricSwitches<DiskMetric>, _ filter: NameFilter) {
        sheet = MetricSheet(metrics)
        self.filter = filter
    }

    mutating func scrape(_ moment: ScrapeMoment, _ failures: inout ScrapeFailures) -> Batch {
        let count = sheet.enabledCount
        guard count > 0 else { return Batch(signal: .metrics) }
        let found = failures.reading(points: count) { () throws(HostReadError) in
            try DiskStatistics.read(moment.files)
        }
        for disk in found ?? [] where filter.allows(disk.device) { record(disk) }
        return moment.batch(Self.name, &sheet)
    }

    private mutating func record(_ disk: DiskStatistics) {
        let device = disk.device
        for (direction, done) in [("read", disk.read), ("write", disk.written)] {
            let (bytes, isTooLarge) = done.sectors.multipliedReportingOverflow(by: DiskStatistics.sectorSize)
            sheet.record(.io, isTooLarge ? .max : bytes, device, direction)
            sheet.record(.operations, done.operations, device, direction)
            sheet.record(.operationTime, .double(Double(done.time) / 1000), device, direction)
            sheet.record(.merged, done.merged, device, direction)
        }
        sheet.record(.ioTime, .double(Double(disk.activeTime) / 1000), device)
        sheet.record(.weightedIOTime, .double(Double(disk.weightedTime) / 1000), device)
        sheet.record(.pendingOperations, disk.pending, device)
    }
}
