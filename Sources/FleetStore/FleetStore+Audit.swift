internal import FleetModel
internal import Settings

extension FleetStore {
    /// What the first line carries on.
    static let auditBeginning = String(repeating: "0", count: 64)

    /// Adds a line to the audit log; when this returns, it is on the disk.
    ///
    /// Its number and the hash of the line before are read in the transaction that writes it, and all
    /// replicas write one after the other, so the chain cannot fork.
    ///
    /// - Throws: `StoreError.tooLarge` for a line of more than `StoreLimits.auditBytes`.
    @discardableResult
    public func appendAudit(_ record: AuditRecord) async throws(StoreError) -> StoredAuditRecord {
        guard let stored = try await appendAudit([record]).first else {
            throw .damaged("the audit log has not taken a line")
        }
        return stored
    }

    /// Adds lines to the audit log, all of them or none; see `appendAudit(_:)` for one.
    @discardableResult
    public func appendAudit(_ records: [AuditRecord]) async throws(StoreError) -> [StoredAuditRecord] {
        guard !records.isEmpty else { return [] }
        return try await change { (transaction) throws(StoreError) in
            let rows = try transaction.rows(
                "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1", [])
            var (number, previous) = (Int64(0), Self.auditBeginning)
            if let row = rows.first { (number, previous) = (try row.integer(0), try row.text(1)) }
            var stored: [StoredAuditRecord] = []
            for record in records {
                number += 1
                let (line, hash) = record.line(number: number, previous: previous)
                try Self.check(line.utf8.count, StoreLimits.auditBytes, "a line of the audit log")
                try transaction.run(
                    "INSERT INTO audit (number, hash, line) VALUES (?, ?, ?)",
                    [.integer(number), .text(hash), .text(line)])
                if number % 1000 == 0 {
                    try transaction.run(
                        "DELETE FROM audit WHERE number <= ?", [.integer(number - StoreLimits.auditLines)])
                }
                stored.append(StoredAuditRecord(number: number, record: record, hash: hash, line: line))
                previous = hash
            }
            return stored
        }
    }

    /// Lines of the audit log, the oldest first.
    ///
    /// - Parameters:
    ///   - number: The last line that is known already; 0 for none.
    ///   - limit: How many at most; `StoreLimits.rowsPerAnswer` if that is less.
    /// - Returns: At most so many; fewer when there are no more.
    /// - Throws: `StoreError`, as the database does.
    public func audit(after number: Int64 = 0, limit: Int) async throws(StoreError) -> [StoredAuditRecord] {
        let rows = try await driver.read { (session) throws(StoreError) in
            try session.rows(
                "SELECT number, hash, line FROM audit WHERE number > ? ORDER BY number LIMIT ?",
                [.integer(number), Self.rows(limit)])
        }
        return try rows.map { (row) throws(StoreError) in
            let number = try row.integer(0)
            let line = try row.text(2)
            guard let record = AuditRecord(line: line) else {
                throw .damaged("line \(number) of the audit log cannot be read")
            }
            return StoredAuditRecord(number: number, record: record, hash: try row.text(1), line: line)
        }
    }

    /// Lines of the audit log before one, the newest first.
    ///
    /// - Parameters:
    ///   - number: The line before which to look; `nil` for the end.
    ///   - limit: How many at most; `StoreLimits.rowsPerAnswer` if that is less.
    /// - Returns: At most so many; fewer when there are no more.
    /// - Throws: `StoreError`, as the database does.
    public func latestAudit(before number: Int64? = nil, limit: Int) async throws(StoreError)
        -> [StoredAuditRecord]
    {
        let rows = try await driver.read { (session) throws(StoreError) in
            try session.rows(
                "SELECT number FROM audit WHERE number < ? ORDER BY number DESC LIMIT ?",
                [.integer(number ?? .max), Self.rows(limit)])
        }
        guard let last = rows.last else { return [] }
        return try await audit(after: try last.integer(0) - 1, limit: rows.count).reversed()
    }
}

/// Follows the chain of hashes through the lines of the audit log, as exported.
public struct AuditVerifier: Sendable {
    /// The last line that was taken.
    public private(set) var last: (number: Int64, hash: String)?

    public init() {}

    /// Takes the next line; the result says in one sentence what is wrong with it, or is `nil`.
    public mutating func take(_ line: String) -> String? {
        guard let parts = AuditRecord.parts(of: line) else { return "it is not a line of an audit log" }
        guard ContentHash(of: Array(parts.body.utf8)).description == parts.hash else {
            return "it has been changed"
        }
        guard let (number, previous) = AuditRecord.place(of: line) else {
            return "it is not a line of an audit log"
        }
        // What follows is compared with this line, so that one fault is told once.
        defer { last = (number, parts.hash) }
        if number == 1, previous != FleetStore.auditBeginning { return "it is not how a log begins" }
        guard let last else { return nil }
        guard number == last.number + 1 else { return "a line before it is missing" }
        return previous == last.hash ? nil : "a line before it has been changed or taken out"
    }
}
