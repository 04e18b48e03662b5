public import Wire

/// A number: of a data point or of an exemplar.
public enum NumberValue: Sendable, Equatable {
    case double(Double)
    case int(Int64)
}

extension WireMessage {
    /// The value of a oneof of a double and an sfixed64: the field that comes last counts.
    fileprivate func number(double: Int, int: Int) -> NumberValue? {
        var value: NumberValue?
        for field in fields {
            if field.number == double { value = .double(Double(bitPattern: field.bits)) }
            if field.number == int { value = .int(Int64(bitPattern: field.bits)) }
        }
        return value
    }
}

/// What all data points have.
///
/// Times are nanoseconds since 1970.
public protocol PointView: MessageView {
    var attributes: Messages<KeyValueView> { get }
    /// DataPointFlags: 1 says that no value was recorded.
    var flags: UInt32 { get }
}

extension PointView {
    public var startTime: UInt64 { message.unsigned(2) }
    public var time: UInt64 { message.unsigned(3) }
}

/// A data point of a gauge or a sum (metrics.v1 NumberDataPoint).
public struct NumberPointView: PointView {
    public let message: WireMessage
    public init(_ message: WireMessage) { self.message = message }

    public var value: NumberValue? { message.number(double: 4, int: 6) }
    public var exemplars: Messages<ExemplarView> { message.messages(5) }
    public var attributes: Messages<KeyValueView> { message.messages(7) }
    public var flags: UInt32 { UInt32(truncatingIfNeeded: message.unsigned(8)) }
}

/// A data point of a histogram with explicit bounds (metrics.v1 HistogramDataPoint).
public struct HistogramPointView: PointView {
    public let message: WireMessage
    public init(_ message: WireMessage) { self.message = message }

    public var count: UInt64 { message.unsigned(4) }
    public var sum: Double? { message.double(5) }
    public var bucketCounts: [UInt64] { message.fixed64s(6) }
    public var explicitBounds: [Double] { message.doubles(7) }
    public var exemplars: Messages<ExemplarView> { message.messages(8) }
    public var attributes: Messages<KeyValueView> { message.messages(9) }
    public var flags: UInt32 { UInt32(truncatingIfNeeded: message.unsigned(10)) }
    public var min: Double? { message.double(11) }
    public var max: Double? { message.double(12) }
}

/// A data point of an exponential histogram (metrics.v1 ExponentialHistogramDataPoint).
public struct ExponentialHistogramPointView: PointView {
    public let message: WireMessage
    public init(_ message: WireMessage) { self.message = message }

    public var attributes: Messages<KeyValueView> { message.messages(1) }
    public var count: UInt64 { message.unsigned(4) }
    public var sum: Double? { message.double(5) }
    public var scale: Int { message.zigZag(6) }
    public var zeroCount: UInt64 { message.unsigned(7) }
    public var positive: BucketsView? { message.message(8) }
    public var negative: BucketsView? { message.message(9) }
    public var flags: UInt32 { UInt32(truncatingIfNeeded: message.unsigned(10)) }
    public var exemplars: Messages<ExemplarView> { message.messages(11) }
    public var min: Double? { message.double(12) }
    public var max: Double? { message.double(13) }
    public var zeroThreshold: Double { message.double(14) ?? 0 }
}

/// The buckets on one side of zero (metrics.v1 ExponentialHistogramDataPoint.Buckets).
public struct BucketsView: MessageView {
    public let message: WireMessage
    public init(_ message: WireMessage) { self.message = message }

    public var offset: Int { message.zigZag(1) }
    public var bucketCounts: [UInt64] { message.varints(2) }
}

/// A data point of a summary (metrics.v1 SummaryDataPoint).
public struct SummaryPointView: PointView {
    public let message: WireMessage
    public init(_ message: WireMessage) { self.message = message }

    public var count: UInt64 { message.unsigned(4) }
    public var sum: Double { message.double(5) ?? 0 }
    public var quantiles: Messages<QuantileView> { message.messages(6) }
    public var attributes: Messages<KeyValueView> { message.messages(7) }
    public var flags: UInt32 { UInt32(truncatingIfNeeded: message.unsigned(8)) }
}

/// One quantile of a summary (metrics.v1 SummaryDataPoint.ValueAtQuantile).
public struct QuantileView: MessageView {
    public let message: WireMessage
    public init(_ message: WireMessage) { self.message = message }

    /// From 0 to 1.
    public var quantile: Double { message.double(1) ?? 0 }
    public var value: Double { message.double(2) ?? 0 }
}

/// A measurement that went into a data point (metrics.v1 Exemplar).
public struct ExemplarView: MessageView {
    public let message: WireMessage
    public init(_ message: WireMessage) { self.message = message }

    public var time: UInt64 { message.unsigned(2) }
    public var value: NumberValue? { message.number(double: 3, int: 6) }
    /// 8 bytes, or none.
    public var spanID: Bytes { message.data(4) }
    /// 16 bytes, or none.
    public var traceID: Bytes { message.data(5) }
    public var filteredAttributes: Messages<KeyValueView> { message.messages(7) }
}
