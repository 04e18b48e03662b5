internal import Telemetry
internal import Wire

/// A data point of a kind that pages can show.
protocol PagePoint: PointView {
    /// The fields of the message that hold attributes and flags.
    static var attributesField: Int { get }
    static var flagsField: Int { get }
    var pageExemplars: Messages<ExemplarView>? { get }
    func pageValue() throws(SeriesRefusal) -> PageValue
}

extension NumberPointView: PagePoint {
    static var attributesField: Int { 7 }
    static var flagsField: Int { 8 }
    var pageExemplars: Messages<ExemplarView>? { exemplars }
    func pageValue() -> PageValue { .number(value ?? .int(0)) }
}

extension HistogramPointView: PagePoint {
    static var attributesField: Int { 9 }
    static var flagsField: Int { 10 }
    var pageExemplars: Messages<ExemplarView>? { exemplars }
    func pageValue() -> PageValue { .histogram(CumulativeBuckets(self), sum: sum) }
}

extension ExponentialHistogramPointView: PagePoint {
    static var attributesField: Int { 1 }
    static var flagsField: Int { 10 }
    var pageExemplars: Messages<ExemplarView>? { exemplars }
    func pageValue() throws(SeriesRefusal) -> PageValue { .native(try NativeHistogram(self)) }
}

extension SummaryPointView: PagePoint {
    static var attributesField: Int { 7 }
    static var flagsField: Int { 8 }
    var pageExemplars: Messages<ExemplarView>? { nil }
    func pageValue() -> PageValue { .summary(PageSummary(self)) }
}

extension PageTable {
    /// Takes one point; one that is refused is counted.
    mutating func take<Point: PagePoint>(
        _ point: Point, _ taker: inout PointTaker, _ outcome: inout PageOutcome
    ) {
        do throws(PageRefusal) {
            try take(point, taker)
        } catch {
            outcome.refused[error, default: 0] += 1
        }
    }

    private mutating func take<Point: PagePoint>(_ point: Point, _ taker: PointTaker) throws(PageRefusal) {
        let wanted: SeriesFamily
        switch taker.metric.family {
        case .success(let family): wanted = family
        case .failure(let refusal): throw PageRefusal(refusal)
        }
        let head = beginKey(of: point, taker)
        let key = SeriesKey(bytes: scratch)
        var known = points[key].flatMap { $0.isRemoved ? nil : $0 }
        if head.hasNoValue {
            if let series = known ?? find(point, wanted, taker) { remove(series) }
            if points.removeValue(forKey: key) != nil { note(known: -Self.entrySize - key.bytes.count) }
            return
        }
        guard taker.hasTemporality else { throw .temporality }
        let value: PageValue
        do throws(SeriesRefusal) {
            value = try point.pageValue()
        } catch {
            throw PageRefusal(error)
        }
        if known == nil {
            known = find(point, wanted, taker)
            if let known { remember(known, key) }
        }
        if let known {
            var isNewer = false
            try update(known) { (series) throws(PageRefusal) in
                isNewer = try series.take(
                    value, startTime: head.startTime, time: head.time, isDelta: taker.isDelta)
            }
            // One whose time was wrong once expires, and begins again with the time that it has now.
            if isNewer { known.updated = taker.now }
        } else {
            let family = try family(wanted)
            let labels = LabelText(taker.source.series.labels(of: point.attributes, wanted.type))
            let series = PageSeries(
                family, labels: labels, key: SeriesKey(bytes: labels.bytes), value,
                startTime: head.startTime, time: head.time, at: taker.now)
            try insert(series, into: family)
            remember(series, key)
            known = series
        }
        if head.hasExemplars, let exemplars = point.pageExemplars, let known {
            let namer = settings.series.labelNamer
            // Without room for exemplars the value counts all the same.
            try? update(known) { (series) throws(PageRefusal) in series.take(exemplars, namer) }
        }
    }

    /// About the bytes that a point takes in the table of those that are known, beside its key.
    private static let entrySize = 120

    private mutating func remember(_ series: PageSeries, _ key: SeriesKey) {
        // One that has been removed has its entry still.
        if points.updateValue(series, forKey: key.compacted) == nil {
            note(known: Self.entrySize + key.bytes.count)
        }
    }

    /// The series with the labels of a point, whoever it is from.
    private func find(_ point: some PagePoint, _ wanted: SeriesFamily, _ taker: PointTaker) -> PageSeries? {
        guard let family = names[wanted.name].flatMap({ families[$0] }), family.name == wanted.name,
            family.takes(wanted.type)
        else { return nil }
        let labels = LabelText(taker.source.series.labels(of: point.attributes, wanted.type))
        return family.index[SeriesKey(bytes: labels.bytes)]
    }

    private struct Head {
        var startTime: UInt64 = 0
        var time: UInt64 = 0
        var hasNoValue = false
        var hasExemplars = false
    }

    /// Reads what all points have, and makes the key that finds the series again of it, in one walk.
    private mutating func beginKey<Point: PagePoint>(of point: Point, _ taker: PointTaker) -> Head {
        var head = Head()
        scratch.removeAll(keepingCapacity: true)
        withUnsafeBytes(of: (taker.source.number, taker.metric.number)) {
            scratch.append(contentsOf: $0)
        }
        let bytes = point.message.bytes
        for field in point.message.fields {
            switch field.number {
            case Point.attributesField: bytes.append(field.start..<field.value.upperBound, to: &scratch)
            case 2: head.startTime = field.bits
            case 3: head.time = field.bits
            case Point.flagsField where field.tag.type == .varint: head.hasNoValue = field.bits & 1 != 0
            case 5 where Point.self == NumberPointView.self: head.hasExemplars = true
            case 8 where Point.self == HistogramPointView.self: head.hasExemplars = true
            case 11 where Point.self == ExponentialHistogramPointView.self: head.hasExemplars = true
            default: break
            }
        }
        return head
    }
}
