public import Settings

extension HostMetricsReceiver {
    /// The keys of the receiver.
    public struct Configuration: SettingGroup {
        var scrape = ScrapeSettings()
        var rootPath = ""
        var scrapers = HostScrapers()

        public init() {}

        public static var fields: [Field<Configuration>] {
            [
                Field(embedding: \.scrape),
                Field(
                    "root_path", \.rootPath,
                    "Where the root of the host is mounted, such as /hostfs in a container; empty is the own."
                ) { $0.isEmpty || $0.hasPrefix("/") ? nil : "must be an absolute path, such as /hostfs" },
                Field(
                    "scrapers", \.scrapers, "What is measured; naming a scraper switches it on.",
                    required: true),
                .unsupported(
                    "metadata_collection_interval",
                    "events about the host are not made; processor resource_detection names the host"),
            ]
        }
    }
}

/// A scraper that needs nothing but to know its metrics.
struct ScraperSettings<Metric: HostMetricName>: SettingGroup {
    var metrics = MetricSwitches<Metric>()

    init() {}

    static var fields: [Field<Self>] {
        [Field("metrics", \.metrics, "Which metrics are made, and how.")]
    }
}

/// The section of a scraper with a list of names that are wanted.
struct FilteredScraperSettings<Metric: HostMetricName, Names: FilteredNames>: SettingGroup {
    var include = NameFilterSettings<Names>()
    var exclude = NameFilterSettings<Names>()
    var metrics = MetricSwitches<Metric>()

    init() {}

    static var fields: [Field<Self>] {
        [
            Field("include", \.include, "The \(Names.meaning) that are wanted; all, if none is named."),
            Field("exclude", \.exclude, "The \(Names.meaning) that are not wanted."),
            Field("metrics", \.metrics, "Which metrics are made, and how."),
        ]
    }

    var filter: NameFilter { NameFilter(include, exclude) }
}

/// The section of the scraper load.
struct LoadScraperSettings: SettingGroup {
    var isPerProcessor = false
    var metrics = MetricSwitches<LoadMetric>()

    init() {}

    static let fields: [Field<Self>] = [
        Field("cpu_average", \.isPerProcessor, "Whether it is divided by the number of logical processors."),
        Field("metrics", \.metrics, "Which metrics are made, and how."),
    ]
}

/// `scrapers`: which are on, and how.
struct HostScrapers: SettingGroup {
    var cpu = Presence(ScraperSettings<CPUMetric>())
    var disk = Presence(FilteredScraperSettings<DiskMetric, DeviceNames>())
    var filesystem = Presence(FilesystemScraperSettings())
    var load = Presence(LoadScraperSettings())
    var memory = Presence(ScraperSettings<MemoryMetric>())
    var network = Presence(FilteredScraperSettings<NetworkMetric, InterfaceNames>())
    var nfs = Presence(ScraperSettings<NFSMetric>())
    var paging = Presence(ScraperSettings<PagingMetric>())
    var processes = Presence(ScraperSettings<ProcessesMetric>())
    var process = Presence(ProcessScraperSettings())
    var system = Presence(ScraperSettings<SystemMetric>())

    init() {}

    static let fields: [Field<Self>] = [
        Field("cpu", \.cpu, "What the processors do."),
        Field("disk", \.disk, "What disks and their partitions do."),
        Field("filesystem", \.filesystem, "How full file systems are."),
        Field("load", \.load, "How many threads want a processor."),
        Field("memory", \.memory, "What memory is used for."),
        Field("network", \.network, "What network interfaces carry, and the states of TCP connections."),
        Field("nfs", \.nfs, "What the client and the server of NFS in the kernel do."),
        Field("paging", \.paging, "How much is swapped out, and page faults."),
        Field("processes", \.processes, "How many processes there are, by what they do."),
        Field("process", \.process, "What each process uses; a resource for each."),
        Field("system", \.system, "How long the host has been running."),
        .unsupported("hardware", "sensors of the hardware are not read"),
    ]

    func check() -> [Problem] {
        let present = [
            cpu.isPresent, disk.isPresent, filesystem.isPresent, load.isPresent, memory.isPresent,
            network.isPresent, nfs.isPresent, paging.isPresent, processes.isPresent, process.isPresent,
            system.isPresent,
        ]
        return !present.contains(true)
            ? [Problem("", "name at least one scraper, such as cpu")] : []
    }

    /// The scrapers that are on.
    func sources(on threads: HostThreads, within limit: Duration) -> [any HostSource] {
        func threaded<Scraper: HostScraper>(_ scraper: Scraper?) -> (any HostSource)? {
            scraper.map { ThreadedScraper($0, on: threads.files, within: limit) }
        }
        let all: [(any HostSource)?] = [
            threaded(cpu.value.map { CPUScraper($0.metrics) }),
            threaded(disk.value.map { DiskScraper($0.metrics, $0.filter) }),
            filesystem.value.map { FilesystemScraper($0, on: threads, within: limit) },
            threaded(load.value.map { LoadScraper($0.metrics, isPerProcessor: $0.isPerProcessor) }),
            threaded(memory.value.map { MemoryScraper($0.metrics) }),
            threaded(network.value.map { NetworkScraper($0.metrics, $0.filter) }),
            threaded(nfs.value.map { NFSScraper($0.metrics) }),
            threaded(paging.value.map { PagingScraper($0.metrics) }),
            threaded(processes.value.map { ProcessesScraper($0.metrics) }),
            threaded(process.value.map { ProcessScraper($0) }),
            threaded(system.value.map { SystemScraper($0.metrics) }),
        ]
        return all.compactMap { $0 }
    }
}
