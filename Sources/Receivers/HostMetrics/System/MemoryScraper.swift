internal import Glibc
internal import Telemetry

/// The metrics of the scraper memory.
enum MemoryMetric: String, HostMetricName {
    case usage = "system.memory.usage"
    case utilization = "system.memory.utilization"
    case limit = "system.memory.limit"
    case pageSize = "system.memory.page_size"
    case available = "system.linux.memory.available"
    case dirty = "system.linux.memory.dirty"
    case shared = "system.memory.linux.shared"
    case hugePagesLimit = "system.memory.linux.hugepages.limit"
    case hugePagesPageSize = "system.memory.linux.hugepages.page_size"
    case hugePagesReserved = "system.memory.linux.hugepages.reserved"
    case hugePagesSurplus = "system.memory.linux.hugepages.surplus"
    case hugePagesUsage = "system.memory.linux.hugepages.usage"
    case hugePagesUtilization = "system.memory.linux.hugepages.utilization"

    var definition: HostMetric {
        let pageState: [HostMetric.Attribute] = ["system.memory.linux.hugepages.state"]
        return switch self {
        case .usage: HostMetric(.amount, "By", "Bytes of memory in use.", ["state"])
        case .utilization: option(.gauge, "1", "Percentage of memory bytes in use.", ["state"])
        case .limit: option(.amount, "By", "Total bytes of memory available.")
        case .pageSize: option(.gauge, "By", "A constant value for the system's configured page size.")
        case .available:
            option(
                .amount, "By",
                "An estimate of how much memory is available for starting new applications, without swapping "
                    + "(Linux only).")
        case .dirty: option(.amount, "By", "The amount of dirty memory according to `/proc/meminfo`.")
        case .shared:
            option(
                .amount, "By",
                "Shared memory usage, including tmpfs filesystems and System V/POSIX shared memory.")
        case .hugePagesLimit: option(.amount, "{page}", "Total number of hugepages available.")
        case .hugePagesPageSize: option(.amount, "By", "System hugepage size in bytes.")
        case .hugePagesReserved:
            option(
                .amount, "{page}",
                "Number of reserved hugepages (hugepages for which a commitment to allocate has been made, "
                    + "but no allocation has yet been made).")
        case .hugePagesSurplus:
            option(
                .amount, "{page}",
                "Number of surplus hugepages (overcommitted hugepages beyond the persistent pool).")
        case .hugePagesUsage: option(.amount, "{page}", "Number of hugepages in use by state.", pageState)
        case .hugePagesUtilization:
            option(.gauge, "1", "Percentage of hugepages in use by state.", pageState)
        }
    }

    private func option(
        _ kind: HostMetric.Kind, _ unit: String, _ details: String, _ attributes: [HostMetric.Attribute] = []
    ) -> HostMetric {
        HostMetric(kind, unit, details, isEnabled: false, attributes)
    }
}

/// What `/proc/meminfo` says (proc_meminfo(5)), in bytes.
struct MemoryInformation: Sendable {
    private let kibibytes: [String: UInt64]
    let total: UInt64

    static func read(_ files: HostFiles) throws(HostReadError) -> MemoryInformation {
        guard let information = MemoryInformation(try files.read("/proc/meminfo")) else {
            throw .content(path: files.place("/proc/meminfo"), "it does not say how much memory there is")
        }
        return information
    }

    init?(_ text: KernelText) {
        kibibytes = text.numbers
        guard let total = kibibytes["MemTotal"], total > 0 else { return nil }
        self.total = total.bytesOfKibibytes
    }

    /// A number of bytes; 0 where the kernel does not say it.
    subscript(name: String) -> UInt64 { (kibibytes[name] ?? 0).bytesOfKibibytes }

    /// A number that is no size.
    func count(_ name: String) -> UInt64 { kibibytes[name] ?? 0 }

    var free: UInt64 { self["MemFree"] }
    /// Caches, with what the kernel can take back of its own, as `free` counts it.
    var cached: UInt64 { self["Cached"] &+ self["SReclaimable"] }
    /// What programs can have without swapping; older kernels do not say it.
    var available: UInt64 {
        kibibytes["MemAvailable"] == nil ? min(free &+ cached, total) : min(self["MemAvailable"], total)
    }

    /// The states of memory; they overlap.
    var states: [(state: String, bytes: UInt64)] {
        [
            ("used", total - available), ("free", free), ("buffered", self["Buffers"]), ("cached", cached),
            ("slab_reclaimable", self["SReclaimable"]), ("slab_unreclaimable", self["SUnreclaim"]),
        ]
    }
}

extension UInt64 {
    /// The number of bytes of so many KiB, or the largest number.
    var bytesOfKibibytes: UInt64 {
        let (bytes, isTooLarge) = multipliedReportingOverflow(by: 1024)
        return isTooLarge ? .max : bytes
    }
}

/// What the memory of the host is used for.
struct MemoryScraper: HostScraper {
    static let name = "memory"

    private var sheet: MetricSheet<MemoryMetric>

    init(_ metrics: MetricSwitches<MemoryMetric>) { sheet = MetricSheet(metrics) }

    mutating func scrape(_ moment: ScrapeMoment, _ failures: inout ScrapeFailures) -> Batch {
        let count = sheet.enabledCount
        guard count > 0 else { return Batch(signal: .metrics) }
        let found = failures.reading(points: count) { () throws(HostReadError) in
            try MemoryInformation.read(moment.files)
        }
        guard let memory = found else { return Batch(signal: .metrics) }
        for (state, bytes) in memory.states {
            sheet.record(.usage, bytes, state)
            sheet.record(.utilization, .double(Double(bytes) / Double(memory.total)), state)
        }
        sheet.record(.limit, memory.total)
        sheet.record(.pageSize, UInt64(max(sysconf(Int32(_SC_PAGESIZE)), 0)))
        sheet.record(.available, memory.available)
        sheet.record(.dirty, memory["Dirty"])
        sheet.record(.shared, memory["Shmem"])
        recordHugePages(memory)
        return moment.batch(Self.name, &sheet)
    }

    private mutating func recordHugePages(_ memory: MemoryInformation) {
        let (total, free) = (memory.count("HugePages_Total"), memory.count("HugePages_Free"))
        let used = total - min(free, total)
        sheet.record(.hugePagesLimit, total)
        sheet.record(.hugePagesPageSize, memory["Hugepagesize"])
        sheet.record(.hugePagesReserved, memory.count("HugePages_Rsvd"))
        sheet.record(.hugePagesSurplus, memory.count("HugePages_Surp"))
        for (state, pages) in [("free", free), ("used", used)] {
            sheet.record(.hugePagesUsage, pages, state)
            guard total > 0 else { continue }
            sheet.record(.hugePagesUtilization, .double(Double(pages) / Double(total)), state)
        }
    }
}
