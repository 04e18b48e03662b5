public import FleetStore
public import Pipeline
internal import Settings
internal import Synchronization

/// Something that was done, tried, or not allowed.
public struct AuditEvent: Sendable, Equatable {
    public enum Result: String, Sendable, Hashable, CaseIterable {
        case done, failed, denied
    }

    /// Such as `FleetUser.name`, `agent:<uid>`, or `system` for the manager itself.
    public var actor: String
    /// From where, `ip:port`; empty for the manager itself.
    public var origin: String
    /// Such as `configuration.add`.
    public var action: String
    /// Such as `configuration/edge-logs@17`.
    public var target: String
    public var result: Result
    /// The id of the request.
    public var request: String
    /// What stands for the state before and after, such as the hash of a revision or a version.
    public var before: String?
    public var after: String?
    /// For people: why, or what went wrong; never a secret.
    public var message: String

    public init(
        actor: String, origin: String = "", action: String, target: String, result: Result = .done,
        request: String = "", before: String? = nil, after: String? = nil, message: String = ""
    ) {
        self.actor = actor
        self.origin = origin
        self.action = action
        self.target = target
        self.result = result
        self.request = request
        self.before = before
        self.after = after
        self.message = message
    }
}

/// The audit log: who did what to what, from where, and what came of it; each line with the hash of the one
/// before.
///
/// Everything that is done is written before its answer goes out. Of denied tries, at most `deniedBurst` at
/// once and one each second are written for each actor and address; the next that is written says how many
/// were not. Texts are cut to `longestText` bytes.
public final class AuditTrail: Sendable {
    public static let deniedBurst = 20
    /// The longest text of an event, in UTF-8 bytes.
    public static let longestText = 4096

    private let store: FleetStore
    private let clock: any PipelineClock
    private let denied: DeniedTries
    /// What must never be written, whoever hands it over.
    private let scrub: @Sendable (String) -> String

    /// - Parameters:
    ///   - store: Where the log is.
    ///   - clock: The time.
    ///   - scrub: Takes known secrets out of a text.
    public init(
        _ store: FleetStore, clock: any PipelineClock, scrub: @escaping @Sendable (String) -> String = { $0 }
    ) {
        self.store = store
        self.clock = clock
        self.scrub = scrub
        denied = DeniedTries(clock: clock)
    }

    /// Writes an event; when this returns, it is on the disk.
    ///
    /// - Returns: The number of its line; `nil` for a denied try that is only counted.
    /// - Throws: when it cannot be written; then what it is about must not be done.
    @discardableResult
    public func record(_ event: AuditEvent) async throws(StoreError) -> Int64? {
        guard let record = record(of: event) else { return nil }
        return try await store.appendAudit([record]).last?.number
    }

    /// Writes events in one go; when this returns, they are on the disk.
    func record(_ events: [AuditEvent]) async throws(StoreError) {
        try await store.appendAudit(events.compactMap { record(of: $0) })
    }

    private func record(of event: AuditEvent) -> AuditRecord? {
        var detail: [Tree.Entry] = []
        func add(_ key: String, _ text: String?) {
            if let text, !text.isEmpty { detail.append(Tree.Entry(key, .text(shown(text)))) }
        }
        add("request", event.request)
        add("before", event.before)
        add("after", event.after)
        add("message", event.message)
        if event.result == .denied {
            guard let skipped = denied.take(event.actor, event.origin) else { return nil }
            if skipped > 0 { detail.append(Tree.Entry("not_written", .number(skipped))) }
        }
        return AuditRecord(
            time: clock.unixNanoseconds, actor: shown(event.actor), origin: shown(event.origin),
            action: shown(event.action), target: shown(event.target), result: event.result.rawValue,
            detail: Tree(.table(detail)))
    }

    private func shown(_ text: String) -> String {
        guard text.utf8.count > Self.longestText else { return scrub(text) }
        return scrub(String(decoding: text.utf8.prefix(Self.longestText), as: UTF8.self)) + "…"
    }

