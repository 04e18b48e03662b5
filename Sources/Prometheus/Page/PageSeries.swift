internal import Telemetry

/// One series of a page; one of a histogram or a summary stands for all of its lines.
final class PageSeries {
    /// An exemplar, and the upper bound of its bucket; a counter and a native histogram have one without end.
    struct Entry {
        let bound: Double
        let exemplar: Exemplar
    }

    /// The most exemplars of a native histogram.
    private static let exemplarLimit = 10

    let familyID: Int
    /// The most bytes that the name of the family has where it is written.
    let nameCount: Int
    var labels: LabelText
    /// What finds the series in its family.
    private(set) var key: SeriesKey
    /// Its place in the list of its family.
    var place = 0
    private(set) var value: PageValue
    /// Nanoseconds since 1970 of the newest point and of what it counts from; 0 when they are not known.
    private(set) var time: UInt64
    private(set) var startTime: UInt64
    /// When something came for it, by the clock of the page.
    var updated: Duration
    /// In the order of their bounds; those of a native histogram in the order in which they came.
    private(set) var exemplars: [Entry] = []
    /// Whether it is on the page no more.
    private(set) var isRemoved = false

    init(
        _ family: PageFamily, labels: LabelText, key: SeriesKey, _ value: PageValue, startTime: UInt64,
        time: UInt64,
        at now: Duration
    ) {
        familyID = family.id
        nameCount = family.nameCount
        self.labels = labels
        self.key = key
        self.value = value
        self.startTime = startTime
        self.time = time
        updated = now
    }

    /// About how many bytes it takes, with its place in tables.
    var size: PageSize {
        let texts = exemplars.reduce(0) { sum, entry in
            entry.exemplar.labels.reduce(sum + 96) { $0 + 32 + $1.name.utf8.count + $1.value.utf8.count }
        }
        return PageSize(
            memory: 320 + labels.bytes.count + key.bytes.count + value.byteCount + texts,
            page: value.lineCount * (nameCount + labels.writtenCount + PageSize.line) + texts)
    }

    /// Takes a newer point; one that is older than what is there changes nothing.
    ///
    /// - Returns: Whether it was newer.
    func take(
        _ new: PageValue, startTime: UInt64, time: UInt64, isDelta: Bool
    ) throws(PageRefusal) -> Bool {
        guard isDelta else {
            guard time >= self.time else { return false }
            replace(new, startTime, time)
            return true
        }
        try add(new, startTime, time)
        return true
    }

    private func add(_ new: PageValue, _ startTime: UInt64, _ time: UInt64) throws(PageRefusal) {
        if startTime == self.time {
            set(try value.adding(new))
            self.time = max(time, self.time)
            return
        }
        // What follows after a gap begins anew, and sums do so even where they overlap, as otelcol has it.
        let isSum = if case .number = new { true } else { false }
        guard isSum ? time >= self.time : startTime > self.time else { throw .lateDelta }
        replace(new, startTime, time)
    }

    /// Lets go of all that it has, as it is on the page no more; what finds points may still refer to it.
    func empty() {
        isRemoved = true
        (labels, key) = (LabelText(LabelSet()), SeriesKey(bytes: []))
        (value, exemplars) = (.number(.int(0)), [])
    }

    /// What points change.
    struct State {
        fileprivate let labels: LabelText
        fileprivate let value: PageValue
        fileprivate let exemplars: [Entry]
        fileprivate let time: UInt64
        fileprivate let startTime: UInt64
    }

    var state: State {
        State(labels: labels, value: value, exemplars: exemplars, time: time, startTime: startTime)
    }

    /// Goes back to what it had before a change.
    func restore(_ state: State) {
        (labels, value, exemplars) = (state.labels, state.value, state.exemplars)
        (time, startTime) = (state.time, state.startTime)
    }

    private func replace(_ new: PageValue, _ startTime: UInt64, _ time: UInt64) {
        set(new)
        self.startTime = startTime
        self.time = time
    }

