import Prometheus
import Wire

/// Requests of remote write, made field by field, so that wrong ones can be made as well.
struct WriteMessage {
    /// A native histogram as it is sent.
    struct Histogram {
        var count: UInt64 = 0
        var floatCount: Double?
        var sum = 0.0
        var schema: Int64 = 0
        var zeroThreshold = 0.001
        var zeroCount: UInt64 = 0
        var positive: [(Int64, UInt64)] = []
        var deltas: [Int64] = []
        var counts: [Double] = []
        var negative: [(Int64, UInt64)] = []
        var negativeDeltas: [Int64] = []
        var hint: UInt64 = 0
        var time: Int64 = 1000
        var bounds: [Double] = []
        var start: Int64 = 0
    }

    /// One series.
    struct Series {
        var labels: [(String, String)]
        var samples: [(Double, Int64)] = []
        var histograms: [Histogram] = []
        var exemplars: [(labels: [(String, String)], value: Double, time: Int64)] = []
        var type: UInt64 = 0
        var help = ""
        var unit = ""
        var created: Int64 = 0
        var start: Int64 = 0
    }

    var series: [Series] = []
    var metadata: [(name: String, type: UInt64, help: String, unit: String)] = []

    init(_ series: [Series] = []) { self.series = series }

    /// A series with one value.
    static func series(
        _ name: String, _ value: Double, at time: Int64 = 1000, type: UInt64 = 0,
        _ labels: [(String, String)] = []
    ) -> Series {
        Series(labels: [("__name__", name)] + labels, samples: [(value, time)], type: type)
    }

    func encoded(_ version: RemoteWriteVersion) -> Bytes { version == .v1 ? first : second }

    private var first: Bytes {
        var writer = Writer()
        for series in series {
            let mark = writer.begin(1)
            for (name, value) in series.labels { Self.label(name, value, &writer) }
            Self.samples(series, &writer)
            for exemplar in series.exemplars {
                let mark = writer.begin(3)
                for (name, value) in exemplar.labels { Self.label(name, value, &writer) }
                writer.write(double: exemplar.value, 2)
                writer.write(signed: exemplar.time, 3)
                writer.end(mark)
            }
            for histogram in series.histograms { Self.histogram(histogram, 4, &writer) }
            writer.end(mark)
        }
        for family in metadata {
            let mark = writer.begin(3)
            writer.write(varint: family.type, 1)
            writer.write(string: family.name, 2)
            writer.write(string: family.help, 4)
            writer.write(string: family.unit, 5)
            writer.end(mark)
        }
        return writer.finish()
    }

    private var second: Bytes {
        var symbols = [""]
        func symbol(_ text: String) -> UInt64 {
            if let place = symbols.firstIndex(of: text) { return UInt64(place) }
            symbols.append(text)
            return UInt64(symbols.count - 1)
        }
        func references(_ labels: [(String, String)]) -> [UInt64] {
            labels.flatMap { [symbol($0.0), symbol($0.1)] }
        }
        var all = Writer()
        for series in series {
            let mark = all.begin(5)
            all.write(packedVarints: references(series.labels), 1)
            Self.samples(series, &all)
            for histogram in series.histograms { Self.histogram(histogram, 3, &all) }
            for exemplar in series.exemplars {
                let mark = all.begin(4)
                all.write(packedVarints: references(exemplar.labels), 1)
                all.write(double: exemplar.value, 2)
                all.write(signed: exemplar.time, 3)
                all.end(mark)
            }
            let metadata = all.begin(5)
            all.write(varint: series.type, 1)
            all.write(varint: symbol(series.help), 3)
            all.write(varint: symbol(series.unit), 4)
            all.end(metadata)
            if series.created != 0 { all.write(signed: series.created, 6) }
            all.end(mark)
        }
        var writer = Writer()
        for text in symbols { writer.write(string: text, 4) }
        writer.write(raw: all.finish())
        return writer.finish()
    }

    private static func label(_ name: String, _ value: String, _ writer: inout Writer) {
        let mark = writer.begin(1)
        writer.write(string: name, 1)
        writer.write(string: value, 2)
        writer.end(mark)
    }

    private static func samples(_ series: Series, _ writer: inout Writer) {
        for (value, time) in series.samples {
            let mark = writer.begin(2)
            writer.write(double: value, 1)
            writer.write(signed: time, 2)
            if series.start != 0 { writer.write(signed: series.start, 3) }
            writer.end(mark)
        }
    }

    private static func histogram(_ histogram: Histogram, _ number: Int, _ writer: inout Writer) {
        let mark = writer.begin(number)
        if let count = histogram.floatCount {
            writer.write(double: count, 2)
        } else {
            writer.write(varint: histogram.count, 1)
        }
        writer.write(double: histogram.sum, 3)
        writer.write(zigZag: histogram.schema, 4)
        writer.write(double: histogram.zeroThreshold, 5)
        writer.write(varint: histogram.zeroCount, 6)
        for (spans, deltas, number) in [
            (histogram.negative, histogram.negativeDeltas, 8), (histogram.positive, histogram.deltas, 11),
        ] {
            for (offset, length) in spans {
                let mark = writer.begin(number)
                writer.write(zigZag: offset, 1)
                writer.write(varint: length, 2)
                writer.end(mark)
            }
            writer.write(packedVarints: deltas.map { ZigZag.encode($0) }, number + 1)
        }
        writer.write(packedFixed64: histogram.counts.map { $0.bitPattern }, 13)
        writer.write(varint: histogram.hint, 14)
        writer.write(signed: histogram.time, 15)
        writer.write(packedFixed64: histogram.bounds.map { $0.bitPattern }, 16)
        if histogram.start != 0 { writer.write(signed: histogram.start, 17) }
        writer.end(mark)
    }
}

/// A receiver of requests without a network.
struct WrittenTo {
    let translator: RemoteWriteTranslator

    init(_ settings: RemoteWriteSettings = RemoteWriteSettings()) {
        translator = RemoteWriteTranslator(settings, RemoteWriteMemory())
    }

    func write(
        _ message: WriteMessage, _ version: RemoteWriteVersion
    ) throws -> (result: RemoteWriteResult, metrics: ReadMetrics) {
        let result = try translator.translate(message.encoded(version), version)
        return (result, ReadMetrics(result.batches))
    }
}
