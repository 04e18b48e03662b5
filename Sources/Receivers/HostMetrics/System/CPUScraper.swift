internal import Telemetry

/// The metrics of the scraper cpu.
enum CPUMetric: String, HostMetricName {
    case time = "system.cpu.time"
    case utilization = "system.cpu.utilization"
    case physicalCount = "system.cpu.physical.count"
    case logicalCount = "system.cpu.logical.count"
    case frequency = "system.cpu.frequency"

    var definition: HostMetric {
        switch self {
        case .time:
            HostMetric(
                .counter, "s", "Total seconds each logical CPU spent on each mode.",
                [Self.optInCPU, "state"] + Self.topology)
        case .utilization:
            HostMetric(
                .gauge, "1",
                "Difference in system.cpu.time since the last measurement per logical CPU, divided by the "
                    + "elapsed time (value in interval [0,1]).", isEnabled: false,
                [Self.optInCPU, "state"] + Self.topology)
        case .physicalCount:
            HostMetric(.amount, "{cpu}", "Number of available physical CPUs.", isEnabled: false)
        case .logicalCount: HostMetric(.amount, "{cpu}", "Number of available logical CPUs.")
        case .frequency:
            HostMetric(
                .gauge, "Hz", "Current frequency of the CPU core in Hz.", isEnabled: false,
                ["cpu"] + Self.topology)
        }
    }

    private static let optInCPU = HostMetric.Attribute("cpu", isOptIn: true)
    private static let topology = [
        HostMetric.Attribute("host.cpu.socket.id", isOptIn: true),
        HostMetric.Attribute("host.cpu.core.id", isOptIn: true),
    ]
}

/// What the processors do.
struct CPUScraper: HostScraper {
    static let name = "cpu"

    private var sheet: MetricSheet<CPUMetric>
    /// What the processors had done at the scrape before.
    private var former: [String: SystemStatistics.Processor] = [:]

    init(_ metrics: MetricSwitches<CPUMetric>) { sheet = MetricSheet(metrics) }

    mutating func scrape(_ moment: ScrapeMoment, _ failures: inout ScrapeFailures) -> Batch {
        let files = moment.files
        let count = sheet.count(.time, .utilization, .logicalCount)
        let places = places(files)
        let found =
            count == 0
            ? nil
            : failures.reading(points: count) { () throws(HostReadError) in try SystemStatistics.read(files) }
        if let statistics = found {
            for processor in statistics.processors {
                let place = places[processor.name] ?? ProcessorPlace()
                record(processor, place)
            }
            former = Dictionary(
                statistics.processors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
            sheet.record(.logicalCount, UInt64(statistics.processors.count))
        }
        if sheet.wants(.frequency) {
            let found = failures.reading(points: 1) { () throws(HostReadError) in
                try ProcessorInformation.read(files)
            }
            for processor in found ?? [] {
                guard let hertz = processor.hertz else { continue }
                let place = places[processor.name] ?? ProcessorPlace()
                sheet.record(.frequency, .double(hertz), processor.name, place.socket, place.core)
            }
        }
        if sheet.wants(.physicalCount) {
            let found = failures.reading(points: 1) { () throws(HostReadError) in
                try ProcessorInformation.physicalCount(files)
            }
            if let found { sheet.record(.physicalCount, UInt64(found)) }
        }
        return moment.batch(Self.name, &sheet)
    }

    private mutating func record(_ processor: SystemStatistics.Processor, _ place: ProcessorPlace) {
        let before = former[processor.name]
        let elapsed = before.map { Double(processor.total) - Double($0.total) } ?? 0
        for (index, (state, ticks)) in processor.states.enumerated() {
            let seconds = Double(ticks) / SystemStatistics.ticksPerSecond
            sheet.record(.time, .double(seconds), processor.name, state, place.socket, place.core)
            guard let before, elapsed > 0 else { continue }
            // Some counters of the kernel go back a little at times.
            let difference = max(Double(ticks) - Double(before.states[index].ticks), 0)
            sheet.record(
                .utilization, .double(min(difference / elapsed, 1)), processor.name, state, place.socket,
                place.core)
        }
    }

    /// Where the processors are; read only if points say it.
    private func places(_ files: HostFiles) -> [String: ProcessorPlace] {
        guard
            sheet.keeps("host.cpu.socket.id", of: .time, .utilization, .frequency)
                || sheet.keeps("host.cpu.core.id", of: .time, .utilization, .frequency)
        else { return [:] }
        return ProcessorPlace.all(files)
    }
}
