internal import Telemetry
internal import Wire

/// Writes a page as messages `io.prometheus.client.MetricFamily`, each after its length.
struct ProtobufPageWriter: FamilyWriter, ~Copyable {
    private var page = Writer(capacity: 16 << 10)
    private var family = Writer(capacity: 4 << 10)
    private let escaping: NameEscaping
    private let sendsTimestamps: Bool

    init(_ format: PageFormat, _ settings: PageSettings) {
        escaping = format.escaping
        sendsTimestamps = settings.sendsTimestamps
    }

    consuming func finish() -> Bytes { page.finish() }

    var count: Int { page.count + family.count }

    mutating func cancel() { family.truncate(to: 0) }

    mutating func end() {
        page.writeVarint(UInt64(family.count))
        family.withUnsafeBytes { page.write(raw: $0) }
        family.truncate(to: 0)
    }

    mutating func begin(_ family: PageFamily, _ table: borrowing PageTable) {
        self.family.write(string: escaping.name(family.name, isMetric: true), 1)
        self.family.write(string: family.help, 2)
        self.family.write(varint: Self.code(family.type), 3)
        if !family.unit.isEmpty { self.family.write(string: family.unit, 5) }
    }

    private static func code(_ type: MetricType) -> UInt64 {
        switch type {
        case .counter: 0
        case .gauge, .info, .stateSet, .gaugeHistogram: 1
        case .summary: 2
        case .unknown: 3
        case .histogram: 4
        }
    }

    mutating func write(_ series: PageSeries, of family: PageFamily) {
        let metric = self.family.begin(4, expecting: 200)
        write(series.labels)
        switch series.value {
        case .number(let value): write(Double(value), family.type, series)
        case .histogram(let buckets, let sum): write(buckets, sum ?? 0, series)
        case .native(let native): write(native, series)
        case .summary(let summary): write(summary, series)
        }
        if sendsTimestamps, series.time > 0 {
            self.family.write(varint: series.time / 1_000_000, 6)
        }
        self.family.end(metric)
    }

    /// Of labels whose names become the same the first is written.
    private mutating func write(_ labels: LabelText) {
        let isPlain = escaping == .allowUTF8 || escaping != .dots && !labels.hasQuotedNames
        var known: Set<String> = []
        labels.forEach { name, value in
            let pair: Writer.Mark
            if isPlain {
                pair = family.begin(1, expecting: 20)
                labels.unescaped(name).withUnsafeBytes { family.write(bytes: $0, 1) }
            } else {
                let escaped = escaping.name(labels.text(name), isMetric: false)
                guard known.insert(escaped).inserted else { return }
                pair = family.begin(1, expecting: 20)
                family.write(string: escaped, 1)
            }
            labels.unescaped(value).withUnsafeBytes { family.write(bytes: $0, 2) }
            family.end(pair)
        }
    }

    private mutating func write(_ value: Double, _ type: MetricType, _ series: PageSeries) {
        let field =
            switch type {
            case .counter: 3
            case .unknown: 5
            default: 2
            }
        let number = family.begin(field, expecting: 9)
        family.write(double: value, 1)
        if type == .counter {
            if let exemplar = series.exemplar(upTo: .infinity) { write(exemplar, 2) }
            write(nanoseconds: series.startTime, 3)
        }
        family.end(number)
    }

    private mutating func write(_ summary: PageSummary, _ series: PageSeries) {
        let mark = family.begin(4, expecting: 50)
        family.write(varint: summary.count, 1)
        family.write(double: summary.sum, 2)
        for entry in summary.quantiles {
            let quantile = family.begin(3, expecting: 18)
            family.write(double: entry.quantile, 1)
            family.write(double: entry.value, 2)
            family.end(quantile)
        }
        write(nanoseconds: series.startTime, 4)
        family.end(mark)
    }

    private mutating func write(_ buckets: CumulativeBuckets, _ sum: Double, _ series: PageSeries) {
        let mark = family.begin(7, expecting: 200)
        family.write(varint: buckets.count, 1)
        family.write(double: sum, 2)
        for (bound, count) in zip(buckets.bounds, buckets.counts) { bucket(bound, count, series) }
        bucket(.infinity, buckets.count, series)
        write(nanoseconds: series.startTime, 15)
        family.end(mark)
    }

    private mutating func bucket(_ bound: Double, _ count: UInt64, _ series: PageSeries) {
        let bucket = family.begin(3, expecting: 12)
        family.write(varint: count, 1)
        family.write(double: bound, 2)
        if let exemplar = series.exemplar(upTo: bound) { write(exemplar, 3) }
        family.end(bucket)
    }

    private mutating func write(_ native: NativeHistogram, _ series: PageSeries) {
        let mark = family.begin(7, expecting: 200)
        family.write(varint: native.count, 1)
        family.write(double: native.sum, 2)
        family.write(zigZag: Int64(native.schema), 5)
        family.write(double: native.zeroThreshold, 6)
        family.write(varint: native.zeroCount, 7)
        write(native.negative, spans: 9, deltas: 10)
        write(native.positive, spans: 12, deltas: 13)
        write(nanoseconds: series.startTime, 15)
        for entry in series.exemplars { write(entry.exemplar, 16) }
        family.end(mark)
    }

    private mutating func write(_ buckets: NativeHistogram.Buckets, spans: Int, deltas: Int) {
        let found = buckets.spans
        for span in found.spans {
            let mark = family.begin(spans, expecting: 4)
            family.write(zigZag: Int64(span.offset), 1)
            family.write(varint: UInt64(span.length), 2)
            family.end(mark)
        }
        if !found.deltas.isEmpty {
            family.write(packedVarints: found.deltas.lazy.map { ZigZag.encode($0) }, deltas)
        }
    }

    private mutating func write(_ exemplar: Exemplar, _ number: Int) {
        let mark = family.begin(number, expecting: 80)
        write(LabelText(LabelSet(exemplar.labels)))
        family.write(double: exemplar.value, 2)
        if let time = exemplar.timestamp, time > 0 { write(nanoseconds: UInt64(time) * 1_000_000, 3) }
        family.end(mark)
    }

    /// A `google.protobuf.Timestamp`, unless the time is not known.
    private mutating func write(nanoseconds time: UInt64, _ number: Int) {
        guard time > 0 else { return }
        let mark = family.begin(number, expecting: 12)
        family.write(varint: time / 1_000_000_000, 1)
        family.write(varint: time % 1_000_000_000, 2)
        family.end(mark)
    }
}
