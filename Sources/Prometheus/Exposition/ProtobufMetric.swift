internal import Wire

/// Reads the value of one metric of a page in protobuf into samples.
struct ProtobufMetric {
    let page: Bytes
    let message: Range<Int>
    let name: Range<Int>
    /// What the page may still have.
    var bounds: PageBounds

    private func sample(
        _ value: Double, _ part: ExpositionSample.Part = .whole, bound: Double = 0
    ) -> ExpositionSample {
        ExpositionSample(series: message, name: name, part: part, bound: bound, value: value)
    }

    /// A gauge, or a value without a type.
    func number(_ range: Range<Int>) throws(ExpositionError) -> ExpositionSample {
        var value = 0.0
        try page.forEachField(in: range) { if $0.number == 1 { value = $0.double } }
        return sample(value)
    }

    mutating func counter(_ range: Range<Int>) throws(ExpositionError) -> ExpositionSample {
        var sample = sample(0)
        try page.forEachField(in: range) { (field) throws(ExpositionError) in
            switch field.number {
            case 1: sample.value = field.double
            case 2: sample.exemplars.append(try exemplar(field.range))
            case 3: sample.created = try time(field.range)
            default: break
            }
        }
        return sample
    }

    func summary(_ range: Range<Int>) throws(ExpositionError) -> [ExpositionSample] {
        var samples: [ExpositionSample] = []
        var (count, sum, created) = (UInt64(0), 0.0, Int64?.none)
        try page.forEachField(in: range) { (field) throws(ExpositionError) in
            switch field.number {
            case 1: count = field.bits
            case 2: sum = field.double
            case 3:
                try check(samples.count, field)
                var (quantile, value) = (0.0, 0.0)
                try page.forEachField(in: field.range) {
                    if $0.number == 1 { quantile = $0.double }
                    if $0.number == 2 { value = $0.double }
                }
                samples.append(sample(value, .quantile, bound: quantile))
            case 4: created = try time(field.range)
            default: break
            }
        }
        samples.append(sample(sum, .sum))
        samples.append(sample(Double(count), .count))
        samples[samples.count - 1].created = created
        return samples
    }

    mutating func histogram(_ range: Range<Int>) throws(ExpositionError) -> [ExpositionSample] {
        var reader = HistogramReader(page: page)
        var buckets: [ExpositionSample] = []
        var exemplars: [Exemplar] = []
        var created: Int64?
        try page.forEachField(in: range) { (field) throws(ExpositionError) in
            switch field.number {
            case 3:
                try check(buckets.count, field)
                buckets.append(try bucket(field.range))
            case 15: created = try time(field.range)
            case 16: exemplars.append(try exemplar(field.range))
            default: try reader.read(field)
            }
        }
        if reader.isNative {
            var native = sample(reader.count)
            try bounds.take(buckets: reader.size, at: .byte(range.lowerBound))
            native.histogram = try reader.finish()
            native.exemplars = exemplars.isEmpty ? buckets.flatMap(\.exemplars) : exemplars
            native.created = created
            return [native]
        }
        if !buckets.contains(where: { $0.bound == .infinity }) {
            buckets.append(sample(reader.count, .bucket, bound: .infinity))
        }
        buckets.append(sample(reader.sum, .sum))
        buckets.append(sample(reader.count, .count))
        buckets[buckets.count - 1].created = created
        return buckets
    }

    /// Throws when a metric has as many buckets or quantiles as it may have already.
    private func check(_ count: Int, _ field: ProtobufField) throws(ExpositionError) {
        guard count < PageBounds.metricSamples else {
            throw ExpositionError(
                "a metric has more than \(PageBounds.metricSamples) buckets or quantiles",
                at: .byte(field.range.lowerBound))
        }
    }

    private mutating func bucket(_ range: Range<Int>) throws(ExpositionError) -> ExpositionSample {
        var sample = sample(0, .bucket)
        var whole: Double?
        try page.forEachField(in: range) { (field) throws(ExpositionError) in
            switch field.number {
            case 1: whole = Double(field.bits)
            case 2: sample.bound = field.double
            case 3: sample.exemplars.append(try exemplar(field.range))
            case 4: sample.value = field.double
            default: break
            }
        }
        if let whole, whole > 0 { sample.value = whole }
        return sample
    }

    private mutating func exemplar(_ range: Range<Int>) throws(ExpositionError) -> Exemplar {
        var exemplar = Exemplar()
        try page.forEachField(in: range) { (field) throws(ExpositionError) in
            switch field.number {
            case 1:
                var (name, value) = ("", "")
                try page.forEachField(in: field.range) {
                    if $0.number == 1 { name = page[$0.range].string }
                    if $0.number == 2 { value = page[$0.range].string }
                }
                guard exemplar.labels.count < PageBounds.exemplarLabels else {
                    throw ExpositionError(
                        "an exemplar has more than \(PageBounds.exemplarLabels) labels",
                        at: .byte(field.range.lowerBound))
                }
                exemplar.labels.append(LabelSet.Label(name, value))
            case 2: exemplar.value = field.double
            case 3: exemplar.timestamp = try time(field.range)
            default: break
            }
        }
        try bounds.takeExemplar(labels: exemplar.labels.count, at: .byte(range.lowerBound))
        return exemplar
    }

