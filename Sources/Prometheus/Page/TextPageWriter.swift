internal import Telemetry
internal import Wire

/// Writes a page in the text format or in OpenMetrics.
struct TextPageWriter: FamilyWriter, ~Copyable {
    private var output = BytesBuilder(capacity: 16 << 10)
    private let escaping: NameEscaping
    private let isOpenMetrics: Bool
    private let sendsTimestamps: Bool
    private let writesCreatedLines: Bool
    /// Where the family began.
    private var start = 0
    /// The name of the family without what its type adds in OpenMetrics, as it is written.
    private var name: [UInt8] = []
    private var isQuoted = false
    /// What stands behind the name in the name of a plain series.
    private var suffix = ""
    /// The bounds of the last histogram, and how they are written: they are mostly those of the next one.
    private var bounds: [Double] = []
    private var boundTexts: [[UInt8]] = []

    init(_ format: PageFormat, _ settings: PageSettings) {
        escaping = format.escaping
        isOpenMetrics = format.syntax.isOpenMetrics
        sendsTimestamps = settings.sendsTimestamps
        writesCreatedLines = settings.writesCreatedLines
    }

    consuming func finish() -> Bytes {
        if isOpenMetrics { output.append(utf8: "# EOF\n") }
        return output.finish()
    }

    var count: Int { output.count }

    mutating func cancel() { output.truncate(to: start) }

    mutating func end() { start = output.count }

    // MARK: - Families

    mutating func begin(_ family: PageFamily, _ table: borrowing PageTable) {
        var (base, type) = (family.name, word(family.type))
        suffix = ""
        if isOpenMetrics {
            (base, suffix, type) = openMetricsName(of: family, table)
        }
        isQuoted = escaping == .allowUTF8 && !LabelNames.isLegacyMetric(base + suffix)
        name = Array(escaping.name(base, isMetric: true).utf8)
        if !family.help.isEmpty { comment("HELP", escaped(family.help)) }
        comment("TYPE", Array(type.utf8))
        // A unit stands there as it is: there are no quotes for other characters, such as the end of a line.
        if isOpenMetrics, LabelNames.isLegacyMetric(family.unit), base.hasSuffix("_" + family.unit),
            suffix != "_info"
        {
            comment("UNIT", Array(escaping.name(family.unit, isMetric: true).utf8))
        }
    }

    /// Where another family has the name already that OpenMetrics would give this one, it stays as it is and
    /// has no type.
    private func openMetricsName(
        of family: PageFamily, _ table: borrowing PageTable
    ) -> (base: String, suffix: String, type: String) {
        let suffix: String
        switch family.type {
        case .counter: suffix = "_total"
        case .info where family.name.hasSuffix("_info"): suffix = "_info"
        default: return (family.name, "", word(family.type))
        }
        guard family.name.hasSuffix(suffix), family.name.utf8.count > suffix.utf8.count else {
            return table.names[family.name + suffix] == nil
                ? (family.name, suffix, family.type.rawValue) : (family.name, "", "unknown")
        }
        let base = String(family.name.dropLast(suffix.count))
        return table.names[base] == nil
            ? (base, suffix, family.type.rawValue) : (family.name, "", "unknown")
    }

    private func word(_ type: MetricType) -> String {
        switch type {
        case .unknown: isOpenMetrics ? "unknown" : "untyped"
        case .counter, .histogram, .summary: type.rawValue
        case .gauge, .info, .stateSet, .gaugeHistogram: "gauge"
        }
    }

    private mutating func comment(_ keyword: String, _ text: [UInt8]) {
        output.append(utf8: "# ")
        output.append(utf8: keyword)
        output.append(UInt8(ascii: " "))
        writeName("")
        output.append(UInt8(ascii: " "))
        output.append(text)
        output.append(UInt8(ascii: "\n"))
    }

