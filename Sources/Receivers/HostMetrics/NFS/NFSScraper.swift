internal import Telemetry

/// What the client and the server of NFS in the kernel do; nothing where there is none of them.
struct NFSScraper: HostScraper {
    static let name = "nfs"

    private var sheet: MetricSheet<NFSMetric>

    init(_ metrics: MetricSwitches<NFSMetric>) { sheet = MetricSheet(metrics) }

    mutating func scrape(_ moment: ScrapeMoment, _ failures: inout ScrapeFailures) -> Batch {
        for (name, isServer) in [("nfs", false), ("nfsd", true)] {
            let found = failures.reading(points: sheet.enabledCount) { () throws(HostReadError) in
                try Self.counters(name, moment.files)
            }
            guard let counters = found ?? nil else { continue }
            if isServer { recordServer(counters) } else { recordClient(counters) }
        }
        return moment.batch(Self.name, &sheet)
    }

    /// The numbers of each line of a file by its first word; `nil` where the kernel has no such file.
    private static func counters(
        _ name: String, _ files: HostFiles
    ) throws(HostReadError) -> [String: [UInt64]]? {
        do throws(HostReadError) {
            let counters = counters(in: try NetworkFiles.read("rpc/\(name)", files))
            guard counters["net"] != nil else {
                throw .content(path: files.place("/proc/net/rpc/\(name)"), "it does not count requests")
            }
            return counters
        } catch {
            if error.isAbsence { return nil }
            throw error
        }
    }

    /// The numbers of each line; those of `th` are followed by others, which say nothing any more.
    static func counters(in text: KernelText) -> [String: [UInt64]] {
        var result: [String: [UInt64]] = [:]
        for line in text.lines {
            let words = line.words
            guard let name = words.first else { continue }
            var numbers: [UInt64] = []
            for word in words.dropFirst() {
                guard let number = word.number else { break }
                numbers.append(number)
            }
            result[name.text] = numbers
        }
        return result
    }

    private mutating func recordClient(_ counters: [String: [UInt64]]) {
        record(counters["net"], [.clientNet, .clientUDP, .clientTCP, .clientConnections])
        record(counters["rpc"], [.clientCalls, .clientRetransmits, .clientRefreshes])
        record(counters["proc3"], .clientProcedures, "3", NFSNames.version3)
        record(counters["proc4"], .clientOperations, "4", NFSNames.clientOperations)
    }

    private mutating func recordServer(_ counters: [String: [UInt64]]) {
        record(counters["rc"], [.cacheHits, .cacheMisses, .uncached])
        record(counters["fh"], [.staleHandles])
        record(counters["io"], [.readBytes, .writtenBytes])
        record(counters["th"], [.threads])
        record(counters["net"], [.serverNet, .serverUDP, .serverTCP, .serverConnections])
        record(
            counters["rpc"], [.serverCalls, .badCalls, .badFormats, .badAuthentications, .badClients])
        record(counters["proc3"], .serverProcedures, "3", NFSNames.version3)
        record(counters["proc4"], .serverProcedures, "4", NFSNames.version4)
        record(counters["proc4ops"], .serverOperations, "4", NFSNames.serverOperations)
    }

    private mutating func record(_ numbers: [UInt64]?, _ metrics: [NFSMetric]) {
        for (metric, number) in zip(metrics, numbers ?? []) { sheet.record(metric, number) }
    }

    /// Records a line that begins with how many numbers follow.
    private mutating func record(
        _ numbers: [UInt64]?, _ metric: NFSMetric, _ version: String, _ names: [String]
    ) {
        for (name, number) in zip(names, (numbers ?? []).dropFirst()) {
            sheet.record(metric, number, version, name)
        }
    }
}
