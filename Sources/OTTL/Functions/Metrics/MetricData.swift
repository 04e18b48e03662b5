internal import Telemetry
internal import Wire

/// The data of a metric as functions on metrics see it: its kind and its encoded data points.
struct MetricData {
    /// The kinds of data, by their field in a metric (metrics.v1).
    enum Kind: Int {
        case gauge = 5
        case sum = 7
        case histogram = 9
        case exponentialHistogram = 10
        case summary = 11

        /// As messages name it.
        var name: String {
            switch self {
            case .gauge: "gauge"
            case .sum: "sum"
            case .histogram: "histogram"
            case .exponentialHistogram: "exponential histogram"
            case .summary: "summary"
            }
        }

        /// Number of the field that holds the attributes of a point.
        var attributesField: Int {
            switch self {
            case .exponentialHistogram: 1
            case .histogram: 9
            default: 7
            }
        }

        /// Whether it has buckets.
        var isHistogram: Bool { self == .histogram || self == .exponentialHistogram }
    }

    let kind: Kind
    private let message: WireMessage

    /// The data of the metric; `nil` when it has none.
    init?(_ metric: Draft) {
        guard let kind = Kind(rawValue: metric.dataField), let message = metric.message(kind.rawValue) else {
            return nil
        }
        self.kind = kind
        self.message = message
    }

    /// The data points.
    var points: [WireMessage] {
        let message = message
        return message.fields.filter { $0.number == 1 }.map { WireMessage(message.bytes[$0.value]) }
    }

    /// AggregationTemporality; 0 where there is none.
    var temporality: UInt64 { kind == .gauge || kind == .summary ? 0 : message.unsigned(2) }

    /// The data of another kind with the same points.
    func converted(temporality: UInt64 = 0, isMonotonic: Bool = false) -> Bytes {
        Self.encoded(message.fields(1, are: true), temporality, isMonotonic)
    }

    /// The same data with other points.
    func with(points: [Bytes]) -> Bytes {
        var writer = Writer(capacity: message.bytes.count)
        for point in points { writer.write(bytes: point, 1) }
        writer.write(raw: message.fields(1, are: false))
        return writer.finish()
    }

    /// Data of points that are encoded as fields already.
    static func encoded(_ points: Bytes, _ temporality: UInt64, _ isMonotonic: Bool) -> Bytes {
        var writer = Writer(capacity: points.count + 8)
        writer.write(raw: points)
        if temporality != 0 { writer.write(varint: temporality, 2) }
        if isMonotonic { writer.write(bool: true, 3) }
        return writer.finish()
    }
}

extension Frame {
    /// The metric that the statement is about: in the context `datapoint` that of the point.
    var metric: Draft { draft.kind == .metric ? draft : outer }

    /// The data points that a function works on: all of the metric, or the one of the context `datapoint`.
    func points(of data: MetricData) -> [WireMessage] {
        draft.kind == .metric ? data.points : [draft.current]
    }

    /// Puts other data in place of that of the metric.
    func setData(_ data: Bytes, _ kind: MetricData.Kind) throws(EvaluationError) {
        guard metric.setField(kind.rawValue, .data(data)) else {
            try metric.checkWritable()
            throw .message("the data of the metric cannot be replaced here")
        }
    }

    /// Adds a metric to the scope; it passes all statements of the list.
    func add(_ metric: WireMessage) throws(EvaluationError) {
        guard draft.addToScope(metric) else {
            throw .message(
                "no metric can be added: a scope takes 1000 of them, made of one another in 16 generations")
        }
    }
}

/// A metric that a function makes of another one.
struct NewMetric {
    var name: Bytes
    var description: Bytes
    var unit: Bytes
    let kind: MetricData.Kind
    var temporality: UInt64 = 0
    var isMonotonic = false

    /// One that describes itself as `metric` does, with an ending for its name.
    init(from metric: Draft, suffix: String, _ kind: MetricData.Kind) {
        name = Bytes(metric.data(1).array + Array(suffix.utf8))
        description = metric.data(2)
        unit = metric.data(3)
        self.kind = kind
    }

    /// The metric with number data points.
    func encoded(_ points: [Bytes]) -> WireMessage {
        var data = Writer(capacity: 256)
        for point in points { data.write(bytes: point, 1) }
        var writer = Writer(capacity: 256)
        writer.write(bytes: name, 1)
        if !description.isEmpty { writer.write(bytes: description, 2) }
        if !unit.isEmpty { writer.write(bytes: unit, 3) }
        writer.write(
            bytes: MetricData.encoded(data.finish(), temporality, isMonotonic), kind.rawValue)
        return WireMessage(writer.finish())
    }
}

extension WireMessage {
    /// A number data point with the times and attributes of this point, which is of `kind`.
    func numberPoint(
        _ kind: MetricData.Kind, without key: Bytes? = nil, _ value: (inout Writer) -> Void
    ) -> Bytes {
        var writer = Writer(capacity: bytes.count + 32)
        for field in fields {
            switch field.number {
            case kind.attributesField where field.tag.type == .lengthDelimited:
                let pair = bytes[field.value]
                if let key, WireMessage(pair).data(1).isEqual(to: key) { continue }
                writer.write(bytes: pair, 7)
            case 2, 3: writer.write(raw: bytes[field.start..<field.value.upperBound])
            default: continue
            }
        }
        value(&writer)
        return writer.finish()
    }
}
