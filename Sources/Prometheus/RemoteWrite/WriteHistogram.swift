internal import Wire

/// A native histogram of a request (`prometheus.Histogram`, `io.prometheus.write.v2.Histogram`).
struct WriteHistogram {
    enum Kind: Sendable, Hashable {
        /// Buckets grow by a factor.
        case exponential
        /// The bounds of buckets are written out.
        case explicit
    }

    /// One side of zero as the request has it.
    fileprivate struct Side {
        var spans: [(offset: Int64, length: Int)] = []
        var deltas: [Int64] = []
        var counts: [Double] = []
        /// Buckets, gaps included.
        var size = 0
    }

    /// Buckets that one may have on one side, gaps included.
    fileprivate static let bucketLimit = NativeHistogram.bucketLimit
    /// The schema of histograms whose bounds are written out.
    private static let customSchema: Int64 = -53

    private var whole: UInt64 = 0
    private var fraction: Double?
    private(set) var sum = 0.0
    private var schema: Int64 = 0
    private(set) var zeroThreshold = 0.0
    private var zeroWhole: UInt64 = 0
    private var zeroFraction: Double?
    private var positive = Side()
    private var negative = Side()
    private var isGauge = false
    /// Milliseconds since 1970.
    private(set) var time: Int64 = 0
    /// Milliseconds since 1970 since when it counts; 0 when that is not said.
    private(set) var start: Int64 = 0
    private(set) var bounds: [Double] = []
    /// Why it is not taken, although it can be read.
    private(set) var fault: SeriesFault?
    /// Whether it is not taken because OTLP has no such thing, which is nobody's fault.
    var isUnsupported: Bool { isGauge }

    /// Reads a histogram.
    init(_ range: Range<Int>, of body: Bytes) throws(ExpositionError) {
        var cursor = Cursor(range)
        while let field = try cursor.nextField(body) {
            switch field.number {
            case 1: whole = field.bits
            case 2: fraction = field.double
            case 3: sum = field.double
            case 4: schema = field.zigZag
            case 5: zeroThreshold = field.double
            case 6: zeroWhole = field.bits
            case 7: zeroFraction = field.double
            case 8: negative.add(try Self.span(field.range, body), &fault)
            case 9: try Self.append(field, body, to: &negative.deltas, &fault)
            case 10: try Self.append(field, body, to: &negative.counts, &fault)
            case 11: positive.add(try Self.span(field.range, body), &fault)
            case 12: try Self.append(field, body, to: &positive.deltas, &fault)
            case 13: try Self.append(field, body, to: &positive.counts, &fault)
            case 14: isGauge = field.bits == 3
            case 15: time = Int64(bitPattern: field.bits)
            case 16: try Self.append(field, body, to: &bounds, &fault)
            case 17: start = Int64(bitPattern: field.bits)
            default: break
            }
        }
        check()
    }

    var kind: Kind { schema == Self.customSchema ? .explicit : .exponential }

    /// Whether it says that there is no value any more.
    var isStale: Bool { StaleMarker.isStale(sum) }

    var scale: Int32 { Int32(truncatingIfNeeded: schema) }
    var count: UInt64 { fraction.map(Self.number) ?? whole }
    var zeroCount: UInt64 { zeroFraction.map(Self.number) ?? zeroWhole }

    /// About how many bytes it takes in OTLP beside its attributes.
    var byteCount: Int {
        kind == .explicit ? 100 + bounds.count * 16 : 120 + (positive.size + negative.size) * 3
    }

    /// How many numbers are kept of it.
    var numberCount: Int {
        positive.deltas.count + positive.counts.count + positive.spans.count * 2 + negative.deltas.count
            + negative.counts.count + negative.spans.count * 2 + bounds.count + 32
    }

    /// The buckets on the positive side, where bucket 0 begins at 1.
    var positiveBuckets: NativeHistogram.Buckets { buckets(positive) }
    var negativeBuckets: NativeHistogram.Buckets { buckets(negative) }

    /// The counts between explicit bounds, one more than there are bounds.
    var explicitCounts: [UInt64] {
        let offset = Int(clamping: positive.spans.first?.offset ?? 0)
        let listed = counts(positive)
        var counts = [UInt64](repeating: 0, count: bounds.count + 1)
        for (index, count) in listed.enumerated() where index + offset < counts.count {
            counts[index + offset] = count
        }
        return counts
    }

    // MARK: - Checks

    private mutating func check() {
        guard fault == nil else { return }
        if isGauge {
            fault = SeriesFault("has a gauge histogram, which OTLP does not have")
        } else if kind == .explicit {
            checkBounds()
        } else if !(-4...8).contains(schema) {
            fault = SeriesFault("has a histogram of schema \(schema); there are -53 and -4 to 8")
        }
        guard fault == nil, !isStale else { return }
        let isFloat = fraction != nil
        if isFloat ? (fraction ?? 0) < 0 || (zeroFraction ?? 0) < 0 : whole >= 1 << 63 {
            fault = SeriesFault("has a histogram with a negative count")
        }
        fault = fault ?? positive.fault(isFloat: isFloat) ?? negative.fault(isFloat: isFloat)
    }

