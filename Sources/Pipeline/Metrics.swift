internal import Synchronization

/// The collector's own metrics: families of series with labels, read by whoever publishes them.
///
/// The number of series is bounded by the configuration, because labels name components and never come from
/// telemetry.
public final class Metrics: Sendable {
    /// The labels of one series, in the order they are printed.
    public typealias Labels = [(name: String, value: String)]

    /// What a family measures.
    public enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    /// One series with its current value.
    public struct Sample: Sendable {
        public let labels: Labels
        public let value: Value

        public enum Value: Sendable {
            case number(Double)
            case histogram(Histogram.Snapshot)
        }
    }

    /// All series that share a name.
    public struct Family: Sendable {
        public let name: String
        public let help: String
        public let unit: String
        public let kind: Kind
        public let samples: [Sample]
    }

    private struct Series: Sendable {
        let labels: Labels
        let read: @Sendable () -> Sample.Value
        let object: (any Sendable)?
    }

    private struct Entry: Sendable {
        let help: String
        let unit: String
        let kind: Kind
        var series: [Series] = []
    }

    private let families = Mutex<[String: Entry]>([:])

    public init() {}

    /// The counter `name` with `labels`, made when it does not exist yet.
    public func counter(_ name: String, _ help: String, unit: String = "", labels: Labels) -> Counter {
        series(name, help, unit, .counter, labels) {
            Counter()
        } read: {
            .number(Double($0.value))
        }
    }

    /// The histogram `name` with `labels`, made when it does not exist yet.
    public func histogram(
        _ name: String, _ help: String, unit: String = "", bounds: [Double], labels: Labels
    ) -> Histogram {
        series(name, help, unit, .histogram, labels) {
            Histogram(bounds: bounds)
        } read: {
            .histogram($0.snapshot)
        }
    }

    /// Publishes what `read` returns at the moment somebody looks, in place of an earlier reading.
    public func observe(
        _ name: String, _ help: String, unit: String = "", kind: Kind = .gauge, labels: Labels,
        read: @escaping @Sendable () -> Double
    ) {
        families.withLock { families in
            var entry = families[name] ?? Entry(help: help, unit: unit, kind: kind)
            entry.series.removeAll { Self.same($0.labels, labels) }
            entry.series.append(Series(labels: labels, read: { .number(read()) }, object: nil))
            families[name] = entry
        }
    }

    /// Stops publishing every series that carries the label `name` = `value`.
    public func remove(whereLabel name: String, is value: String) {
        families.withLock { families in
            for key in families.keys {
                families[key]?.series.removeAll {
                    $0.labels.contains { $0.name == name && $0.value == value }
                }
            }
        }
    }

    /// Everything, sorted by name, read now.
    public func snapshot() -> [Family] {
        let copy = families.withLock { $0 }
        return copy.sorted { $0.key < $1.key }.map { name, entry in
            Family(
                name: name, help: entry.help, unit: entry.unit, kind: entry.kind,
                samples: entry.series.map { Sample(labels: $0.labels, value: $0.read()) })
        }
    }

    private func series<Instrument: Sendable>(
        _ name: String, _ help: String, _ unit: String, _ kind: Kind, _ labels: Labels,
        make: () -> Instrument, read: @escaping @Sendable (Instrument) -> Sample.Value
    ) -> Instrument {
        families.withLock { families in
            var entry = families[name] ?? Entry(help: help, unit: unit, kind: kind)
            let existing = entry.series.first { Self.same($0.labels, labels) }
            if let instrument = existing?.object as? Instrument { return instrument }
            let instrument = make()
            entry.series.append(Series(labels: labels, read: { read(instrument) }, object: instrument))
            families[name] = entry
            return instrument
        }
    }

    private static func same(_ left: Labels, _ right: Labels) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { $0 == $1 }
    }
}