    /// Lines, the oldest first.
    ///
    /// - Parameters:
    ///   - number: The last line that is known already; 0 for none.
    ///   - limit: How many at most; up to 5000.
    /// - Returns: The lines.
    /// - Throws: `StoreError`.
    public func lines(after number: Int64 = 0, limit: Int = 1000) async throws(StoreError)
        -> [StoredAuditRecord]
    {
        try await store.audit(after: number, limit: limit)
    }

    /// Lines, the newest first.
    ///
    /// - Parameters:
    ///   - number: The line before which to look; `nil` for the end.
    ///   - limit: How many at most; up to 5000.
    /// - Returns: The lines.
    /// - Throws: `StoreError`.
    public func latest(before number: Int64? = nil, limit: Int = 100) async throws(StoreError)
        -> [StoredAuditRecord]
    {
        try await store.latestAudit(before: number, limit: limit)
    }

    /// A page of the log as it is exported: JSON objects, one on each line, that `verify` understands.
    ///
    /// - Parameters:
    ///   - number: The last line that is known already; 0 for none.
    ///   - limit: How many at most; up to 5000.
    /// - Returns: The lines, and the number of the last; `nil` when there are no more.
    /// - Throws: `StoreError`.
    public func export(after number: Int64 = 0, limit: Int = 1000) async throws(StoreError) -> (
        text: String, last: Int64?
    ) {
        let lines = try await store.audit(after: number, limit: limit)
        return (lines.map { $0.line + "\n" }.joined(), lines.last?.number)
    }

    /// What checking the log has found.
    public struct Verification: Sendable, Equatable {
        /// Lines that were looked at.
        public var lines: Int64 = 0
        /// The first line that is there; more than 1 when older ones have been removed.
        public var first: Int64?
        public var last: Int64?
        /// One sentence for each fault, with the line; at most 100.
        public var faults: [String] = []

        public var isIntact: Bool { faults.isEmpty }
    }

    /// Checks the whole log, oldest line first.
    ///
    /// That lines are missing at its end cannot be seen from the log alone.
    public func verify() async throws(StoreError) -> Verification {
        var found = Verification()
        var verifier = AuditVerifier()
        var page = try await store.audit(after: 0, limit: 5000)
        while let last = page.last {
            for line in page {
                if let fault = verifier.take(line.line), found.faults.count < 100 {
                    found.faults.append("line \(line.number): \(fault)")
                }
                found.first = found.first ?? line.number
                found.lines += 1
            }
            found.last = last.number
            page = try await store.audit(after: last.number, limit: 5000)
        }
        return found
    }
}

/// Which denied tries are written.
///
/// Bounded: at most `limit` pairs of actor and address are remembered, then all are forgotten.
final class DeniedTries: Sendable {
    static let limit = 4096

    private struct Bucket {
        var level: Double
        var time: Instant
        var skipped: Int
    }

    private let clock: any PipelineClock
    private let buckets = Mutex<[String: Bucket]>([:])

    init(clock: any PipelineClock) { self.clock = clock }

    /// How many were not written before this one; `nil` when this one is not written either.
    func take(_ actor: String, _ origin: String) -> Int? {
        let now = clock.now
        let key = "\(actor) \(FailedTries.host(of: origin))"
        return buckets.withLock { buckets in
            if buckets[key] == nil, buckets.count >= Self.limit { buckets = [:] }
            var bucket = buckets[key] ?? Bucket(level: 0, time: now, skipped: 0)
            bucket.level = max(bucket.level - (now - bucket.time) / .seconds(1), 0)
            bucket.time = now
            defer { buckets[key] = bucket }
            guard bucket.level + 1 <= Double(AuditTrail.deniedBurst) else {
                bucket.skipped += 1
                return nil
            }
            bucket.level += 1
            defer { bucket.skipped = 0 }
            return bucket.skipped
        }
    }
}
