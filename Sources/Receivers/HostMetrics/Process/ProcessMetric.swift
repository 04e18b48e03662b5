/// The metrics of the scraper process.
enum ProcessMetric: String, HostMetricName {
    case cpuTime = "process.cpu.time"
    case cpuUtilization = "process.cpu.utilization"
    case memoryUsage = "process.memory.usage"
    case memoryVirtual = "process.memory.virtual"
    case memoryUtilization = "process.memory.utilization"
    case diskIO = "process.disk.io"
    case diskOperations = "process.disk.operations"
    case pagingFaults = "process.paging.faults"
    case signalsPending = "process.signals_pending"
    case threads = "process.threads"
    case openFileDescriptors = "process.open_file_descriptors"
    case contextSwitches = "process.context_switches"
    case uptime = "process.uptime"

    static let unsupported: KeyValuePairs<String, String> = [
        "process.handles": "only Windows has handles; see process.open_file_descriptors"
    ]

    var definition: HostMetric {
        switch self {
        case .cpuTime:
            HostMetric(.counter, "s", "Total CPU seconds broken down by different states.", ["state"])
        case .cpuUtilization:
            option(
                .gauge, "1",
                "Percentage of total CPU time used by the process since last scrape, expressed as a value "
                    + "between 0 and 1. On the first scrape, no data point is emitted for this metric.",
                ["state"])
        case .memoryUsage: HostMetric(.amount, "By", "The amount of physical memory in use.")
        case .memoryVirtual: HostMetric(.amount, "By", "Virtual memory size.")
        case .memoryUtilization:
            option(.gauge, "1", "Percentage of total physical memory that is used by the process.")
        case .diskIO: HostMetric(.counter, "By", "Disk bytes transferred.", ["direction"])
        case .diskOperations:
            option(
                .counter, "{operations}", "Number of disk operations performed by the process.",
                ["direction"])
        case .pagingFaults:
            option(.counter, "{faults}", "Number of page faults the process has made.", ["type"])
        case .signalsPending:
            option(.amount, "{signals}", "Number of pending signals for the process.")
        case .threads: option(.amount, "{threads}", "Process threads count.")
        case .openFileDescriptors:
            option(.amount, "{count}", "Number of file descriptors in use by the process.")
        case .contextSwitches:
            option(
                .counter, "{count}", "Number of times the process has been context switched.", ["type"])
        case .uptime: option(.gauge, "s", "The time the process has been running.")
        }
    }

    private func option(
        _ kind: HostMetric.Kind, _ unit: String, _ details: String, _ attributes: [HostMetric.Attribute] = []
    ) -> HostMetric {
        HostMetric(kind, unit, details, isEnabled: false, attributes)
    }
}
