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
    let key: SeriesKey
    /// Its place in the list of its family.
    var place = 0
    var value: PageValue
    /// Nanoseconds since 1970 of the newest point and of what it counts from; 0 when they are not known.
    private(set) var time: UInt64
    private(set) var startTime: UInt64
    /// When something came for it, by the clock of the page.
    var updated: Duration
    private(set) var exemplars: [Entry] = []
    /// Whether it is on the page no more.
    var isRemoved = false

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
    func take(
        _ new: PageValue, startTime: UInt64, time: UInt64, isDelta: Bool
    ) throws(PageRefusal) {
        guard isDelta else {
            if time >= self.time { replace(new, startTime, time) }
            return
        }
        if startTime == self.time {
            value = try value.adding(new)
            self.time = max(time, self.time)
            return
        }
        // What follows after a gap begins anew, and sums do so even where they overlap, as otelcol has it.
        let isSum = if case .number = new { true } else { false }
        guard isSum ? time >= self.time : startTime > self.time else { throw .lateDelta }
        replace(new, startTime, time)
    }

    /// Goes back to what it had before a change.
    func restore(_ value: PageValue, _ exemplars: [Entry]) {
        self.value = value
        self.exemplars = exemplars
    }

    private func replace(_ new: PageValue, _ startTime: UInt64, _ time: UInt64) {
        if case (.histogram(let old, _), .histogram(let now, _)) = (value, new), old.bounds != now.bounds {
            exemplars = []
        }
        value = new
        self.startTime = startTime
        self.time = time
    }

    /// Takes exemplars: the newest of each bucket, a few of a native histogram.
    func take(_ views: Messages<ExemplarView>, _ namer: LabelNamer) {
        for view in views {
            let exemplar = Exemplar(view, namer)
            guard !exemplar.value.isNaN else { continue }
            var bound = Double.infinity
            if case .histogram(let buckets, _) = value {
                bound = buckets.bounds.first { exemplar.value <= $0 } ?? .infinity
            }
            let entry = Entry(bound: bound, exemplar: exemplar)
            if case .native = value {
                guard !exemplars.contains(where: { $0.exemplar == exemplar }) else { continue }
                exemplars.append(entry)
                if exemplars.count > Self.exemplarLimit { exemplars.removeFirst() }
            } else if let place = exemplars.firstIndex(where: { $0.bound == bound }) {
                if (exemplars[place].exemplar.timestamp ?? 0) <= (exemplar.timestamp ?? 0) {
                    exemplars[place] = entry
                }
            } else {
                exemplars.append(entry)
            }
        }
    }

    /// The exemplar of the bucket that ends with `bound`.
    func exemplar(upTo bound: Double) -> Exemplar? {
        exemplars.first { $0.bound == bound }?.exemplar
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