    private func escaped(_ help: String) -> [UInt8] {
        var text: [UInt8] = []
        for byte in help.utf8 {
            switch byte {
            case UInt8(ascii: "\n"): text += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\"") where isOpenMetrics: text += [UInt8(ascii: "\\"), byte]
            default: text.append(byte)
            }
        }
        return text
    }

    private mutating func writeName(_ suffix: String) {
        guard isQuoted else {
            output.append(name)
            output.append(utf8: suffix)
            return
        }
        var quoted: [UInt8] = []
        LabelText.append(quoted: String(decoding: name, as: UTF8.self) + suffix, to: &quoted)
        output.append(quoted)
    }

    // MARK: - Series

    mutating func write(_ series: PageSeries, of family: PageFamily) {
        switch series.value {
        case .number(let number):
            begin(suffix, series)
            end(series, exemplar: suffix == "_total" ? exemplar(of: series, upTo: .infinity) : nil) {
                $0.write(number)
            }
            if family.type == .counter, suffix == "_total" { created(series) }
        case .histogram(let buckets, let sum): write(buckets, sum, series)
        case .native(let native):
            bucket(Array("+Inf".utf8), native.count, .infinity, series)
            sumAndCount(native.sum, native.count, series)
            created(series)
        case .summary(let summary): write(summary, series)
        }
    }

    private mutating func write(_ buckets: CumulativeBuckets, _ sum: Double?, _ series: PageSeries) {
        if bounds != buckets.bounds {
            bounds = buckets.bounds
            let isOpenMetrics = isOpenMetrics
            boundTexts = bounds.map { bound in
                Array((isOpenMetrics ? NumberFormat.bound(bound) : NumberFormat.text(bound)).utf8)
            }
        }
        for index in buckets.bounds.indices {
            bucket(boundTexts[index], buckets.counts[index], buckets.bounds[index], series)
        }
        bucket(Array("+Inf".utf8), buckets.count, .infinity, series)
        // OpenMetrics has both or neither, and what is not there is zero for otelcol.
        sumAndCount(sum ?? 0, buckets.count, series)
        created(series)
    }

    private mutating func bucket(
        _ bound: [UInt8], _ count: UInt64, _ value: Double, _ series: PageSeries
    ) {
        begin("_bucket", series, LabelNames.bucketBound, bound)
        end(series, exemplar: exemplar(of: series, upTo: value)) { $0.write(count) }
    }

    /// The exemplar of a bucket, where the format has any.
    private func exemplar(of series: PageSeries, upTo bound: Double) -> Exemplar? {
        isOpenMetrics ? series.exemplar(upTo: bound) : nil
    }

    private mutating func write(_ summary: PageSummary, _ series: PageSeries) {
        for entry in summary.quantiles {
            let text = isOpenMetrics ? NumberFormat.bound(entry.quantile) : NumberFormat.text(entry.quantile)
            begin("", series, LabelNames.quantile, Array(text.utf8))
            end(series) { $0.write(entry.value) }
        }
        sumAndCount(summary.sum, summary.count, series)
        created(series)
    }

    private mutating func sumAndCount(_ sum: Double, _ count: UInt64, _ series: PageSeries) {
        begin("_sum", series)
        end(series) { $0.write(sum) }
        begin("_count", series)
        end(series) { $0.write(count) }
    }

    private mutating func created(_ series: PageSeries) {
        guard isOpenMetrics, writesCreatedLines, series.startTime > 0 else { return }
        begin("_created", series)
        output.append(UInt8(ascii: " "))
        writeSeconds(milliseconds: series.startTime / 1_000_000)
        output.append(UInt8(ascii: "\n"))
    }

    // MARK: - Lines

    /// Name and labels of a line, with another label behind them.
    private mutating func begin(
        _ suffix: String, _ series: PageSeries, _ label: String = "", _ value: [UInt8] = []
    ) {
        if isQuoted {
            output.append(UInt8(ascii: "{"))
            writeName(suffix)
        } else {
            writeName(suffix)
        }
        let labels = series.labels
        guard !labels.bytes.isEmpty || !label.isEmpty else {
            if isQuoted { output.append(UInt8(ascii: "}")) }
            return
        }
        output.append(UInt8(ascii: isQuoted ? "," : "{"))
        write(labels)
        if !label.isEmpty {
            if !labels.bytes.isEmpty { output.append(UInt8(ascii: ",")) }
            output.append(utf8: label)
            output.append(utf8: "=\"")
            output.append(value)
            output.append(UInt8(ascii: "\""))
        }
        output.append(UInt8(ascii: "}"))
    }

    private mutating func write(_ labels: LabelText) {
        if escaping == .dots || labels.hasQuotedNames && escaping != .allowUTF8 {
            writeEscaped(labels)
        } else {
            output.append(labels.bytes)
        }
    }

    /// Of labels whose names become the same the first is written, as a line must have each name once.
    private mutating func writeEscaped(_ labels: LabelText) {
        var known: Set<String> = []
        labels.forEach { name, value in
            let escaped = escaping.name(labels.text(name), isMetric: false)
            guard known.insert(escaped).inserted else { return }
            if known.count > 1 { output.append(UInt8(ascii: ",")) }
            output.append(utf8: escaped)
            output.append(utf8: "=\"")
            output.append(Array(labels.bytes[value]))
            output.append(UInt8(ascii: "\""))
        }
    }

    private mutating func end(
        _ series: PageSeries, exemplar: Exemplar? = nil, _ value: (inout Self) -> Void
    ) {
        output.append(UInt8(ascii: " "))
        value(&self)
        if sendsTimestamps, series.time > 0 {
            output.append(UInt8(ascii: " "))
            if isOpenMetrics {
                writeSeconds(milliseconds: series.time / 1_000_000)
            } else {
                write(series.time / 1_000_000)
            }
        }
        if let exemplar { write(exemplar) }
        output.append(UInt8(ascii: "\n"))
    }

    private mutating func write(_ exemplar: Exemplar) {
        output.append(utf8: " # {")
        write(LabelText(LabelSet(exemplar.labels)))
        output.append(utf8: "} ")
        write(exemplar.value)
        if let timestamp = exemplar.timestamp, timestamp >= 0 {
            output.append(UInt8(ascii: " "))
            writeSeconds(milliseconds: UInt64(timestamp))
        }
    }

    // MARK: - Numbers

    private mutating func write(_ number: NumberValue) {
        switch number {
        case .int(let value):
            if value < 0 { output.append(UInt8(ascii: "-")) }
            write(UInt64(value.magnitude))
        case .double(let value): write(value)
        }
    }

    private mutating func write(_ value: Double) {
        if value.magnitude < 0x1p53, value == value.rounded(.towardZero) {
            if value < 0 { output.append(UInt8(ascii: "-")) }
            write(UInt64(value.magnitude))
        } else if value.isFinite {
            output.append(utf8: value.description)
        } else {
            output.append(utf8: value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf")
        }
    }

    private mutating func write(_ value: UInt64) {
        output.appendInPlace(minimum: 20) { memory in
            var (rest, count) = (value, 1)
            while rest >= 10 {
                rest /= 10
                count += 1
            }
            rest = value
            for index in stride(from: count - 1, through: 0, by: -1) {
                memory[index] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
            return count
        }
    }

    /// Seconds with a point and three digits.
    private mutating func writeSeconds(milliseconds: UInt64) {
        write(milliseconds / 1000)
        let rest = UInt8(milliseconds % 1000 / 100)
        let hundredths = milliseconds % 100
        output.append(UInt8(ascii: "."))
        output.append(UInt8(ascii: "0") + rest)
        output.append(UInt8(ascii: "0") + UInt8(hundredths / 10))
        output.append(UInt8(ascii: "0") + UInt8(hundredths % 10))
    }
}