    private mutating func checkBounds() {
        let isGrowing = zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }
        let first = positive.spans.first?.offset ?? 0
        if bounds.contains(where: { $0.isNaN }) || !isGrowing {
            fault = SeriesFault("has a histogram whose bounds do not grow")
        } else if first < 0 || first + Int64(positive.size) > Int64(bounds.count) + 1 {
            fault = SeriesFault("has a histogram with more buckets than bounds")
        }
    }

    // MARK: - Reading

    private static func span(
        _ range: Range<Int>, _ body: Bytes
    ) throws(ExpositionError) -> (offset: Int64, length: UInt64) {
        var (offset, length) = (Int64(0), UInt64(0))
        var cursor = Cursor(range)
        while let field = try cursor.nextField(body) {
            if field.number == 1 { offset = Int64(Int32(truncatingIfNeeded: field.zigZag)) }
            if field.number == 2 { length = field.bits }
        }
        return (offset, length)
    }

    private static func append(
        _ field: ProtobufField, _ body: Bytes, to list: inout [Int64], _ fault: inout SeriesFault?
    ) throws(ExpositionError) {
        var isFull = false
        try body.forEachNumber(in: field) { number in
            if list.count < bucketLimit { list.append(ZigZag.decode(number)) } else { isFull = true }
        }
        if isFull { fault = .tooManyBuckets }
    }

    private static func append(
        _ field: ProtobufField, _ body: Bytes, to list: inout [Double], _ fault: inout SeriesFault?
    ) throws(ExpositionError) {
        var isFull = false
        try body.forEachDouble(in: field) { number in
            if list.count < bucketLimit { list.append(number) } else { isFull = true }
        }
        if isFull { fault = .tooManyBuckets }
    }

    // MARK: - Buckets

    private static func number(_ value: Double) -> UInt64 { value > 0 && value < 0x1p63 ? UInt64(value) : 0 }

    private func buckets(_ side: Side) -> NativeHistogram.Buckets {
        var buckets = NativeHistogram.Buckets()
        guard let first = side.spans.first else { return buckets }
        // The upper bound of bucket 0 is 1 in Prometheus, its lower bound is in OTLP.
        buckets.offset = Int32(clamping: first.offset - 1)
        buckets.counts = counts(side)
        return buckets
    }

    /// The counts of the buckets of a side from the first span on, with zeros in its gaps.
    private func counts(_ side: Side) -> [UInt64] {
        var counts: [UInt64] = []
        counts.reserveCapacity(side.size)
        var (index, count) = (0, Int64(0))
        for (position, span) in side.spans.enumerated() {
            if position > 0 { counts.append(contentsOf: repeatElement(0, count: Int(span.offset))) }
            for _ in 0..<span.length {
                if fraction == nil {
                    count &+= side.deltas[index]
                    counts.append(UInt64(count))
                } else {
                    counts.append(Self.number(side.counts[index]))
                }
                index += 1
            }
        }
        return counts
    }
}

extension WriteHistogram.Side {
    fileprivate mutating func add(_ span: (offset: Int64, length: UInt64), _ fault: inout SeriesFault?) {
        let limit = WriteHistogram.bucketLimit
        let gap = spans.isEmpty ? 0 : span.offset
        guard gap >= 0, gap <= Int64(limit), span.length <= UInt64(limit), spans.count < limit,
            size + Int(gap) + Int(span.length) <= limit
        else {
            fault = .tooManyBuckets
            return
        }
        size += Int(gap) + Int(span.length)
        spans.append((span.offset, Int(span.length)))
    }

    /// What is wrong with the buckets of a side.
    fileprivate func fault(isFloat: Bool) -> SeriesFault? {
        let length = spans.reduce(0) { $0 + $1.length }
        guard length == (isFloat ? counts.count : deltas.count) else {
            return SeriesFault("has a histogram whose spans do not fit its buckets")
        }
        if isFloat {
            return counts.contains { !($0 >= 0) } ? SeriesFault("has a histogram with a negative count") : nil
        }
        var count = Int64(0)
        for delta in deltas {
            let (sum, overflow) = count.addingReportingOverflow(delta)
            guard !overflow, sum >= 0 else { return SeriesFault("has a histogram with a negative count") }
            count = sum
        }
        return nil
    }
}

extension SeriesFault {
    fileprivate static var tooManyBuckets: SeriesFault {
        SeriesFault("has a histogram with more than \(NativeHistogram.bucketLimit) buckets")
    }
}