    /// Milliseconds since 1970 of a `google.protobuf.Timestamp`; `nil` when they are far off.
    private func time(_ range: Range<Int>) throws(ExpositionError) -> Int64? {
        var (seconds, nanoseconds) = (Int64(0), Int64(0))
        try page.forEachField(in: range) {
            if $0.number == 1 { seconds = Int64(bitPattern: $0.bits) }
            if $0.number == 2 { nanoseconds = Int64(Int32(truncatingIfNeeded: $0.bits)) }
        }
        return seconds.magnitude < 1_000_000_000_000 ? seconds * 1000 + nanoseconds / 1_000_000 : nil
    }
}

/// Reads the fields of a histogram that are not buckets of their own.
private struct HistogramReader {
    private struct Side {
        var spans: [(offset: Int32, length: Int)] = []
        var deltas: [Int64] = []
        var counts: [Double] = []
        /// Buckets, gaps included.
        var size = 0
    }

    let page: Bytes
    private(set) var sum = 0.0
    private var whole = 0.0
    private var fraction = 0.0
    private var schema: Int32 = 0
    private var zeroThreshold = 0.0
    private var zeroWhole: UInt64 = 0
    private var zeroFraction = 0.0
    private var positive = Side()
    private var negative = Side()

    init(page: Bytes) { self.page = page }

    var count: Double { whole > 0 ? whole : fraction }

    /// Buckets on both sides, gaps included.
    var size: Int { negative.size + positive.size }

    /// Whether there are exponential buckets: spans, or a zero bucket that is told of.
    var isNative: Bool {
        !positive.spans.isEmpty || !negative.spans.isEmpty || zeroThreshold > 0 || zeroWhole > 0
            || zeroFraction > 0
    }

    mutating func read(_ field: ProtobufField) throws(ExpositionError) {
        switch field.number {
        case 1: whole = Double(field.bits)
        case 2: sum = field.double
        case 4: fraction = field.double
        case 5: schema = Int32(truncatingIfNeeded: field.zigZag)
        case 6: zeroThreshold = field.double
        case 7: zeroWhole = field.bits
        case 8: zeroFraction = field.double
        case 9: try span(field.range, &negative)
        case 10: try deltas(field, &negative)
        case 11: try counts(field, &negative)
        case 12: try span(field.range, &positive)
        case 13: try deltas(field, &positive)
        case 14: try counts(field, &positive)
        default: break
        }
    }

    private func deltas(_ field: ProtobufField, _ side: inout Side) throws(ExpositionError) {
        try page.forEachNumber(in: field) { (number) throws(ExpositionError) in
            try check(side.deltas.count, field.range)
            side.deltas.append(ZigZag.decode(number))
        }
    }

    private func counts(_ field: ProtobufField, _ side: inout Side) throws(ExpositionError) {
        try page.forEachDouble(in: field) { (number) throws(ExpositionError) in
            try check(side.counts.count, field.range)
            side.counts.append(number)
        }
    }

    /// Throws when a side has as many buckets, or spans of them, as it may have already.
    private func check(_ count: Int, _ range: Range<Int>) throws(ExpositionError) {
        let limit = NativeHistogram.bucketLimit
        guard count < limit else {
            throw ExpositionError(
                "a native histogram has more than \(limit) buckets", at: .byte(range.lowerBound))
        }
    }

    private func span(_ range: Range<Int>, _ side: inout Side) throws(ExpositionError) {
        try check(side.spans.count, range)
        var (offset, length) = (Int32(0), UInt64(0))
        try page.forEachField(in: range) {
            if $0.number == 1 { offset = Int32(truncatingIfNeeded: $0.zigZag) }
            if $0.number == 2 { length = $0.bits }
        }
        let gap = side.spans.isEmpty ? 0 : Int(offset)
        let limit = NativeHistogram.bucketLimit
        guard gap >= 0, length <= UInt64(limit), side.size + gap + Int(length) <= limit else {
            throw ExpositionError(
                "a native histogram has more than \(limit) buckets", at: .byte(range.lowerBound))
        }
        side.size += gap + Int(length)
        side.spans.append((offset, Int(length)))
    }

    func finish() throws(ExpositionError) -> NativeHistogram {
        guard (-4...8).contains(schema) else {
            throw ExpositionError("there is no schema \(schema) of native histograms", at: .byte(0))
        }
        var histogram = NativeHistogram()
        histogram.schema = schema
        histogram.count = Self.number(count)
        histogram.sum = sum
        histogram.zeroThreshold = zeroThreshold
        histogram.zeroCount = zeroWhole > 0 ? zeroWhole : Self.number(zeroFraction)
        histogram.positive = try Self.buckets(positive)
        histogram.negative = try Self.buckets(negative)
        return histogram
    }

    private static func number(_ value: Double) -> UInt64 { value > 0 && value < 0x1p63 ? UInt64(value) : 0 }

    private static func buckets(_ side: Side) throws(ExpositionError) -> NativeHistogram.Buckets {
        var buckets = NativeHistogram.Buckets()
        guard let first = side.spans.first else { return buckets }
        // The upper bound of bucket 0 is 1 in Prometheus, its lower bound is in OTLP.
        buckets.offset = first.offset &- 1
        var (index, count) = (0, Int64(0))
        for (position, span) in side.spans.enumerated() {
            if position > 0 {
                buckets.counts.append(contentsOf: repeatElement(0, count: Int(span.offset)))
            }
            for _ in 0..<span.length {
                if index < side.deltas.count {
                    count = count.addingReportingOverflow(side.deltas[index]).partialValue
                    guard count >= 0 else {
                        throw ExpositionError("a bucket of a native histogram is negative", at: .byte(0))
                    }
                    buckets.counts.append(UInt64(count))
                } else {
                    buckets.counts.append(index < side.counts.count ? number(side.counts[index]) : 0)
                }
                index += 1
            }
        }
        return buckets
    }
}
