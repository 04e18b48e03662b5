internal import Wire

/// Writes collected series as messages of remote write.
///
/// Every series is in one request, unless its values alone are too many for it: then those follow in requests
/// of the same row. So requests of different rows can be sent at the same time, and no value of a series
/// overtakes another. A row is made when it is asked for.
struct WriteRequestWriter {
    private let collection: WriteCollection
    private let settings: RemoteWriteEncoder.Settings
    private var message: WriteMessageWriter
    /// The row that is ready.
    private var finished: [RemoteWriteEncoder.Request]?
    private var row: [RemoteWriteEncoder.Request] = []
    private var samples = 0
    private var points = 0
    private var isEmpty = true
    private var hasBegun = false
    /// The series that is written next, and its first values.
    private var upcoming = (series: 0, sample: 0, histogram: 0, exemplar: 0)

    init(_ collection: WriteCollection, _ settings: RemoteWriteEncoder.Settings) {
        self.collection = collection
        self.settings = settings
        message = WriteMessageWriter(settings.version)
    }

    /// The next row; `nil` after the last one.
    mutating func next() -> [RemoteWriteEncoder.Request]? {
        if !hasBegun, settings.version == .v1, settings.sendsMetadata { writeMetadata() }
        hasBegun = true
        while finished == nil, upcoming.series < collection.series.count { writeSeries() }
        if finished == nil { endRow() }
        defer { finished = nil }
        return finished
    }

    private mutating func writeSeries() {
        let place = upcoming.series
        let values = Values(
            samples: Self.run(of: place, &upcoming.sample, collection.samples) { $0.series },
            histograms: Self.run(of: place, &upcoming.histogram, collection.histograms) { $0.series },
            exemplars: Self.run(of: place, &upcoming.exemplar, collection.exemplars) { $0.series })
        upcoming.series += 1
        write(place, values)
    }

    /// Where the values of a series are.
    private struct Values {
        var samples: Range<Int>
        var histograms: Range<Int>
        var exemplars: Range<Int>
    }

    private static func run<Value>(
        of series: Int, _ place: inout Int, _ values: [Value], _ owner: (Value) -> Int
    ) -> Range<Int> {
        let start = place
        while place < values.count, owner(values[place]) == series { place += 1 }
        return start..<place
    }

    // MARK: - Series

    private mutating func write(_ series: Int, _ values: Values) {
        let before = message.mark
        var left = writeSome(of: series, values)
        if message.byteCount > settings.maxRequestBytes, !isEmpty {
            message.goBack(to: before)
            endRow()
            left = writeSome(of: series, values)
        }
        count(values, left)
        points += collection.points[series]
        while let rest = left {
            endRequest()
            left = writeSome(of: series, rest)
            count(rest, left)
        }
    }

    private mutating func count(_ values: Values, _ left: Values?) {
        samples += values.samples.count - (left?.samples.count ?? 0)
        samples += values.histograms.count - (left?.histograms.count ?? 0)
        isEmpty = false
    }

    /// Writes as many values of a series as there is room for, one at least; gives the others.
    private mutating func writeSome(of series: Int, _ values: Values) -> Values? {
        let limit = settings.maxRequestBytes
        let start = message.byteCount
        var left = values
        let (name, bound) = collection.ownLabels(of: series)
        message.beginSeries(collection.labels(of: series), name, bound)
        // The labels alone may be more than the limit, so it is asked for after a value, not before.
        repeat {
            guard writeNext(of: &left) else { break }
        } while message.byteCount - start < limit
        message.endSeries(collection.family(of: series))
        return left.samples.isEmpty && left.histograms.isEmpty && left.exemplars.isEmpty ? nil : left
    }

    /// Writes the next value of a series; `false` when there is none.
    private mutating func writeNext(of left: inout Values) -> Bool {
        if let place = left.samples.first {
            message.write(collection.samples[place])
            left.samples.removeFirst()
        } else if let place = left.histograms.first {
            message.write(collection.histograms[place])
            left.histograms.removeFirst()
        } else if let place = left.exemplars.first {
            message.write(collection.exemplars[place].exemplar)
            left.exemplars.removeFirst()
        } else {
            return false
        }
        return true
    }

    // MARK: - Requests

    private mutating func writeMetadata() {
        for family in collection.families {
            message.write(family)
            isEmpty = false
            if message.byteCount >= settings.maxRequestBytes { endRequest() }
        }
        endRow()
    }

    private mutating func endRequest() {
        guard !isEmpty else { return }
        row.append(RemoteWriteEncoder.Request(body: message.take(), samples: samples, points: points))
        (samples, points, isEmpty) = (0, 0, true)
    }

    private mutating func endRow() {
        endRequest()
        if !row.isEmpty { finished = row }
        row = []
    }
}

extension Range<Int> {
    fileprivate mutating func removeFirst() { self = lowerBound + 1..<upperBound }
}
