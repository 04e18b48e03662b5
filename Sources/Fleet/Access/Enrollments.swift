internal import FleetStore
public import OpAMP
internal import Pipeline
internal import Synchronization

/// The agents that came with enrollment tokens, and those among them that wait for a person.
public final class Enrollments: Sendable {
    /// The most agents that may wait; more are turned away.
    public static let mostWaiting = 10_000
    /// The most agents that are remembered.
    public static let limit = 1_000_000

    let table: DocumentTable<Enrollment>
    private let tokens: EnrollmentTokens
    private let clock: any PipelineClock
    private let batch: EnrollmentBatch
    private let waiting = Mutex<Set<InstanceUID>>([])
    private let onChange = Mutex<@Sendable (Enrollment) -> Void>({ _ in })

    init(_ store: FleetStore, tokens: EnrollmentTokens, clock: any PipelineClock) {
        table = DocumentTable(store)
        self.tokens = tokens
        self.clock = clock
        batch = EnrollmentBatch(table: table, tokens: tokens)
    }

    /// Those in a state, the oldest first; all of them without one.
    ///
    /// - Parameters:
    ///   - state: What was decided.
    ///   - limit: How many at most.
    /// - Returns: What there is.
    public func list(_ state: Enrollment.State? = .waiting, limit: Int = 1000) -> [Enrollment] {
        let rows = table.rows.filter { state == nil || $0.state == state }
        return Array(rows.sorted { ($0.requested, $0.id) < ($1.requested, $1.id) }.prefix(limit))
    }

    /// What was decided about an agent.
    public func enrollment(of uid: InstanceUID) -> Enrollment? { table[uid.description]?.row }

    /// Says what to do when an agent begins to wait, and when something is decided about one.
    public func onChange(_ body: @escaping @Sendable (Enrollment) -> Void) { onChange.withLock { $0 = body } }

    /// Lets an agent in, or turns it away.
    func decide(
        _ uid: InstanceUID, _ state: Enrollment.State, reason: String, by user: String
    ) async throws(AccessError) -> Enrollment {
        guard let entry = table[uid.description] else { throw .notFound("enrollment of \(uid)") }
        var row = entry.row
        guard row.state != state else { return row }
        row.state = state
        row.decided = clock.unixNanoseconds
        row.decider = user
        row.reason = String(reason.prefix(1000))
        do throws(StoreError) { try await table.put(row, expecting: .version(entry.version)) } catch {
            throw AccessError(error, "the enrollment of \(uid)")
        }
        changed(row)
        return row
    }

    /// Takes note of an agent that is new.
    func enroll(_ request: EnrollmentRequest, with token: String) async throws(AccessError) -> Enrollment {
        guard let known = tokens.token(token) else { throw .forbidden("the enrollment token was revoked") }
        let now = clock.unixNanoseconds
        if known.hasExpired(at: now) { throw .forbidden("the enrollment token has expired") }
        if known.isUsedUp { throw .forbidden("the enrollment token is used up") }
        guard table.count < Self.limit else { throw .full("there are \(Self.limit) enrolled agents") }
        let isWaiting = !known.isAutomatic
        if isWaiting {
            guard waiting.withLock({ $0.count }) < Self.mostWaiting else {
                throw .full("\(Self.mostWaiting) agents wait for approval already")
            }
        }
        let row = Enrollment(
            uid: request.uid, state: isWaiting ? .waiting : .approved, token: token,
            name: String(request.name.prefix(256)), address: String(request.address.prefix(128)),
            requested: now, decided: isWaiting ? 0 : now, decider: isWaiting ? "" : "token:\(known.name)",
            reason: "")
        try await batch.put(row)
        changed(row)
        return row
    }

    func remove(_ uid: InstanceUID) async throws(AccessError) {
        guard table[uid.description] != nil else { return }
        do throws(StoreError) { try await table.delete(uid.description, expecting: .any) } catch {
            throw AccessError(error, "the enrollment of \(uid)")
        }
        waiting.withLock { _ = $0.remove(uid) }
    }

    func load() async throws(StoreError) {
        try await table.load()
        countWaiting()
    }

    private func countWaiting() {
        let uids = Set(table.rows.filter { $0.state == .waiting }.map(\.uid))
        waiting.withLock { $0 = uids }
    }

    func note(_ change: StoreChange) async throws(StoreError) {
        var before: Enrollment.State?
        if case .document(.enrollment, let id) = change { before = table[id]?.row.state }
        guard let id = try await table.note(change) else {
            if change == .everything { countWaiting() }
            return
        }
        guard let row = table[id]?.row else {
            if let uid = InstanceUID(id) { waiting.withLock { _ = $0.remove(uid) } }
            return
        }
        if row.state != before { changed(row) }
    }

    private func changed(_ row: Enrollment) {
        waiting.withLock { waiting in
            if row.state == .waiting { waiting.insert(row.uid) } else { waiting.remove(row.uid) }
        }
        onChange.withLock { $0 }(row)
    }
}

/// Writes what many agents that come at once need in few transactions.
private actor EnrollmentBatch {
    private static let largest = 500

    private typealias Waiting = (row: Enrollment, answer: CheckedContinuation<AccessError?, Never>)

    private let table: DocumentTable<Enrollment>
    private let tokens: EnrollmentTokens
    private var waiting: [Waiting] = []
    private var isWriting = false

    init(table: DocumentTable<Enrollment>, tokens: EnrollmentTokens) {
        self.table = table
        self.tokens = tokens
    }

    /// Returns when the row is in the store.
    func put(_ row: Enrollment) async throws(AccessError) {
        let failure = await withCheckedContinuation { answer in
            waiting.append((row, answer))
            guard !isWriting else { return }
            isWriting = true
            Task { await self.write() }
        }
        if let failure { throw failure }
    }

    private func write() async {
        while !waiting.isEmpty {
            let taken = Array(waiting.prefix(Self.largest))
            waiting.removeFirst(taken.count)
            for (token, group) in Dictionary(grouping: taken, by: { $0.row.token }) {
                await write(group, token: token)
            }
        }
        isWriting = false
    }

    private func write(_ group: [Waiting], token: String) async {
        do throws(StoreError) {
            var admitted = group
            if try await !tokens.count(group.count, on: token) {
                // Not all of them have room; those that came first have it.
                admitted = []
                for member in group {
                    guard try await tokens.count(1, on: token) else { break }
                    admitted.append(member)
                }
            }
            var rows: [String: Enrollment] = [:]
            for member in admitted { rows[member.row.id] = member.row }
            try await table.put(rows.values.map { ($0, .any) })
            for member in admitted { member.answer.resume(returning: nil) }
            for member in group.dropFirst(admitted.count) {
                member.answer.resume(returning: .forbidden("the enrollment token is used up"))
            }
        } catch {
            for member in group { member.answer.resume(returning: .store(error)) }
        }
    }
}
