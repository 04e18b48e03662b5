internal import Wire

/// One metric with its data points (metrics.v1 Metric).
public struct MetricView: MessageView {
    public let message: WireMessage
    public init(_ message: WireMessage) { self.message = message }

    /// The kinds of data; temporality is AggregationTemporality: 1 delta, 2 cumulative.
    public enum Content: Sendable {
        /// No data, or of a kind that is not known.
        case empty
        case gauge(Messages<NumberPointView>)
        case sum(Messages<NumberPointView>, temporality: Int, isMonotonic: Bool)
        case histogram(Messages<HistogramPointView>, temporality: Int)
        case exponentialHistogram(Messages<ExponentialHistogramPointView>, temporality: Int)
        case summary(Messages<SummaryPointView>)
    }

    public var name: String { message.text(1) }
    /// What it measures (`description` in OTLP).
    public var details: String { message.text(2) }
    public var unit: String { message.text(3) }
    public var metadata: Messages<KeyValueView> { message.messages(12) }

    /// The data and its data points.
    public var content: Content {
        var content = Content.empty
        for field in message.fields {
            let data = WireMessage(message.bytes[field.value])
            switch field.number {
            case 5: content = .gauge(data.messages(1))
            case 7:
                content = .sum(
                    data.messages(1), temporality: Self.temporality(data), isMonotonic: data.unsigned(3) != 0)
            case 9: content = .histogram(data.messages(1), temporality: Self.temporality(data))
            case 10: content = .exponentialHistogram(data.messages(1), temporality: Self.temporality(data))
            case 11: content = .summary(data.messages(1))
            default: break
            }
        }
        return content
    }

    private static func temporality(_ data: WireMessage) -> Int {
        Int(Int32(truncatingIfNeeded: data.unsigned(2)))
    }
}
