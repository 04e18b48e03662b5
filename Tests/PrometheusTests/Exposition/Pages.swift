import Prometheus
import Wire

/// A sample with everything that a page says of it.
struct ReadSample: Equatable, CustomStringConvertible {
    var name: String
    var labels: [String]
    var value: Double
    var timestamp: Int64?
    var created: Int64?
    var exemplars: [Exemplar] = []
    var histogram: NativeHistogram?

    var description: String {
        "\(name){\(labels.joined(separator: ","))} \(value) @\(timestamp.map { "\($0)" } ?? "-")"
    }

    static func == (left: Self, right: Self) -> Bool {
        left.description == right.description && left.created == right.created
            && left.exemplars == right.exemplars && left.histogram == right.histogram
    }
}

/// What a page says, entry after entry.
struct ReadPage {
    var samples: [ReadSample] = []
    var types: [String: MetricType] = [:]
    var helps: [String: String] = [:]
    var units: [String: String] = [:]

    init(_ text: String, _ format: ExpositionFormat = .text) throws(ExpositionError) {
        try self.init(Bytes(utf8: text), format)
    }

    init(_ bytes: Bytes, _ format: ExpositionFormat) throws(ExpositionError) {
        var reader = ExpositionReader(bytes, format: format)
        while let entry = try reader.next() {
            switch entry {
            case .type(let name, let type): types[try reader.text(name)] = type
            case .help(let name, let text): helps[try reader.text(name)] = try reader.text(text)
            case .unit(let name, let text): units[try reader.text(name)] = try reader.text(text)
            case .sample(let sample):
                let series = try reader.series(of: sample)
                samples.append(
                    ReadSample(
                        name: series.name, labels: series.labels.map { "\($0.name)=\($0.value)" },
                        value: sample.value, timestamp: sample.timestamp, created: sample.created,
                        exemplars: sample.exemplars, histogram: sample.histogram))
            }
        }
    }
}

/// Writes messages of `io.prometheus.client`.
enum PageWriter {
    /// A family with its metrics, after its length.
    static func family(
        _ name: String, help: String = "", type: UInt64, unit: String = "",
        _ metrics: [(inout Writer) -> Void]
    ) -> [UInt8] {
        var writer = Writer()
        writer.write(string: name, 1)
        if !help.isEmpty { writer.write(string: help, 2) }
        writer.write(varint: type, 3)
        for metric in metrics {
            let mark = writer.begin(4)
            metric(&writer)
            writer.end(mark)
        }
        if !unit.isEmpty { writer.write(string: unit, 5) }
        let message = writer.finish().array
        var whole = Writer()
        whole.writeVarint(UInt64(message.count))
        return whole.finish().array + message
    }

    static func label(_ name: String, _ value: String, _ writer: inout Writer, _ number: Int = 1) {
        let mark = writer.begin(number)
        writer.write(string: name, 1)
        writer.write(string: value, 2)
        writer.end(mark)
    }

    /// A page with one native histogram that has one value; `type` is the number of its type.
    static func nativeHistogram(type: UInt64) -> Bytes {
        Bytes(
            PageWriter.family(
                "n", type: type,
                [
                    { writer in
                        let histogram = writer.begin(7)
                        writer.write(varint: 1, 1)
                        let span = writer.begin(12)
                        writer.write(varint: 1, 2)
                        writer.end(span)
                        writer.write(zigZag: 1, 13)
                        writer.end(histogram)
                    }
                ]))
    }
}
