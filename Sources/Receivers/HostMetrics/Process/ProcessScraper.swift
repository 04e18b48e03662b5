internal import Glibc
internal import Telemetry

/// What each process uses: a resource for each, sums since it was started.
struct ProcessScraper: HostScraper {
    static let name = "process"

    /// Bytes after which a batch is cut.
    private static let batchLimit = 1 << 20
    /// Bytes of all batches of one scrape, after which the processes that are left are not looked at.
    static let scrapeLimit = 64 << 20

    /// The times of a process at the scrape before.
    private struct Former {
        let start: UInt64
        let time: UInt64
        let states: [UInt64]
    }

    private let settings: ProcessScraperSettings
    private let scrapeLimit: Int
    private let rules: ProcessAttributeRules
    private let filter: NameFilter
    private var sheet: MetricSheet<ProcessMetric>
    private var former: [UInt64: Former] = [:]

    init(_ settings: ProcessScraperSettings, scrapeLimit: Int = scrapeLimit) {
        self.settings = settings
        self.scrapeLimit = scrapeLimit
        rules = ProcessAttributeRules(settings.resourceAttributes)
        filter = NameFilter(settings.include, settings.exclude)
        sheet = MetricSheet(settings.metrics)
    }

    mutating func scrape(_ moment: ScrapeMoment, _ failures: inout ScrapeFailures) -> Batch {
        guard sheet.enabledCount > 0 else { return Batch(signal: .metrics) }
        var found = ScrapeFailures()
        let batch = scrapeAll(moment, &found)
        if !settings.mutesAll || batch.itemCount == 0 { failures.add(found) }
        return batch
    }

    private mutating func scrapeAll(_ moment: ScrapeMoment, _ failures: inout ScrapeFailures) -> Batch {
        let files = moment.files
        let list = failures.reading(points: 1) { () throws(HostReadError) in try ProcessList.read(files) }
        guard let list else { return Batch(signal: .metrics) }
        if list.excess > 0 {
            failures.add(
                "there are more than \(ProcessList.limit) processes, the last ones are left out",
                points: list.excess * sheet.enabledCount)
        }
        let users =
            rules.needs(.owner)
            ? failures.reading(points: 0) { () throws(HostReadError) in try UserNames.read(files) } : nil
        let reader = ProcessReader(
            files: files, settings: settings, rules: rules, filter: filter, users: users)
        let host = HostSize(files, sheet)
        var batches = Batch(signal: .metrics)
        var builder = MetricsBuilder(capacity: 16 << 10)
        var present: [UInt64: Former] = [:]
        var written = 0
        for (place, id) in list.ids.enumerated() {
            guard written + builder.byteCount < scrapeLimit else {
                failures.add(
                    "what is told of the processes has more than \(scrapeLimit) bytes, the last ones are "
                        + "left out", points: (list.ids.count - place) * sheet.enabledCount)
                break
            }
            let status = reader.reading("/proc/\(id)/status", mutes: settings.mutesName, &failures) {
                ProcessStatus($0)
            }
            guard let subject = reader.subject(id, status, &failures) else { continue }
            let start = moment.start &+ subject.statistics.start &* 10_000_000
            let age = Double(moment.time) / 1e9 - Double(start) / 1e9
            if settings.delay > .zero, age < settings.delay / .seconds(1) { continue }
            present[id] = recordTimes(subject, moment, host)
            if moment.start > 0 { sheet.record(.uptime, .double(max(age, 0))) }
            recordStatus(subject, status)
            recordFiles(subject, reader, host, &failures)
            // A resource of which nothing is told is left out.
            guard sheet.hasPoints else { continue }
            begin(subject, moment, &builder)
            sheet.write(to: &builder, start: moment.start > 0 ? start : 0, time: moment.time)
            if builder.byteCount >= Self.batchLimit {
                var next = MetricsBuilder(capacity: 16 << 10)
                swap(&builder, &next)
                written += next.byteCount
                batches.append(next.finish())
            }
        }
        former = present
        let last = builder.finish()
        if last.itemCount > 0 { batches.append(last) }
        return batches
    }

    /// How much the host has, for what is said in proportion to it.
    private struct HostSize {
        var processors = 1
        var memory: UInt64 = 0

        init(_ files: HostFiles, _ sheet: MetricSheet<ProcessMetric>) {
            if sheet.wants(.cpuUtilization) {
                processors = max((try? SystemStatistics.read(files))?.processors.count ?? 1, 1)
            }
            if sheet.wants(.memoryUtilization) { memory = (try? MemoryInformation.read(files))?.total ?? 0 }
        }
    }

