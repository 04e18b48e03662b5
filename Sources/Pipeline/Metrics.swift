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
        private(set) var series: [Series] = []
        /// Where the series of some labels is; there may be thousands of a family.
        private var places: [[String]: Int] = [:]

        init(help: String, unit: String, kind: Kind) {
            self.help = help
            self.unit = unit
            self.kind = kind
        }

        func find(_ labels: Labels) -> Series? { places[Self.key(labels)].map { series[$0] } }

        /// Adds a series, or puts it in the place of the one with the same labels.
        mutating func put(_ new: Series) {
            let key = Self.key(new.labels)
            if let place = places[key] {
                series[place] = new
            } else {
                places[key] = series.count
                series.append(new)
            }
        }

        mutating func removeAll(_ isUnwanted: (Series) -> Bool) {
            let kept = series.filter { !isUnwanted($0) }
            guard kept.count < series.count else { return }
            series = kept
            places = [:]
            for (place, series) in kept.enumerated() { places[Self.key(series.labels)] = place }
        }

        private static func key(_ labels: Labels) -> [String] { labels.flatMap { [$0.name, $0.value] } }
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
            families[name, default: Entry(help: help, unit: unit, kind: kind)]
                .put(Series(labels: labels, read: { .number(read()) }, object: nil))
        }
    }

    /// Stops publishing every series that carries the label `name` = `value`.
    public func remove(whereLabel name: String, is value: String) {
        families.withLock { families in
            for key in families.keys {
                families[key]?.removeAll {
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
            if let known = families[name]?.find(labels)?.object as? Instrument { return known }
            let instrument = make()
            families[name, default: Entry(help: help, unit: unit, kind: kind)]
                .put(Series(labels: labels, read: { read(instrument) }, object: instrument))
            return instrument
        }
    }
}