    /// Exemplars of buckets that are there no more go with them.
    private func set(_ new: PageValue) {
        if !new.hasBuckets(of: value) { exemplars = [] }
        value = new
    }

    /// Takes exemplars: the newest of each bucket, a few of a native histogram.
    func take(_ views: Messages<ExemplarView>, _ namer: LabelNamer) {
        let new = views.map { Exemplar($0, namer) }.filter { !$0.value.isNaN }
        if case .native = value { return takeNative(new) }
        var entries = exemplars
        for exemplar in new { entries.append(Entry(bound: bound(of: exemplar.value), exemplar: exemplar)) }
        // Sorted, those of one bucket are neighbours, in the order in which they came.
        let order = entries.indices.sorted { left, right in
            (entries[left].bound, left) < (entries[right].bound, right)
        }
        exemplars = []
        for entry in order.lazy.map({ entries[$0] }) {
            guard let last = exemplars.last, last.bound == entry.bound else {
                exemplars.append(entry)
                continue
            }
            if (last.exemplar.timestamp ?? 0) <= (entry.exemplar.timestamp ?? 0) {
                exemplars[exemplars.count - 1] = entry
            }
        }
    }

    private func takeNative(_ new: [Exemplar]) {
        for exemplar in new where !exemplars.contains(where: { $0.exemplar == exemplar }) {
            exemplars.append(Entry(bound: .infinity, exemplar: exemplar))
            if exemplars.count > Self.exemplarLimit { exemplars.removeFirst() }
        }
    }

    /// The upper bound of the bucket that a measurement is in.
    private func bound(of measurement: Double) -> Double {
        guard case .histogram(let buckets, _) = value else { return .infinity }
        let place = buckets.bounds.firstSortedIndex { measurement <= $0 }
        return place < buckets.bounds.count ? buckets.bounds[place] : .infinity
    }

    /// The exemplar of the bucket that ends with `bound`.
    func exemplar(upTo bound: Double) -> Exemplar? {
        let place = exemplars.firstSortedIndex { bound <= $0.bound }
        guard place < exemplars.count, exemplars[place].bound == bound else { return nil }
        return exemplars[place].exemplar
    }
}

extension Array {
    /// The index of the first element that `isBehind` holds for, as it does for all that follow; the count
    /// when there is none.
    fileprivate func firstSortedIndex(where isBehind: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// The series of a page that share a name, a type and a help.
final class PageFamily {
    let id: Int
    let name: String
    let type: MetricType
    let help: String
    let unit: String
    /// The most bytes that the name has where it is written.
    let nameCount: Int
    var series: [PageSeries] = []
    var index: [SeriesKey: PageSeries] = [:]
    /// Changes when a series leaves, so that places become others.
    var version = 0

    init(id: Int, _ family: SeriesFamily) {
        self.id = id
        name = family.name
        type = family.type
        help = family.help
        unit = family.unit
        let length = name.utf8.count
        nameCount = LabelNames.isLegacyMetric(name) ? length : NameEscaping.growth * length
    }

    /// The names that lines of a family have.
    static func names(_ name: String, _ type: MetricType) -> [String] {
        switch type {
        case .histogram: [name, name + "_bucket", name + "_sum", name + "_count"]
        case .summary: [name, name + "_sum", name + "_count"]
        default: [name]
        }
    }

    /// Whether series of another type can stand beside those of this one.
    func takes(_ other: MetricType) -> Bool {
        func isPlain(_ type: MetricType) -> Bool {
            switch type {
            case .gauge, .unknown, .info, .stateSet: true
            default: false
            }
        }
        return type == other || isPlain(type) && isPlain(other)
    }

    /// About how many bytes it takes without its series.
    var size: PageSize {
        let texts = help.utf8.count + unit.utf8.count
        return PageSize(
            memory: 400 + 2 * name.utf8.count + texts, page: 3 * (nameCount + PageSize.line) + 2 * texts)
    }
}
