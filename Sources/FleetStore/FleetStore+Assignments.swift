public import FleetModel
public import OpAMP

/// What an agent may be assigned; it has at most one of each.
public enum AssignmentSlot: Sendable, Hashable, CaseIterable {
    /// What it ought to run.
    case configuration
    /// The packages that it ought to have.
    case packages

    /// The table with the assignments.
    var table: StaticString {
        switch self {
        case .configuration: "assignments"
        case .packages: "package_assignments"
        }
    }
}

extension FleetStore {
    /// Writes assignments, in one transaction; each agent once.
    public func saveAssignments(
        _ assignments: [Assignment], in slot: AssignmentSlot = .configuration
    ) async throws(StoreError) {
        try await save(assignments.map { (uid: $0.uid, assignment: $0) }, slot)
    }

    /// Takes the assignments of agents away.
    public func removeAssignments(
        _ uids: [InstanceUID], in slot: AssignmentSlot = .configuration
    ) async throws(StoreError) {
        try await save(uids.map { (uid: $0, assignment: nil) }, slot)
    }

    /// Assignments in the order of their last changes; see `agents(changedAfter:byOthers:limit:)`.
    public func assignments(
        in slot: AssignmentSlot = .configuration, changedAfter mark: ChangeMark, byOthers: Bool = false,
        limit: Int
    ) async throws(StoreError) -> [StoredAssignment] {
        let rows = try await changed(
            slot.table,
            "uid, change, configuration, number, hash, rollout, confirm_within, expects_drop, time",
            after: mark, byOthers: byOthers, limit: limit)
        return try rows.map { (row) throws(StoreError) in
            let uid = try Self.uid(row, 0)
            return StoredAssignment(
                uid: uid, mark: ChangeMark(change: try row.integer(1), uid: uid),
                assignment: try Self.assignment(uid, row))
        }
    }

    private func save(
        _ changes: [(uid: InstanceUID, assignment: Assignment?)], _ slot: AssignmentSlot
    ) async throws(StoreError) {
        guard !changes.isEmpty else { return }
        try await change { (transaction) throws(StoreError) in
            let rows = changes.map { uid, assignment -> [SQLValue] in
                let confirmWithin = assignment?.confirmWithin.map { SQLValue.integer(Int64($0)) }
                return [
                    .bytes(uid.bytes), .integer(transaction.change), .text(transaction.writer),
                    .text(assignment?.revision.configuration ?? ""),
                    .integer(Int64(assignment?.revision.number ?? 0)), .bytes(assignment?.hash.bytes ?? []),
                    .text(assignment?.rollout ?? ""), confirmWithin ?? .null,
                    .integer(assignment?.expectsDrop == true ? 1 : Int64(0)),
                    .integer(assignment?.time ?? transaction.time),
                ]
            }
            try transaction.run(
                """
                INSERT INTO \(slot.table) (uid, change, writer, configuration, number, hash, rollout,
                confirm_within, expects_drop, time) VALUES
                """,
                many: rows,
                """
                ON CONFLICT (uid) DO UPDATE SET change = excluded.change, writer = excluded.writer,
                configuration = excluded.configuration, number = excluded.number, hash = excluded.hash,
                rollout = excluded.rollout, confirm_within = excluded.confirm_within,
                expects_drop = excluded.expects_drop, time = excluded.time
                """)
        }
    }

    private static func assignment(_ uid: InstanceUID, _ row: SQLRow) throws(StoreError) -> Assignment? {
        let number = Int(try row.integer(3))
        guard number > 0 else { return nil }
        guard let hash = ContentHash(bytes: try row.bytes(4)) else {
            throw .damaged("the assignment of agent \(uid) has no hash")
        }
        return Assignment(
            uid: uid, revision: RevisionReference(try row.text(2), number), hash: hash,
            rollout: try row.text(5), confirmWithin: row.isNull(6) ? nil : Int(try row.integer(6)),
            expectsDrop: try row.integer(7) != 0, time: UInt64(clamping: try row.integer(8)))
    }
}
