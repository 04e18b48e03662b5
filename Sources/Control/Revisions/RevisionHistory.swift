/// What has become of the revisions: a value whose every change is one step of the life of a configuration.
struct RevisionHistory: Sendable, Equatable {
    /// The active revision waits to be confirmed.
    struct Pending: Sendable, Equatable {
        let number: Int
        let within: Duration
        /// Time that has passed, in this process and in those before.
        var elapsed: Duration
    }

    /// How the present process, or the last one, runs its configuration.
    struct Run: Sendable, Equatable {
        let number: Int
        /// Earlier processes that ended without a stop, soon after this revision began to run.
        var uncleanExits = 0
        /// Whether it has run for `RevisionHistory.settlingTime`.
        var isStable = false
        /// Whether the process has been stopped as it should.
        var isClean = false
    }

    /// How long a revision has to run before an end of the process is not its fault.
    static let settlingTime = Duration.seconds(60)
    /// Processes that may end within that time before another revision is started.
    static let allowedExits = 3

    private(set) var lastNumber = 0
    private(set) var statuses: [Int: Revision.Status] = [:]
    private(set) var reasons: [Int: String] = [:]
    private(set) var active: Int?
    private(set) var confirmed: Int?
    private(set) var lastFailed: Int?
    /// Revisions that were confirmed before, the latest last.
    private(set) var confirmedBefore: [Int] = []
    /// The revision that ended the process again and again last.
    private(set) var crashed: Int?
    var pending: Pending?
    var run: Run?

    init() {}

    init(
        lastNumber: Int, statuses: [Int: Revision.Status], reasons: [Int: String], active: Int?,
        confirmed: Int?, lastFailed: Int?, confirmedBefore: [Int], crashed: Int?,
        pending: Pending?, run: Run?
    ) {
        self.lastNumber = lastNumber
        self.statuses = statuses
        self.reasons = reasons
        self.active = active
        self.confirmed = confirmed
        self.lastFailed = lastFailed
        self.confirmedBefore = confirmedBefore
        self.crashed = crashed
        self.pending = pending
        self.run = run
    }

    /// A new revision is about to be started.
    mutating func propose(_ number: Int, reason: String?) {
        lastNumber = max(lastNumber, number)
        statuses[number] = .candidate
        reasons[number] = reason
    }

    /// A revision runs; it is confirmed at once unless there is a time within which that has to happen.
    mutating func activate(_ number: Int, within: Duration?) {
        if let active, active != number, statuses[active] == .active { statuses[active] = .superseded }
        active = number
        statuses[number] = .active
        pending = within.map { Pending(number: number, within: $0, elapsed: .zero) }
        run = Run(number: number)
        if within == nil { confirm(number) }
    }

    /// The process has begun with a revision, which needs no confirmation (any more).
    mutating func begin(_ number: Int) {
        let present = run
        activate(number, within: nil)
        run = present
    }

    /// A revision becomes the one to go back to.
    mutating func confirm(_ number: Int) {
        if let confirmed, confirmed != number {
            statuses[confirmed] = .superseded
            confirmedBefore.removeAll { $0 == confirmed || $0 == number }
            confirmedBefore.append(confirmed)
        }
        confirmed = number
        statuses[number] = .confirmed
        if pending?.number == number { pending = nil }
    }

    /// A revision could not be started, or ended the process.
    mutating func fail(_ number: Int, because reason: String) {
        statuses[number] = .failed
        reasons[number] = reason
        leave(number)
    }

    /// A revision has ended the process again and again.
    mutating func crash(_ number: Int, because reason: String) {
        fail(number, because: reason)
        crashed = number
        run = nil
    }

    /// A revision that ran is given up.
    mutating func takeBack(_ number: Int, because reason: String) {
        statuses[number] = .rolledBack
        reasons[number] = reason
        leave(number)
    }

    private mutating func leave(_ number: Int) {
        lastFailed = number
        if pending?.number == number { pending = nil }
        if active == number { active = nil }
        confirmedBefore.removeAll { $0 == number }
        if confirmed == number { confirmed = confirmedBefore.popLast() }
        if let confirmed { statuses[confirmed] = .confirmed }
    }

    /// Forgets everything but `numbers`.
    mutating func keep(_ numbers: Set<Int>) {
        statuses = statuses.filter { numbers.contains($0.key) }
        reasons = reasons.filter { numbers.contains($0.key) }
        confirmedBefore.removeAll { !numbers.contains($0) }
        func kept(_ number: Int?) -> Int? { number.flatMap { numbers.contains($0) ? $0 : nil } }
        lastFailed = kept(lastFailed)
        crashed = kept(crashed)
        active = kept(active)
        confirmed = kept(confirmed)
        if let number = pending?.number, !numbers.contains(number) { pending = nil }
    }
}