    private func begin(
        _ subject: ProcessReader.Subject, _ moment: ScrapeMoment, _ builder: inout MetricsBuilder
    ) {
        moment.begin(Self.name, &builder) { resource in
            for attribute in ProcessAttribute.allCases where rules.shows(attribute) {
                switch attribute {
                case .id: resource.attribute(attribute.rawValue, .int(Int64(clamping: subject.id)))
                case .parentID:
                    resource.attribute(attribute.rawValue, .int(Int64(clamping: subject.statistics.parent)))
                case .owner where subject.owner.isEmpty: break
                case .command where subject.command == nil: break
                case .commandLine where subject.command == nil: break
                default: resource.attribute(attribute.rawValue, .string(subject.text(attribute)))
                }
            }
        }
    }

    private mutating func recordTimes(
        _ subject: ProcessReader.Subject, _ moment: ScrapeMoment, _ host: HostSize
    ) -> Former {
        let statistics = subject.statistics
        let names = ["user", "system", "wait"]
        let states = [statistics.userTime, statistics.systemTime, statistics.waitTime]
        for (name, ticks) in zip(names, states) {
            sheet.record(.cpuTime, .double(Double(ticks) / SystemStatistics.ticksPerSecond), name)
        }
        sheet.record(.pagingFaults, statistics.majorFaults, "major")
        sheet.record(.pagingFaults, statistics.minorFaults, "minor")
        // A number may belong to another process by now.
        if let former = former[subject.id], former.start == statistics.start, moment.time > former.time {
            let elapsed = Double(moment.time - former.time) / 1e9 * Double(host.processors)
            for (index, name) in names.enumerated() {
                let ticks = max(Double(states[index]) - Double(former.states[index]), 0)
                sheet.record(
                    .cpuUtilization, .double(ticks / SystemStatistics.ticksPerSecond / elapsed), name)
            }
        }
        return Former(start: statistics.start, time: moment.time, states: states)
    }

    private mutating func recordStatus(_ subject: ProcessReader.Subject, _ status: ProcessStatus?) {
        if let threads = status?.threads { sheet.record(.threads, threads) }
        if let switches = status?.involuntarySwitches {
            sheet.record(.contextSwitches, switches, "involuntary")
        }
        if let switches = status?.voluntarySwitches { sheet.record(.contextSwitches, switches, "voluntary") }
        if let signals = status?.pendingSignals { sheet.record(.signalsPending, signals) }
    }

    /// Records what stands in files of its own.
    private mutating func recordFiles(
        _ subject: ProcessReader.Subject, _ reader: ProcessReader, _ host: HostSize,
        _ failures: inout ScrapeFailures
    ) {
        let directory = "/proc/\(subject.id)"
        let memoryCount = sheet.count(.memoryUsage, .memoryVirtual, .memoryUtilization)
        if memoryCount > 0 {
            let pages = reader.reading(directory + "/statm", mutes: false, points: memoryCount, &failures) {
                text -> [UInt64]? in
                let numbers = (text.lines.first?.words ?? []).prefix(2).compactMap { $0.number }
                return numbers.count == 2 ? numbers : nil
            }
            if let pages { recordMemory(pages, host) }
        }
        let ioCount = sheet.count(.diskIO, .diskOperations)
        if ioCount > 0 {
            let numbers = reader.reading(
                directory + "/io", mutes: settings.mutesIO, points: ioCount, &failures
            ) { $0.numbers }
            for (name, direction) in [("read_bytes", "read"), ("write_bytes", "write")] {
                if let bytes = numbers?[name] { sheet.record(.diskIO, bytes, direction) }
            }
            for (name, direction) in [("syscr", "read"), ("syscw", "write")] {
                if let calls = numbers?[name] { sheet.record(.diskOperations, calls, direction) }
            }
        }
        if sheet.wants(.openFileDescriptors) {
            do throws(HostReadError) {
                let count = try reader.files.count(in: directory + "/fd")
                sheet.record(.openFileDescriptors, UInt64(count))
            } catch {
                if !error.isAbsence { failures.add("\(error)", kind: error.kind, points: 1) }
            }
        }
    }

    private mutating func recordMemory(_ pages: [UInt64], _ host: HostSize) {
        let pageSize = UInt64(max(sysconf(Int32(_SC_PAGESIZE)), 1))
        sheet.record(.memoryVirtual, pages[0] &* pageSize)
        sheet.record(.memoryUsage, pages[1] &* pageSize)
        guard host.memory > 0 else { return }
        sheet.record(
            .memoryUtilization, .double(Double(pages[1] &* pageSize) / Double(host.memory) * 100))
    }
}
