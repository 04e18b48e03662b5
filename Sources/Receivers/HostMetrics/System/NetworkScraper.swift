internal import Telemetry

/// The metrics of the scraper network.
enum NetworkMetric: String, HostMetricName {
    case packets = "system.network.packets"
    case dropped = "system.network.dropped"
    case errors = "system.network.errors"
    case io = "system.network.io"
    case connections = "system.network.connections"
    case conntrackCount = "system.network.conntrack.count"
    case conntrackMax = "system.network.conntrack.max"

    var definition: HostMetric {
        let both: [HostMetric.Attribute] = ["device", "direction"]
        return switch self {
        case .packets: HostMetric(.counter, "{packets}", "The number of packets transferred.", both)
        case .dropped: HostMetric(.counter, "{packets}", "The number of packets dropped.", both)
        case .errors: HostMetric(.counter, "{errors}", "The number of errors encountered.", both)
        case .io: HostMetric(.counter, "By", "The number of bytes transmitted and received.", both)
        case .connections:
            HostMetric(.amount, "{connections}", "The number of connections.", ["protocol", "state"])
        case .conntrackCount:
            HostMetric(
                .amount, "{entries}", "The count of entries in conntrack table.", isEnabled: false)
        case .conntrackMax:
            HostMetric(
                .amount, "{entries}", "The limit for entries in the conntrack table.", isEnabled: false)
        }
    }
}

/// What the interfaces carry, and in which states the connections of TCP are.
struct NetworkScraper: HostScraper {
    static let name = "network"

    private var sheet: MetricSheet<NetworkMetric>
    private let filter: NameFilter

    init(_ metrics: MetricSwitches<NetworkMetric>, _ filter: NameFilter) {
        sheet = MetricSheet(metrics)
        self.filter = filter
    }

    mutating func scrape(_ moment: ScrapeMoment, _ failures: inout ScrapeFailures) -> Batch {
        let files = moment.files
        let count = sheet.count(.packets, .dropped, .errors, .io)
        if count > 0 {
            let found = failures.reading(points: count) { () throws(HostReadError) in
                try NetworkInterface.read(files)
            }
            for interface in found ?? [] where filter.allows(interface.name) { record(interface) }
        }
        if sheet.wants(.connections) {
            let found = failures.reading(points: 1) { () throws(HostReadError) in
                try ConnectionStates.read(files)
            }
            for (state, number) in found?.counts ?? [] { sheet.record(.connections, number, "tcp", state) }
        }
        for (metric, name) in [(NetworkMetric.conntrackCount, "count"), (.conntrackMax, "max")]
        where sheet.wants(metric) {
            let path = "/proc/sys/net/netfilter/nf_conntrack_\(name)"
            let found = failures.reading(points: 1) { () throws(HostReadError) in
                guard let number = try files.read(path, limit: 4096).lines.first?.trimmed.number else {
                    throw .content(path: files.place(path), "it holds no number")
                }
                return number
            }
            if let found { sheet.record(metric, found) }
        }
        return moment.batch(Self.name, &sheet)
    }

    private mutating func record(_ interface: NetworkInterface) {
        let name = interface.name
        for (direction, carried) in [("transmit", interface.sent), ("receive", interface.received)] {
            sheet.record(.packets, carried.packets, name, direction)
            sheet.record(.dropped, carried.dropped, name, direction)
            sheet.record(.errors, carried.errors, name, direction)
            sheet.record(.io, carried.bytes, name, direction)
        }
    }
}
