/// The series of a batch with their values, each series once.
struct WriteCollection: Sendable {
    /// What a series is of its metric.
    enum Part: Hashable, Sendable {
        case whole, sum, count
        /// A bucket of a histogram; the bits of its bound.
        case bucket(UInt64)
        /// A value of a summary; the bits of its quantile.
        case quantile(UInt64)
    }

    /// A series: labels without a name, and which series of these it is.
    struct Series: Hashable, Sendable {
        let base: Int
        let part: Part
    }

    /// A value of a series; times are milliseconds since 1970.
    struct Sample: Sendable {
        let series: Int
        let value: Double
        let time: Int64
        /// Since when it counts; 0 when that is not known.
        let start: Int64
    }

    struct Histogram: Sendable {
        let series: Int
        let histogram: NativeHistogram
        /// Bounds of its own, of one that has no exponential buckets.
        let bounds: [Double]?
        let isStale: Bool
        let time: Int64
        let start: Int64
    }

    /// Labels are the same when their objects are (`WriteLabelCache`).
    private struct Base: Hashable, Sendable {
        let family: Int
        let labels: ObjectIdentifier
    }

    private(set) var families: [SeriesFamily] = []
    private var familyPlaces: [String: Int] = [:]
    private var bases: [(family: Int, labels: WriteBase)] = []
    private var basePlaces: [Base: Int] = [:]
    private(set) var series: [Series] = []
    private var places: [Series: Int] = [:]
    /// How many data points are told of by each series first of all.
    private(set) var points: [Int] = []
    private(set) var samples: [Sample] = []
    private(set) var histograms: [Histogram] = []
    private(set) var exemplars: [(series: Int, exemplar: Exemplar)] = []

    /// The place of a family; of two with one name the first counts.
    mutating func family(_ family: SeriesFamily) -> Int {
        if let place = familyPlaces[family.name] { return place }
        familyPlaces[family.name] = families.count
        families.append(family)
        return families.count - 1
    }

    /// The place of the labels of a family.
    mutating func base(_ family: Int, _ labels: WriteBase) -> Int {
        let base = Base(family: family, labels: ObjectIdentifier(labels))
        if let place = basePlaces[base] { return place }
        basePlaces[base] = bases.count
        bases.append((family, labels))
        return bases.count - 1
    }

    /// About how many bytes of a request every series with some labels takes, however little it says.
    func repeatedSize(ofBase place: Int, _ version: RemoteWriteVersion) -> Int {
        let base = bases[place]
        let family = families[base.family]
        let said = version == .v2 ? family.help.utf8.count + family.unit.utf8.count : 0
        return base.labels.encoded.count + family.name.utf8.count + said
    }

    /// The place of a series; `points` is how many data points it tells of first of all.
    mutating func series(_ base: Int, _ part: Part, points count: Int = 0) -> Int {
        let key = Series(base: base, part: part)
        if let place = places[key] {
            points[place] += count
            return place
        }
        places[key] = series.count
        series.append(key)
        points.append(count)
        return series.count - 1
    }

    mutating func add(_ sample: Sample) { samples.append(sample) }
    mutating func add(_ histogram: Histogram) { histograms.append(histogram) }
    mutating func add(_ exemplar: Exemplar, to series: Int) { exemplars.append((series, exemplar)) }

    func family(of series: Int) -> SeriesFamily { families[bases[self.series[series].base].family] }

    /// The labels of a series without those that tell which of its metric it is.
    func labels(of series: Int) -> WriteBase { bases[self.series[series].base].labels }

    /// The labels that tell which series of its metric it is: its name, and a bound where it has one.
    func ownLabels(of place: Int) -> (name: LabelSet.Label, bound: LabelSet.Label?) {
        let series = series[place]
        let name = families[bases[series.base].family].name
        func named(_ suffix: String) -> LabelSet.Label {
            LabelSet.Label(LabelNames.metricName, name + suffix)
        }
        switch series.part {
        case .whole: return (named(""), nil)
        case .sum: return (named("_sum"), nil)
        case .count: return (named("_count"), nil)
        case .bucket(let bits):
            let bound = NumberFormat.plain(Double(bitPattern: bits))
            return (named("_bucket"), LabelSet.Label(LabelNames.bucketBound, bound))
        case .quantile(let bits):
            let quantile = NumberFormat.plain(Double(bitPattern: bits))
            return (named(""), LabelSet.Label(LabelNames.quantile, quantile))
        }
    }

    /// Puts values in the order of their series, and those of one series in that of their times.
    mutating func sort() {
        samples.sortIfNeeded { ($0.series, $0.time) }
        histograms.sortIfNeeded { ($0.series, $0.time) }
        exemplars.sortIfNeeded { ($0.series, $0.exemplar.timestamp ?? 0) }
    }
}

extension Array {
    /// Sorts without changing the order of equal elements; most lists are in order already.
    fileprivate mutating func sortIfNeeded(by key: (Element) -> (Int, Int64)) {
        guard zip(self, dropFirst()).contains(where: { key($0) > key($1) }) else { return }
        let order = indices.sorted { left, right in
            let (first, second) = (key(self[left]), key(self[right]))
            return first == second ? left < right : first < second
        }
        self = order.map { self[$0] }
    }
}
