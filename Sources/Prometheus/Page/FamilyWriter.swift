internal import Telemetry
internal import Wire

/// Writes the families of a page in some syntax, one after another.
protocol FamilyWriter: ~Copyable, Sendable {
    /// The bytes that were written so far.
    var count: Int { get }
    /// Begins a family; nothing of it counts before `end`.
    mutating func begin(_ family: PageFamily, _ table: borrowing PageTable)
    /// Writes a series of the family.
    mutating func write(_ series: PageSeries, of family: PageFamily)
    /// Forgets what was written of the family.
    mutating func cancel()
    /// Keeps what was written of the family.
    mutating func end()
    /// Ends the page.
    consuming func finish() -> Bytes
}

/// How much of a family is written at a time; it ends with the series that reaches one of the limits.
struct PagePart {
    let series: Int
    let bytes: Int

    static let whole = PagePart(series: .max, bytes: .max)
}

extension PageTable {
    /// What is to be done after a part of a family.
    enum Progress: Sendable {
        /// The family ends here; whether there was anything in it.
        case done(hasSeries: Bool)
        /// It goes on with this series.
        case next(Int, version: Int, hasSeries: Bool)
        /// A series has left meanwhile, so that some might be written twice and some not at all.
        case changed
    }

    /// Writes a part of a family.
    func write<Output: FamilyWriter & ~Copyable>(
        _ id: Int, from start: Int, version: Int?, _ part: PagePart, hasSeries: Bool, at now: Duration,
        to output: inout Output
    ) -> Progress {
        guard let family = families[id] else { return start == 0 ? .done(hasSeries: false) : .changed }
        if let version, version != family.version { return .changed }
        if start == 0 { output.begin(family, self) }
        var (end, hasSeries) = (start, hasSeries)
        let before = output.count
        while end < family.series.count, end - start < part.series, output.count - before < part.bytes {
            let series = family.series[end]
            end += 1
            guard !isExpired(series, at: now) else { continue }
            output.write(series, of: family)
            hasSeries = true
        }
        guard end < family.series.count else { return .done(hasSeries: hasSeries) }
        return .next(end, version: family.version, hasSeries: hasSeries)
    }
}
