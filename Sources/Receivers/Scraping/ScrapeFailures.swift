/// What could not be read in one scrape of one source: counted, and the first of it told.
struct ScrapeFailures: Sendable {
    /// Points that are missing because of it.
    private(set) var points = 0
    /// What went wrong first, as a sentence without a full stop.
    private(set) var first: String?
    /// What of it stays the same from one scrape to the next, so that it is not told again.
    private(set) var kind = ""

    /// Adds something that went wrong; `kind` tells it from others where its text changes every time.
    mutating func add(_ failure: String, kind: String? = nil, points: Int) {
        self.points += points
        guard first == nil else { return }
        first = failure
        self.kind = kind ?? failure
    }

    mutating func add(_ other: ScrapeFailures) {
        points += other.points
        guard first == nil else { return }
        first = other.first
        kind = other.kind
    }

    var isEmpty: Bool { first == nil }
}
