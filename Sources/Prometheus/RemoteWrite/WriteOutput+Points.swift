internal import Telemetry
internal import Wire

extension WriteOutput {
    /// DataPointFlags: no value was recorded.
    private static let noValue: UInt32 = 1

    mutating func writeNumbers(_ run: Range<Int>, to points: PointsBuilder<NumberPointBuilder>) {
        for place in run {
            let (entry, exemplars) = open(place)
            for number in entry.samples {
                let sample = index.samples[number]
                points.point { point in
                    writeTimes(sample.start > 0 ? sample.start : entry.created, sample.time, to: point)
                    writeLabels(to: point)
                    guard !StaleMarker.isStale(sample.value) else { return point.flags(Self.noValue) }
                    point.value(.double(sample.value))
                    guard number == entry.samples.upperBound - 1 else { return }
                    for exemplar in exemplars { point.exemplar { exemplar.write(to: $0, else: sample.time) } }
                }
            }
            result.samples += entry.samples.count
        }
    }

    mutating func writeExponential(
        _ run: Range<Int>, to points: PointsBuilder<ExponentialHistogramPointBuilder>
    ) {
        for place in run {
            let (entry, exemplars) = open(place)
            for number in entry.histograms {
                let histogram = index.histograms[number]
                points.point { point in
                    writeTimes(
                        histogram.start > 0 ? histogram.start : entry.created, histogram.time, to: point)
                    writeLabels(to: point)
                    guard !histogram.isStale else { return point.flags(Self.noValue) }
                    Self.write(histogram, to: point)
                    guard number == entry.histograms.upperBound - 1 else { return }
                    for exemplar in exemplars {
                        point.exemplar { exemplar.write(to: $0, else: histogram.time) }
                    }
                }
            }
            result.histograms += entry.histograms.count
        }
    }

    private static func write(_ histogram: WriteHistogram, to point: ExponentialHistogramPointBuilder) {
        point.count(histogram.count)
        point.sum(histogram.sum)
        point.scale(histogram.scale)
        point.zeroThreshold(histogram.zeroThreshold)
        point.zeroCount(histogram.zeroCount)
        let (positive, negative) = (histogram.positiveBuckets, histogram.negativeBuckets)
        if !positive.counts.isEmpty { point.positive(offset: positive.offset, counts: positive.counts) }
        if !negative.counts.isEmpty { point.negative(offset: negative.offset, counts: negative.counts) }
    }

    mutating func writeExplicit(_ run: Range<Int>, to points: PointsBuilder<HistogramPointBuilder>) {
        for place in run {
            let (entry, exemplars) = open(place)
            for number in entry.histograms {
                let histogram = index.histograms[number]
                points.point { point in
                    writeTimes(
                        histogram.start > 0 ? histogram.start : entry.created, histogram.time, to: point)
                    writeLabels(to: point)
                    guard !histogram.isStale else { return point.flags(Self.noValue) }
                    point.count(histogram.count)
                    point.sum(histogram.sum)
                    point.buckets(counts: histogram.explicitCounts, bounds: histogram.bounds)
                    guard number == entry.histograms.upperBound - 1 else { return }
                    for exemplar in exemplars {
                        point.exemplar { exemplar.write(to: $0, else: histogram.time) }
                    }
                }
            }
            result.histograms += entry.histograms.count
        }
    }

    // MARK: - Parts

    /// Reads the labels of an entry and gives it with its exemplars.
    private mutating func open(_ place: Int) -> (WriteIndex.Entry, [Exemplar]) {
        let entry = index.entries[place]
        series.readLabels(entry.message, of: body, version, symbols)
        var ranges = Array(index.exemplars[entry.exemplars])
        if !index.looseExemplars.isEmpty {
            ranges += index.looseExemplars.removeValue(forKey: SeriesKey(series.labels, body)) ?? []
        }
        let exemplars = ranges.compactMap { exemplar($0) }
        result.exemplars += exemplars.count
        return (entry, exemplars)
    }

    /// Reads an exemplar; `nil` when its labels are no text.
    private func exemplar(_ range: Range<Int>) -> Exemplar? {
        var (exemplar, labels, name) = (Exemplar(), [(Range<Int>, Range<Int>)](), Range<Int>?.none)
        var cursor = Cursor(range)
        while let field = try? cursor.nextField(body) {
            switch (field.number, version) {
            case (1, .v1):
                guard labels.count <= WriteSeries.labelLimit else { return nil }
                if let label = try? WriteSeries.label(field.range, body) { labels.append(label) }
            case (1, .v2):
                try? body.forEachNumber(in: field) { number in
                    guard let text = try? symbols.range(number) else { return }
                    if let first = name, labels.count <= WriteSeries.labelLimit {
                        labels.append((first, text))
                    }
                    name = name == nil ? text : nil
                }
            case (2, _): exemplar.value = field.double
            case (3, _): exemplar.timestamp = field.bits > 0 ? Int64(bitPattern: field.bits) : nil
            default: break
            }
        }
        guard labels.count <= WriteSeries.labelLimit,
            version == .v2 || labels.allSatisfy({ body.isText($0.0) && body.isText($0.1) })
        else { return nil }
        exemplar.labels = labels.map { LabelSet.Label(body[$0.0].string, body[$0.1].string) }
        return exemplar
    }

    private func writeTimes(_ start: Int64, _ time: Int64, to point: some PointBuilder) {
        if start > 0 { point.startTime(PointGroup.nanoseconds(start)) }
        point.time(PointGroup.nanoseconds(time))
    }

    /// Writes the labels that are attributes of a data point.
    private func writeLabels(to point: some LentTextBuilder) {
        body.withUnsafeBytes { memory in
            for label in series.labels where label.role == .other {
                point.attribute(
                    key: UnsafeRawBufferPointer(rebasing: memory[label.name]),
                    text: UnsafeRawBufferPointer(rebasing: memory[label.value]))
            }
        }
    }
}
