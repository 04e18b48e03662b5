import Foundation
import PipelineTesting
import Settings
import Synchronization
import Telemetry

@testable import Receivers

/// A folder that stands for the root of a host.
final class HostFolder: Sendable {
    let path: String

    init(_ files: [String: String] = [:]) throws {
        path = FileManager.default.temporaryDirectory.appending(path: "host-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        Self.made.withLock { $0.append(path) }
        for (name, text) in files { try write(text, to: name) }
    }

    /// All folders; they go when the process ends, since what reads them may outlive the test.
    private static let made: Mutex<[String]> = {
        atexit {
            HostFolder.made.withLock { paths in
                for path in paths { try? FileManager.default.removeItem(atPath: path) }
            }
        }
        return Mutex([])
    }()

    var files: HostFiles { HostFiles(root: path) }

    /// Writes a file such as `/proc/stat`.
    func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

    func write(_ bytes: [UInt8], to name: String) throws {
        let url = URL(filePath: path + name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    /// Makes a symbolic link.
    func link(_ name: String, to target: String) throws {
        let url = URL(filePath: path + name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try? FileManager.default.removeItem(at: url)
        try FileManager.default.createSymbolicLink(atPath: url.path(), withDestinationPath: target)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path + name) }

    /// A scrape at a second of the clock, on a host that was started at second 1000.
    func moment(_ second: UInt64 = 2000) -> ScrapeMoment {
        ScrapeMoment(
            files: files, time: second * 1_000_000_000, start: 1000 * 1_000_000_000, version: "1.2.3")
    }
}

extension HostScraper {
    /// What it makes, and what it could not read.
    mutating func scraped(_ moment: ScrapeMoment) -> (lines: [String], failures: ScrapeFailures) {
        var failures = ScrapeFailures()
        let batch = scrape(moment, &failures)
        return (batch.pointLines, failures)
    }
}

extension MetricSwitches {
    /// What the YAML of the key `metrics` says.
    init(yaml: String) throws { self = try Self.decode(yaml: yaml) }
}

extension Batch {
    /// Each point: `name{attribute=value,…} value`, with `@start` where it has one, in seconds.
    var pointLines: [String] {
        metrics.flatMap { metric in
            metric.points.map { point in
                let attributes = point.attributes.map { "\($0.key)=\($0.value.string ?? "?")" }
                let text =
                    switch point.value {
                    case .int(let value): "\(value)"
                    case .double(let value): "\(value)"
                    case nil: "nothing"
                    }
                let start = point.startTime > 0 ? " @\(point.startTime / 1_000_000_000)" : ""
                return "\(metric.name){\(attributes.joined(separator: ","))} \(text)\(start)"
            }
        }
    }

    /// Each metric: `name unit kind`.
    var metricLines: [String] { metrics.map { "\($0.name) \($0.unit) \($0.kind)" } }

    var metrics: [MetricView] { resourceMetrics.flatMap { $0.scopes }.flatMap { Array($0.records) } }

    /// The attributes of each resource, as text.
    var resourceLines: [[String]] {
        resourceMetrics.map { group in
            group.resource.attributes.map { attribute in
                switch attribute.value.content {
                case .string(let text): "\(attribute.key)=\(text)"
                case .int(let number): "\(attribute.key)=#\(number)"
                default: "\(attribute.key)=?"
                }
            }
        }
    }
}

extension MetricView {
    var points: [NumberPointView] {
        switch content {
        case .gauge(let points): Array(points)
        case .sum(let points, _, _): Array(points)
        default: []
        }
    }

    var kind: String {
        switch content {
        case .gauge: "gauge"
        case .sum(_, 2, true): "counter"
        case .sum(_, 2, false): "amount"
        default: "other"
        }
    }
}
