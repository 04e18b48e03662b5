internal import Synchronization

/// The numbers of the manager, for Prometheus.
///
/// Parts of the manager add counters, which they hold and count with, and sources of numbers that are asked
/// for with each page. At most `limit` of each.
public final class FleetMetrics: Sendable {
    public static let limit = 500

    /// Something that only grows; counting is one atomic addition.
    public final class Counter: Sendable {
        private let number = Atomic<Int>(0)

        public func add(_ count: Int = 1) { number.add(count, ordering: .relaxed) }
        public var value: Int { number.load(ordering: .relaxed) }
    }

    /// How long something takes: a histogram in seconds, from 1 ms to 10 s.
    public final class Timer: Sendable {
        static let bounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

        private let state = Mutex<(counts: [Int], sum: Double)>(
            ([Int](repeating: 0, count: Timer.bounds.count + 1), 0))

        public func observe(_ duration: Duration) {
            let (whole, rest) = duration.components
            let seconds = Double(whole) + Double(rest) / 1e18
            let place = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
            state.withLock { state in
                state.counts[place] += 1
                state.sum += seconds
            }
        }

        var snapshot: (counts: [Int], sum: Double) { state.withLock { $0 } }
    }

    /// One number with its labels.
    public struct Sample: Sendable {
        public let labels: [(name: String, value: String)]
        public let value: Double

        public init(_ value: Double, _ labels: [(name: String, value: String)] = []) {
            self.labels = labels
            self.value = value
        }
    }

    private enum Source: Sendable {
        case counter(Counter, labels: [(name: String, value: String)])
        case timer(Timer)
        case asked(@Sendable () -> [Sample])
    }

    private struct Family: Sendable {
        let name: String
        let help: String
        let type: String
        var sources: [Source]
    }

    private let families = Mutex<[Family]>([])

    public init() {}

    /// Adds a counter; the name ends in `_total`.
    public func counter(
        _ name: String, _ help: String, labels: [(name: String, value: String)] = []
    ) -> Counter {
        let counter = Counter()
        add(.counter(counter, labels: labels), name, help, "counter")
        return counter
    }

    /// Adds a histogram of durations; the name ends in `_seconds`.
    public func timer(_ name: String, _ help: String) -> Timer {
        let timer = Timer()
        add(.timer(timer), name, help, "histogram")
        return timer
    }

    /// Adds numbers that go up and down; `samples` is called with each page and must be quick.
    public func gauge(_ name: String, _ help: String, _ samples: @escaping @Sendable () -> [Sample]) {
        add(.asked(samples), name, help, "gauge")
    }

    /// Adds numbers that only grow and that somebody else counts.
    public func counter(_ name: String, _ help: String, _ samples: @escaping @Sendable () -> [Sample]) {
        add(.asked(samples), name, help, "counter")
    }

    /// All numbers in the text format 0.0.4 of Prometheus.
    public var text: String {
        var page = ""
        for family in families.withLock({ $0 }) {
            page += "# HELP \(family.name) \(Self.escape(family.help, quotes: false))\n"
            page += "# TYPE \(family.name) \(family.type)\n"
            for source in family.sources { Self.write(source, family.name, into: &page) }
        }
        return page
    }

    private func add(_ source: Source, _ name: String, _ help: String, _ type: String) {
        families.withLock { families in
            if let index = families.firstIndex(where: { $0.name == name }) {
                if families[index].sources.count < Self.limit { families[index].sources.append(source) }
            } else if families.count < Self.limit {
                families.append(Family(name: name, help: help, type: type, sources: [source]))
            }
        }
    }

    private static func write(_ source: Source, _ name: String, into page: inout String) {
        switch source {
        case .counter(let counter, let labels):
            page += "\(name)\(text(labels)) \(counter.value)\n"
        case .asked(let samples):
            for sample in samples() { page += "\(name)\(text(sample.labels)) \(text(sample.value))\n" }
        case .timer(let timer):
            let (counts, sum) = timer.snapshot
            var total = 0
            for (index, count) in counts.enumerated() {
                total += count
                let bound = index < Timer.bounds.count ? text(Timer.bounds[index]) : "+Inf"
                page += "\(name)_bucket{le=\"\(bound)\"} \(total)\n"
            }
            page += "\(name)_sum \(text(sum))\n\(name)_count \(total)\n"
        }
    }

    private static func text(_ labels: [(name: String, value: String)]) -> String {
        guard !labels.isEmpty else { return "" }
        let pairs = labels.map { "\($0.name)=\"\(escape($0.value, quotes: true))\"" }
        return "{" + pairs.joined(separator: ",") + "}"
    }

    private static func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }

    private static func escape(_ text: String, quotes: Bool) -> String {
        var result = text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        if quotes { result = result.replacing("\"", with: "\\\"") }
        return result
    }
}
