public import Telemetry
public import Wire

/// Turns the pages of one target into metrics of OTLP, scrape after scrape.
///
/// It remembers the series of the target, so that a line that was there the time before is found by its
/// bytes: labels are read, relabeled and encoded once. What it remembers is bounded in series and bytes. It
/// follows otelcol's receiver in what becomes of types, units, histograms and the metrics that tell of the
/// target.
public struct ScrapeTranslator: Sendable {
    let target: ScrapeTarget
    let settings: TranslationSettings
    let resolver: SeriesResolver
    var table = SeriesTable()
    var metadata = MetadataTable()
    /// The number of the scrape.
    var generation: UInt32 = 1
    /// Data points that the scrape has, in the order of the page.
    var touched: [Int] = []
    /// The bytes of the series that is looked for.
    var key: [UInt8] = []
    /// Series that the scrape has.
    var seen = 0

    /// A translator that knows no series yet.
    public init(_ target: ScrapeTarget, _ settings: TranslationSettings) {
        self.target = target
        self.settings = settings
        resolver = SeriesResolver(target: target, settings: settings)
    }

    /// Series that are known, those of the last scrape and perhaps some of scrapes before.
    public var seriesCount: Int { table.entries.count }
    /// Bytes that are kept from scrape to scrape, about.
    public var byteCount: Int { table.byteCount + metadata.byteCount }

    /// Translates a page.
    ///
    /// When it cannot be read, or is over a limit, the metrics say what `fail` says.
    ///
    /// - Parameters:
    ///   - page: the body of the response, not compressed.
    ///   - format: how it is written.
    ///   - time: when it was asked for, in milliseconds since 1970.
    ///   - elapsed: seconds since then, asked at the end.
    /// - Returns: what was found, and the metrics with those of the scrape itself.
    public mutating func translate(
        _ page: Bytes, _ format: ExpositionFormat, at time: Int64, elapsed: () -> Double
    ) -> (ScrapeOutcome, Batch) {
        begin()
        var outcome = ScrapeOutcome()
        do throws(ScrapeFailure) {
            try read(page, format, at: time, &outcome)
        } catch {
            outcome.failure = error
            return failed(&outcome, at: time, elapsed: elapsed(), bodySize: page.count)
        }
        metadata.isFilling = false
        retire(at: time)
        report(outcome, isUp: true, at: time, elapsed: elapsed(), bodySize: page.count)
        let batch = write(&outcome)
        table.prune(generation, seen: seen, use: use)
        if let moved = metadata.prune() { table.moveMetadata(moved) }
        return (outcome, batch)
    }

    /// Says that the target cannot be scraped: its series are stale, and `up` is 0.
    public mutating func fail(
        _ reason: String, at time: Int64, elapsed: () -> Double
    ) -> (ScrapeOutcome, Batch) {
        var outcome = ScrapeOutcome()
        outcome.failure = .unreachable(reason)
        return failed(&outcome, at: time, elapsed: elapsed(), bodySize: 0)
    }

    /// Says that the target is not there any more: all that was said of it is stale.
    public mutating func end(at time: Int64) -> Batch {
        begin()
        retire(at: time)
        var outcome = ScrapeOutcome()
        return write(&outcome)
    }

    private mutating func failed(
        _ outcome: inout ScrapeOutcome, at time: Int64, elapsed: Double, bodySize: Int
    ) -> (ScrapeOutcome, Batch) {
        // What the page said before its fault does not count.
        begin()
        retire(at: time)
        outcome.added = 0
        report(outcome, isUp: false, at: time, elapsed: elapsed, bodySize: bodySize)
        let batch = write(&outcome)
        if isFull {
            table = SeriesTable()
            metadata.removeAll()
        }
        return (outcome, batch)
    }

    /// The part of what the target may have that it has, in series or in bytes.
    private var use: Double {
        max(
            Double(table.entries.count) / Double(settings.seriesLimit),
            Double(byteCount) / Double(settings.byteLimit))
    }

    /// Whether there is no room for a new series.
    private var isFull: Bool { use >= 1 }

    private mutating func begin() {
        generation &+= 1
        metadata.begin(generation)
        // Of a page with a fault; what is written has let go its values.
        releaseValues()
        seen = 0
    }

    // MARK: - Reading

    private mutating func read(
        _ page: Bytes, _ format: ExpositionFormat, at time: Int64, _ outcome: inout ScrapeOutcome
    ) throws(ScrapeFailure) {
        var reader = ExpositionReader(page, format: format)
        let limit = settings.sampleLimit > 0 ? settings.sampleLimit : Int.max
        while let entry = try Self.reading({ () throws(ExpositionError) in try reader.next() }) {
            guard case .sample(let sample) = entry else {
                try Self.reading { () throws(ExpositionError) in try metadata.take(entry, from: reader) }
                if byteCount >= settings.byteLimit { throw tooMuch() }
                continue
            }
            outcome.scraped += 1
            // The rest is only counted then.
            guard outcome.kept <= limit else { continue }
            let place = try find(sample, reader, &outcome)
            if case .dropped = table.entries[place].role {} else { outcome.kept += 1 }
            take(sample, place, at: time, &outcome)
        }
        guard outcome.kept <= limit else {
            throw .limit("there are more than \(limit) samples; sample_limit is \(limit)")
        }
    }

    private static func reading<Value>(
        _ body: () throws(ExpositionError) -> Value
    ) throws(ScrapeFailure) -> Value {
        do throws(ExpositionError) {
            return try body()
        } catch {
            throw .invalid(error)
        }
    }

    private func tooMuch() -> ScrapeFailure {
        .limit(
            "there are more series than one target may have: \(settings.seriesLimit), or "
                + "\(settings.byteLimit >> 20) MiB of names and labels")
    }

    /// The place of a series, which is looked at when it is new or when types have changed.
    private mutating func find(
        _ sample: ExpositionSample, _ reader: ExpositionReader, _ outcome: inout ScrapeOutcome
    ) throws(ScrapeFailure) -> Int {
        key.removeAll(keepingCapacity: true)
        reader.appendKey(of: sample, to: &key)
        let known = table.place(of: key)
        if let known, table.entries[known].version == metadata.version { return known }
        guard byteCount < settings.byteLimit, known != nil || !isFull else { throw tooMuch() }
        let series = try Self.reading { () throws(ExpositionError) in try reader.series(of: sample) }
        var entry = SeriesEntry()
        entry.version = metadata.version
        if let labels = try resolver.labels(name: series.name, series.labels) {
            entry = table.resolve(labels, isNative: sample.histogram != nil, metadata, target)
        }
        if let known { entry.generation = table.entries[known].generation }
        let place = known ?? table.insert(key)
        table.set(entry, at: place)
        return place
    }
}
