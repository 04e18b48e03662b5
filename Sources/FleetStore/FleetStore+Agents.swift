internal import FleetModel
public import OpAMP
internal import Settings

extension FleetStore {
    /// Writes agents, in one transaction; labels and approval of those that are known already stay.
    ///
    /// - Parameter agents: Each once.
    /// - Throws: `StoreError.tooLarge` for one of more than `StoreLimits.agentBytes`.
    public func saveAgents(_ agents: [AgentSave]) async throws(StoreError) {
        guard !agents.isEmpty else { return }
        for agent in agents {
            try Self.check(
                max(agent.state.count, agent.live.count), StoreLimits.agentBytes, "agent \(agent.uid)")
        }
        try await change(durably: false) { (transaction) throws(StoreError) in
            let rows = agents.map { agent -> [SQLValue] in
                [
                    .bytes(agent.uid.bytes), .integer(transaction.change), .text(transaction.writer),
                    .text(agent.owner), .text(Self.text(agent.initialLabels)), .text(agent.initialApproval),
                    .optional(agent.effective?.bytes), .bytes(agent.state), .bytes(agent.live),
                ]
            }
            try transaction.run(
                """
                INSERT INTO agents
                (uid, change, writer, owner, labels, approval, effective, state, live) VALUES
                """,
                many: rows,
                """
                ON CONFLICT (uid) DO UPDATE SET change = excluded.change, writer = excluded.writer,
                owner = excluded.owner, effective = excluded.effective, state = excluded.state,
                live = excluded.live
                """)
        }
    }

    /// Replaces the labels of agents that the store knows; others are left out of the answer.
    @discardableResult
    public func saveLabels(
        _ labels: [(uid: InstanceUID, labels: [String: String])]
    ) async throws(StoreError) -> [InstanceUID] {
        let texts = labels.map { (uid: $0.uid, text: Self.text($0.labels)) }
        for (uid, text) in texts {
            try Self.check(text.utf8.count, StoreLimits.labelBytes, "the labels of agent \(uid)")
        }
        return try await change { (transaction) throws(StoreError) in
            var known: [InstanceUID] = []
            for (uid, text) in texts {
                let rows = try transaction.rows(
                    "UPDATE agents SET labels = ?, change = ?, writer = ? WHERE uid = ? RETURNING 1",
                    [
                        .text(text), .integer(transaction.change), .text(transaction.writer),
                        .bytes(uid.bytes),
                    ])
                if !rows.isEmpty { known.append(uid) }
            }
            return known
        }
    }

    /// Replaces the approval of an agent; `false` when the store does not know it.
    @discardableResult
    public func saveApproval(_ approval: String, of uid: InstanceUID) async throws(StoreError) -> Bool {
        try await change { (transaction) throws(StoreError) in
            let rows = try transaction.rows(
                "UPDATE agents SET approval = ?, change = ?, writer = ? WHERE uid = ? RETURNING 1",
                [
                    .text(approval), .integer(transaction.change), .text(transaction.writer),
                    .bytes(uid.bytes),
                ])
            return !rows.isEmpty
        }
    }

    /// Forgets agents, their assignments too.
    public func deleteAgents(_ uids: [InstanceUID]) async throws(StoreError) {
        guard !uids.isEmpty else { return }
        try await change { (transaction) throws(StoreError) in
            for uid in uids {
                try transaction.run("DELETE FROM agents WHERE uid = ?", [.bytes(uid.bytes)])
                for slot in AssignmentSlot.allCases {
                    try transaction.run("DELETE FROM \(slot.table) WHERE uid = ?", [.bytes(uid.bytes)])
                }
                transaction.changes.append(.agentRemoved(uid))
            }
        }
    }

    /// Agents in the order of their last changes.
    ///
    /// - Parameters:
    ///   - mark: The last one that is known already.
    ///   - byOthers: Whether what this replica itself has written in this life is left out.
    ///   - limit: How many at most; `StoreLimits.rowsPerAnswer` if that is less.
    /// - Returns: At most so many; fewer when there are no more.
    /// - Throws: `StoreError`, as the database does.
    public func agents(
        changedAfter mark: ChangeMark, byOthers: Bool = false, limit: Int
    ) async throws(StoreError) -> [StoredAgent] {
        let rows = try await changed(
            "agents", "uid, change, owner, labels, approval, effective, state, live", after: mark,
            byOthers: byOthers, limit: limit)
        return try rows.map { (row) throws(StoreError) in
            let uid = try Self.uid(row, 0)
            return StoredAgent(
                uid: uid, mark: ChangeMark(change: try row.integer(1), uid: uid), owner: try row.text(2),
                labels: try Self.labels(try row.text(3)), approval: try row.text(4),
                effective: row.isNull(5) ? nil : ContentHash(bytes: try row.bytes(5)),
                state: try row.bytes(6), live: try row.bytes(7))
        }
    }

    func changed(
        _ table: StaticString, _ columns: StaticString, after mark: ChangeMark, byOthers: Bool, limit: Int
    ) async throws(StoreError) -> [SQLRow] {
        let writer = byOthers ? writer : ""
        return try await driver.read { (session) throws(StoreError) in
            try session.rows(
                """
                SELECT \(columns) FROM \(table) WHERE (change, uid) > (?, ?) AND writer <> ?
                ORDER BY change, uid LIMIT ?
                """,
                [.integer(mark.change), .bytes(mark.uid.bytes), .text(writer), Self.rows(limit)])
        }
    }

    static func uid(_ row: SQLRow, _ column: Int) throws(StoreError) -> InstanceUID {
        guard let uid = InstanceUID(bytes: try row.bytes(column)) else {
            throw .damaged("the id of an agent does not have 16 bytes")
        }
        return uid
    }

    private static func text(_ labels: [String: String]) -> String {
        let sorted = labels.sorted { $0.key < $1.key }
        return Tree(.table(sorted.map { Tree.Entry($0.key, .text($0.value)) })).json()
    }

    private static func labels(_ text: String) throws(StoreError) -> [String: String] {
        do throws(InvalidSettings) {
            let tree = try Tree(json: text, source: ConfigurationSource(.builtIn, "store"))
            let pairs = (tree.table ?? []).map { ($0.key, $0.value.text ?? "") }
            return Dictionary(pairs) { _, last in last }
        } catch {
            throw .damaged("labels of an agent: \(error)")
        }
    }
}
