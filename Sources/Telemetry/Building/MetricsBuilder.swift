internal import Wire

/// Writes metrics straight into the wire form of OTLP, for receivers of other formats and for tests.
///
/// The order of resources, scopes and metrics is as in `TracesBuilder`.
public struct MetricsBuilder: ~Copyable {
    private var groups: GroupWriter

    /// Name, unit, description and metadata of a metric.
    public struct Header: Sendable, ExpressibleByStringLiteral {
        public let name: String
        public let unit: String
        public let details: String
        /// What is known of the metric beside its data.
        public let metadata: EncodedAttributes

        public init(
            _ name: String, unit: String = "", details: String = "",
            metadata: EncodedAttributes = EncodedAttributes()
        ) {
            self.name = name
            self.unit = unit
            self.details = details
            self.metadata = metadata
        }

        public init(stringLiteral value: String) { self.init(value) }
    }

    /// AggregationTemporality.
    public enum Temporality: UInt64, Sendable {
        case unspecified = 0
        case delta = 1
        case cumulative = 2
    }

    /// Makes room for `capacity` bytes; more is allocated when needed.
    public init(capacity: Int = 4096) { groups = GroupWriter(capacity: capacity) }

    /// Begins a resource.
    public mutating func resource(
        schemaURL: String = "", _ attributes: (AttributesBuilder) -> Void = { _ in }
    ) {
        groups.beginResource(schemaURL: schemaURL, attributes)
    }

    /// Begins a scope.
    public mutating func scope(
        _ name: String = "", version: String = "", schemaURL: String = "",
        _ attributes: (AttributesBuilder) -> Void = { _ in }
    ) {
        groups.beginScope(name: name, version: version, schemaURL: schemaURL, attributes)
    }

    /// Writes a gauge.
    public mutating func gauge(_ header: Header, _ points: (PointsBuilder<NumberPointBuilder>) -> Void) {
        metric(header, 5, .unspecified, points)
    }

    /// Writes a sum.
    public mutating func sum(
        _ header: Header, _ temporality: Temporality, isMonotonic: Bool,
        _ points: (PointsBuilder<NumberPointBuilder>) -> Void
    ) {
        metric(header, 7, temporality, isMonotonic: isMonotonic, points)
    }

    /// Writes a histogram.
    public mutating func histogram(
        _ header: Header, _ temporality: Temporality,
        _ points: (PointsBuilder<HistogramPointBuilder>) -> Void
    ) {
        metric(header, 9, temporality, points)
    }

    /// Writes an exponential histogram.
    public mutating func exponentialHistogram(
        _ header: Header, _ temporality: Temporality,
        _ points: (PointsBuilder<ExponentialHistogramPointBuilder>) -> Void
    ) {
        metric(header, 10, temporality, points)
    }

    /// Writes a summary.
    public mutating func summary(_ header: Header, _ points: (PointsBuilder<SummaryPointBuilder>) -> Void) {
        metric(header, 11, .unspecified, points)
    }

    private mutating func metric<Point: PointBuilder>(
        _ header: Header, _ number: Int, _ temporality: Temporality, isMonotonic: Bool = false,
        _ points: (PointsBuilder<Point>) -> Void
    ) {
        let output = groups.output
        groups.record {
            output.write(text: header.name, 1)
            output.write(text: header.details, 2)
            output.write(text: header.unit, 3)
            output.nested(number) {
                points(PointsBuilder(output: output))
                if temporality != .unspecified { output.writer.write(varint: temporality.rawValue, 2) }
                if isMonotonic { output.writer.write(bool: true, 3) }
            }
            output.writer.write(header.metadata, 12)
        }
    }

    /// Bytes written so far, for a receiver that bounds its batches.
    public var byteCount: Int { groups.output.writer.count }

    /// What was written.
    public consuming func finish() -> Batch { groups.finish(.metrics) }
}
