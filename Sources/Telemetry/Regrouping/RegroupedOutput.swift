internal import Wire

/// A resource with the scopes that came to it.
final class ResourceOutput {
    private let message: Bytes
    private let schemaURL: Bytes
    /// Of which resource of the source it was made.
    let resourceNumber: Int
    private var scopes: [ScopeOutput] = []
    private var scopesByIdentity: [[UInt8]: Int] = [:]
    /// Where the records of a scope of the source go.
    private var latest: (number: Int, index: Int)?

    init(_ message: Bytes, _ schemaURL: Bytes, from resourceNumber: Int) {
        self.message = message
        self.schemaURL = schemaURL
        self.resourceNumber = resourceNumber
    }

    /// The scope that is like `header`, which is the scope `number` of the source; a new one takes `room`.
    func scope(_ header: ScopeOutput.Header, from number: Int, _ isJoined: inout Bool, _ room: inout Int)
        -> ScopeOutput
    {
        if let latest, latest.number == number { return scopes[latest.index] }
        let identity = header.identity
        let index = scopesByIdentity[identity] ?? scopes.count
        if index == scopes.count {
            scopes.append(ScopeOutput(header))
            room -= header.message.count + header.schemaURL.count
            scopesByIdentity[identity] = index
        } else {
            isJoined = true
        }
        latest = (number, index)
        return scopes[index]
    }

    func write(to writer: inout Writer) {
        let mark = writer.begin(1, expecting: 4096)
        if !message.isEmpty { writer.write(bytes: message, 1) }
        for scope in scopes { scope.write(to: &writer) }
        if !schemaURL.isEmpty { writer.write(bytes: schemaURL, 3) }
        writer.end(mark)
    }
}

/// A scope with the records that came to it.
final class ScopeOutput {
    /// What a scope says about itself.
    struct Header {
        var message = Bytes.empty
        var schemaURL = Bytes.empty

        /// Name, version, attributes and schema URL.
        var identity: [UInt8] {
            let view = WireMessage(message)
            return view.data(1).array + [0xFF] + view.data(2).array + [0xFF] + schemaURL.array + [0xFF]
                + Identity.bytes(of: view, attributes: 3)
        }
    }

    private let header: Header
    /// Spans and log records, and metrics that cannot be taken apart.
    var writer = Writer(capacity: 16)
    private var metrics: [MetricOutput] = []
    private var metricsByIdentity: [[UInt8]: Int] = [:]
    /// Where the points of a metric of the source go.
    private var latest: (scope: Int, number: Int, index: Int)?

    init(_ header: Header) { self.header = header }

    /// The metric that is like `header`, which stands in the scope `scope` of the source; a new one takes
    /// `room`.
    func metric(_ header: MetricOutput.Header, _ scope: Int, _ isJoined: inout Bool, _ room: inout Int)
        -> MetricOutput
    {
        if let latest, latest.scope == scope, latest.number == header.number { return metrics[latest.index] }
        let identity = header.identity
        defer { latest = metricsByIdentity[identity].map { (scope, header.number, $0) } }
        if let index = metricsByIdentity[identity] {
            if metrics[index].origin != (scope, header.number) { isJoined = true }
            return metrics[index]
        }
        metricsByIdentity[identity] = metrics.count
        let metric = MetricOutput(header, origin: (scope, header.number))
        metrics.append(metric)
        room -= header.fields.count + header.scalars.count
        return metric
    }

    func write(to output: inout Writer) {
        let mark = output.begin(2, expecting: 4096)
        if !header.message.isEmpty { output.write(bytes: header.message, 1) }
        output.write(raw: writer.takeBytes())
        for metric in metrics { metric.write(to: &output) }
        if !header.schemaURL.isEmpty { output.write(bytes: header.schemaURL, 3) }
        output.end(mark)
    }
}

/// A metric with the data points that came to it.
final class MetricOutput {
    /// What a metric says about itself, and where its data points are.
    struct Header {
        /// Name, description, unit and whatever else stands beside the data.
        private(set) var fields: [UInt8] = []
        /// Temporality and the like, beside the data points.
        private(set) var scalars: [UInt8] = []
        private var name = Bytes.empty
        private var unit = Bytes.empty
        /// The number of the field with the data.
        private(set) var kind = 0
        private(set) var data: Range<Int>?
        /// Where the metric stands in the source.
        var number = 0

        init(_ source: Bytes, _ base: UnsafePointer<UInt8>, _ range: Range<Int>) {
            var walker = FieldWalker(base, range.lowerBound, range.upperBound)
            while walker.next() {
                switch walker.number {
                case 5, 7, 9, 10, 11:
                    kind = walker.number
                    data = walker.value
                    continue
                case 1: name = source[walker.value]
                case 3: unit = source[walker.value]
                default: break
                }
                fields += source[walker.start..<walker.position].array
            }
            guard let data else { return }
            walker = FieldWalker(base, data.lowerBound, data.upperBound)
            while walker.next() {
                if walker.number != 1 { scalars += source[walker.start..<walker.position].array }
            }
        }

        var identity: [UInt8] {
            [UInt8(truncatingIfNeeded: kind)] + name.array + [0xFF] + unit.array + [0xFF] + scalars
        }
    }

    private let header: Header
    /// The scope and the place of the metric in the source that it was made of.
    let origin: (Int, Int)
    var writer = Writer(capacity: 16)

    init(_ header: Header, origin: (Int, Int)) {
        self.header = header
        self.origin = origin
    }

    func write(to output: inout Writer) {
        let metric = output.begin(2, expecting: writer.count + header.fields.count)
        header.fields.withUnsafeBytes { output.write(raw: $0) }
        let data = output.begin(header.kind, expecting: writer.count)
        output.write(raw: writer.takeBytes())
        header.scalars.withUnsafeBytes { output.write(raw: $0) }
        output.end(data)
        output.end(metric)
    }
}
