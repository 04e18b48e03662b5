internal import Telemetry

/// The series of a page, and what finds them by the bytes of points.
struct PageTable {
    /// A metric as senders describe it, and the family it belongs to.
    struct Metric {
        let number: UInt32
        let family: Result<SeriesFamily, SeriesRefusal>
    }

    /// A resource with a scope.
    final class Source {
        let number: UInt32
        let series: SeriesSource
        /// The series `target_info` of the resource, without its name; `nil` when it has none.
        let info: LabelText?
        /// What tells the resource from others for `target_info`: job and instance.
        let identity: SeriesKey
        let byteCount: Int

        init(number: UInt32, _ series: SeriesSource, info: LabelText?, key: Int) {
            self.number = number
            self.series = series
            self.info = info
            identity = SeriesKey(bytes: Array("\(series.job)\u{0}\(series.instance)".utf8))
            byteCount = 400 + 2 * key + (info?.bytes.count ?? 0)
        }
    }

    let settings: PageSettings
    /// The family of the series `target_info`; `nil` when the namespace leaves nothing of its name.
    let infoFamily: SeriesFamily?
    private(set) var families: [Int: PageFamily] = [:]
    /// The family that each name of a line belongs to.
    private(set) var names: [String: Int] = [:]
    private(set) var seriesCount = 0
    private(set) var size = PageSize()
    private(set) var expired = 0
    private var nextFamily = 0
    private var sorted: [Int]?
    private var nextSweep = Duration.zero

    // What was found once, so that the points that follow need only be compared. It can be forgotten at any
    // time, and is when it takes half of the bytes that the series may take.
    var metrics: [SeriesKey: Metric] = [:]
    var sources: [SeriesKey: Source] = [:]
    var points: [SeriesKey: PageSeries] = [:]
    var nextNumber: UInt32 = 0
    var knownBytes = 0
    var scratch: [UInt8] = []

    init(_ settings: PageSettings) {
        self.settings = settings
        let name = settings.series.metricNamer.name(of: SeriesSource.targetInfo, unit: "", .other)
        infoFamily = name.map { SeriesFamily(name: $0, type: .info, help: "Target metadata", unit: "") }
    }

    /// The families in the order of their names.
    mutating func order() -> [Int] {
        if let sorted { return sorted }
        let found = families.values.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            .map { $0.id }
        sorted = found
        return found
    }

    /// The family that series of another description belong to, made when there is none.
    mutating func family(_ wanted: SeriesFamily) throws(PageRefusal) -> PageFamily {
        if let known = names[wanted.name].flatMap({ families[$0] }) {
            guard known.name == wanted.name, known.takes(wanted.type) else { throw .typeConflict }
            return known
        }
        let names = PageFamily.names(wanted.name, wanted.type)
        guard !names.contains(where: { self.names[$0] != nil }) else { throw .typeConflict }
        let family = PageFamily(id: nextFamily, wanted)
        nextFamily += 1
        families[family.id] = family
        for name in names { self.names[name] = family.id }
        size = size + family.size
        sorted = nil
        return family
    }

    /// Puts a series on the page; takes its family away again when there is no room and it has no others.
    mutating func insert(_ series: PageSeries, into family: PageFamily) throws(PageRefusal) {
        guard seriesCount < settings.seriesLimit,
            let grown = size.replacing(PageSize(), with: series.size, within: settings.byteLimit)
        else {
            if family.series.isEmpty { remove(family) }
            throw .full
        }
        series.place = family.series.count
        family.series.append(series)
        family.index[series.key] = series
        seriesCount += 1
        size = grown
    }

    /// Changes a series, and what is known of its size.
    ///
    /// A change that the page has no room for throws, and the series keeps what it had.
    mutating func update(
        _ series: PageSeries, _ change: (PageSeries) throws(PageRefusal) -> Void
    ) throws(PageRefusal) {
        let (before, state) = (series.size, series.state)
        try change(series)
        guard let changed = size.replacing(before, with: series.size, within: settings.byteLimit) else {
            series.restore(state)
            throw .full
        }
        size = changed
    }

    /// Takes a series off the page, and its family when it was the last.
    mutating func remove(_ series: PageSeries) {
        guard !series.isRemoved, let family = families[series.familyID] else { return }
        family.index[series.key] = nil
        let last = family.series.removeLast()
        if last !== series {
            family.series[series.place] = last
            last.place = series.place
        }
        family.version += 1
        seriesCount -= 1
        size = size - series.size
        series.empty()
        if family.series.isEmpty { remove(family) }
    }

    private mutating func remove(_ family: PageFamily) {
        families[family.id] = nil
        for name in PageFamily.names(family.name, family.type) where names[name] == family.id {
            names[name] = nil
        }
        size = size - family.size
        sorted = nil
    }

    /// Whether nothing came for a series for so long that it is not shown any more.
    func isExpired(_ series: PageSeries, at now: Duration) -> Bool {
        now - series.updated > settings.expiration
    }

    /// Takes off the page what has expired: when somebody looks, and now and then.
    mutating func sweep(at now: Duration, isDue: Bool = false) {
        guard isDue || now >= nextSweep else { return }
        nextSweep = now + max(settings.expiration / 8, .seconds(1))
        var found: [PageSeries] = []
        for family in families.values {
            for series in family.series where isExpired(series, at: now) { found.append(series) }
        }
        guard !found.isEmpty else { return }
        for series in found { remove(series) }
        expired += found.count
        // Sources and metrics that nothing comes from would stay for ever otherwise.
        forget()
    }

    /// Forgets what was found, but no series.
    mutating func forget() {
        (metrics, sources, points) = ([:], [:], [:])
        knownBytes = 0
    }

    /// Takes note of what was added to the tables of what was found; forgets all of it when that is too much.
    mutating func note(known bytes: Int) {
        knownBytes += bytes
        if knownBytes > settings.byteLimit / 2 { forget() }
    }
}

extension SeriesKey {
    /// The same without the room to grow that bytes have where they were put together.
    var compacted: SeriesKey {
        var copy: [UInt8] = []
        copy.reserveCapacity(bytes.count)
        copy.append(contentsOf: bytes)
        return SeriesKey(bytes: copy)
    }
}
