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

    /// Whether `isWanted` says so of a data point; no more of them are looked at than it takes.
    func hasPoint(where isWanted: (WireMessage) -> Bool) -> Bool {
        message.fields.contains { $0.number == 1 && isWanted(WireMessage(message.bytes[$0.value])) }
    }

    /// AggregationTemporality; 0 where there is none.
    var temporality: UInt64 { kind == .gauge || kind == .summary ? 0 : message.unsigned(2) }

    /// Bytes that may become of it: four times as many, and 16 MiB.
    var sizeLimit: Int { 4 * message.bytes.count + FunctionLimits.keptSize }

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
        switch draft.addToScope(metric) {
        case .added: return
        case let obstacle: throw Self.refusal(obstacle, metric.bytes.count)
        }
    }

    /// Throws unless a metric of `size` bytes could be added now.
    func checkRoom(for size: Int) throws(EvaluationError) {
        if let obstacle = draft.obstacle(toAdding: size) { throw Self.refusal(obstacle, size) }
    }

    private static func refusal(_ obstacle: Draft.Addition, _ size: Int) -> EvaluationError {
        switch obstacle {
        case .tooMany:
            .message("no metric can be added: a scope takes \(Batch.additionLimit) of them")
        case .tooManyGenerations:
            .message(
                "no metric can be added: this one was added too, and metrics are made of one another in up "
                    + "to \(Batch.generationLimit) generations; exclude what was added by a condition")
        case .tooLarge:
            .message(
                "no metric of \(size) bytes can be added: together with those added before it would take "
                    + "more than a batch of this size may grow by")
        case .invalid:
            .message("no metric can be added: what was made is not valid in OTLP")
        case .closed, .added:
            .message("no metric can be added here: the statement is about what is in no scope of metrics")
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

    /// One that describes itself as the metric of the frame does, with an ending for its name.
    ///
    /// Throws where the scope takes no metric, or none that describes itself so. Nothing is copied then: each
    /// data point of a metric may ask, whose name may have megabytes.
    init(from frame: Frame, suffix: String, _ kind: MetricData.Kind) throws(EvaluationError) {
        let metric = frame.metric
        let size = (1...3).reduce(suffix.utf8.count) { size, field in
            size + metric.withData(field) { $0.count }
        }
        try frame.checkRoom(for: size)
        name = Bytes(metric.data(1).array + Array(suffix.utf8))
        description = metric.data(2)
        unit = metric.data(3)
        self.kind = kind
    }

    /// Bytes of what it says of itself.
    var byteCount: Int { name.count + description.count + unit.count }

    /// The metric with number data points, which are encoded as fields already.
    func encoded(_ points: Bytes) -> WireMessage {
        var writer = Writer(capacity: points.count + 256)
        writer.write(bytes: name, 1)
        if !description.isEmpty { writer.write(bytes: description, 2) }
        if !unit.isEmpty { writer.write(bytes: unit, 3) }
        writer.write(
            bytes: MetricData.encoded(points, temporality, isMonotonic), kind.rawValue)
        return WireMessage(writer.finish())
    }
}

/// The data points of a metric that a function makes, up to what its scope takes.
struct NewPoints: ~Copyable {
    private let frame: Frame
    /// Bytes of what the metric says of itself.
    private let headSize: Int
    private var writer = Writer(capacity: 256)

    /// Throws where the scope does not take the metric even without points.
    init(of metric: NewMetric, for frame: Frame) throws(EvaluationError) {
        self.frame = frame
        headSize = metric.byteCount
        try frame.checkRoom(for: headSize)
    }

    /// Takes in an encoded data point; throws where the metric would be larger than the scope takes.
    mutating func add(_ point: Bytes) throws(EvaluationError) {
        writer.write(bytes: point, 1)
        try frame.checkRoom(for: headSize + writer.count)
    }

    /// Adds the metric with these points to the scope, unless there are none.
    consuming func finish(_ metric: NewMetric) throws(EvaluationError) {
        let frame = frame
        let points = writer.finish()
        if !points.isEmpty { try frame.add(metric.encoded(points)) }
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
