public import Wire

/// Writes one data point of some kind.
///
/// Times are nanoseconds since 1970.
public protocol PointBuilder: RecordBuilder {
    init(_ output: PointOutput)
    var output: PointOutput { get }
}

/// Where a data point is written to.
public struct PointOutput {
    let output: BuilderOutput
    var writer: Writer {
        _read { yield output.writer }
        nonmutating _modify { yield &output.writer }
    }
}

extension PointBuilder {
    public func startTime(_ time: UInt64) { output.writer.write(fixed64: time, 2) }
    public func time(_ time: UInt64) { output.writer.write(fixed64: time, 3) }
}

/// Writes the data points of one metric.
public struct PointsBuilder<Point: PointBuilder> {
    let output: BuilderOutput

    /// Writes a data point.
    public func point(_ body: (Point) -> Void) {
        output.nested(1) { body(Point(PointOutput(output: output))) }
        output.items += 1
    }
}

/// Writes a data point of a gauge or a sum.
public struct NumberPointBuilder: PointBuilder {
    public let output: PointOutput
    public init(_ output: PointOutput) { self.output = output }

    /// Writes the value, at most once.
    public func value(_ value: NumberValue) { output.write(value, double: 4, int: 6) }
    public func attribute(_ key: String, _ value: AttributeValue) {
        output.writer.write(key: key, value: value, 7)
    }
    public func flags(_ flags: UInt32) { output.writer.write(varint: UInt64(flags), 8) }
    public func exemplar(_ body: (ExemplarBuilder) -> Void) { output.exemplar(5, body) }
}

/// Writes a data point of a histogram.
public struct HistogramPointBuilder: PointBuilder {
    public let output: PointOutput
    public init(_ output: PointOutput) { self.output = output }

    public func count(_ count: UInt64) { output.writer.write(fixed64: count, 4) }
    public func sum(_ sum: Double) { output.writer.write(double: sum, 5) }
    /// One count more than there are bounds.
    public func buckets(counts: [UInt64], bounds: [Double]) {
        output.writer.write(packedFixed64: counts, 6)
        output.writer.write(packedFixed64: bounds.map { $0.bitPattern }, 7)
    }
    public func exemplar(_ body: (ExemplarBuilder) -> Void) { output.exemplar(8, body) }
    public func attribute(_ key: String, _ value: AttributeValue) {
        output.writer.write(key: key, value: value, 9)
    }
    public func flags(_ flags: UInt32) { output.writer.write(varint: UInt64(flags), 10) }
    public func min(_ value: Double) { output.writer.write(double: value, 11) }
    public func max(_ value: Double) { output.writer.write(double: value, 12) }
}

/// Writes a data point of an exponential histogram.
public struct ExponentialHistogramPointBuilder: PointBuilder {
    public let output: PointOutput
    public init(_ output: PointOutput) { self.output = output }

    public func attribute(_ key: String, _ value: AttributeValue) {
        output.writer.write(key: key, value: value, 1)
    }
    public func count(_ count: UInt64) { output.writer.write(fixed64: count, 4) }
    public func sum(_ sum: Double) { output.writer.write(double: sum, 5) }
    public func scale(_ scale: Int32) { output.writer.write(zigZag: Int64(scale), 6) }
    public func zeroCount(_ count: UInt64) { output.writer.write(fixed64: count, 7) }
    /// At most once.
    public func positive(offset: Int32, counts: [UInt64]) { buckets(8, offset, counts) }
    /// At most once.
    public func negative(offset: Int32, counts: [UInt64]) { buckets(9, offset, counts) }
    public func flags(_ flags: UInt32) { output.writer.write(varint: UInt64(flags), 10) }
    public func exemplar(_ body: (ExemplarBuilder) -> Void) { output.exemplar(11, body) }
    public func min(_ value: Double) { output.writer.write(double: value, 12) }
    public func max(_ value: Double) { output.writer.write(double: value, 13) }
    public func zeroThreshold(_ value: Double) { output.writer.write(double: value, 14) }

    private func buckets(_ number: Int, _ offset: Int32, _ counts: [UInt64]) {
        output.output.nested(number) {
            output.writer.write(zigZag: Int64(offset), 1)
            output.writer.write(packedVarints: counts, 2)
        }
    }
}

/// Writes a data point of a summary.
public struct SummaryPointBuilder: PointBuilder {
    public let output: PointOutput
    public init(_ output: PointOutput) { self.output = output }

    public func count(_ count: UInt64) { output.writer.write(fixed64: count, 4) }
    public func sum(_ sum: Double) { output.writer.write(double: sum, 5) }
    public func quantile(_ quantile: Double, _ value: Double) {
        output.output.nested(6) {
            output.writer.write(double: quantile, 1)
            output.writer.write(double: value, 2)
        }
    }
    public func attribute(_ key: String, _ value: AttributeValue) {
        output.writer.write(key: key, value: value, 7)
    }
    public func flags(_ flags: UInt32) { output.writer.write(varint: UInt64(flags), 8) }
}

/// Writes a measurement that went into a data point.
public struct ExemplarBuilder: RecordBuilder {
    let output: PointOutput

    public func time(_ time: UInt64) { output.writer.write(fixed64: time, 2) }
    /// Writes the value, at most once.
    public func value(_ value: NumberValue) { output.write(value, double: 3, int: 6) }
    /// 8 bytes.
    public func spanID(_ id: Bytes) { output.output.write(id: id, 4, size: 8) }
    /// 16 bytes.
    public func traceID(_ id: Bytes) { output.output.write(id: id, 5, size: 16) }
    public func attribute(_ key: String, _ value: AttributeValue) {
        output.writer.write(key: key, value: value, 7)
    }
}

extension PointOutput {
    fileprivate func write(_ value: NumberValue, double: Int, int: Int) {
        switch value {
        case .double(let value): writer.write(double: value, double)
        case .int(let value): writer.write(fixed64: UInt64(bitPattern: value), int)
        }
    }

    fileprivate func exemplar(_ number: Int, _ body: (ExemplarBuilder) -> Void) {
        output.nested(number) { body(ExemplarBuilder(output: self)) }
    }
}
