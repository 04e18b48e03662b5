/// The tables over time: only ever added to, one step for each released version.
struct Schema: Sendable {
    /// The statements that lead from the version before to the next, the first from nothing.
    ///
    /// `@KEY` stands for the type of text that is ordered byte by byte.
    let steps: [[String]]

    static let current = Schema(steps: [version1, version2])

    /// Brings the tables to the newest version; several processes may try at the same time.
    func apply(to session: any SQLSession, keyType: String) throws(StoreError) {
        try session.lockSchema()
        try session.run("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")
        let rows = try session.rows("SELECT version FROM schema_version", [])
        let found = Int(try rows.first?.integer(0) ?? 0)
        guard found <= steps.count else { throw .newerSchema(found: found, known: steps.count) }
        guard found < steps.count else { return }
        for step in steps[found...] {
            for statement in step { try session.run(statement.replacing("@KEY", with: keyType)) }
        }
        try session.run("DELETE FROM schema_version")
        try session.run("INSERT INTO schema_version (version) VALUES (?)", [.integer(Int64(steps.count))])
    }
}

extension Schema {
    /// The first release with a fleet manager.
    private static let version1 = [
        "CREATE TABLE counters (name @KEY PRIMARY KEY, value BIGINT NOT NULL)",
        "INSERT INTO counters (name, value) VALUES ('change', 0)",
        """
        CREATE TABLE documents (
            kind @KEY NOT NULL, id @KEY NOT NULL, version BIGINT NOT NULL, body TEXT NOT NULL,
            updated BIGINT NOT NULL, PRIMARY KEY (kind, id))
        """,
        "CREATE TABLE contents (hash BYTEA PRIMARY KEY, body BYTEA NOT NULL, touched BIGINT NOT NULL)",
        """
        CREATE TABLE uses (
            hash BYTEA NOT NULL, kind @KEY NOT NULL, id @KEY NOT NULL, PRIMARY KEY (hash, kind, id))
        """,
        "CREATE INDEX uses_document ON uses (kind, id)",
        """
        CREATE TABLE agents (
            uid BYTEA PRIMARY KEY, change BIGINT NOT NULL, writer TEXT NOT NULL, owner TEXT NOT NULL,
            labels TEXT NOT NULL, approval TEXT NOT NULL, effective BYTEA, state BYTEA NOT NULL,
            live BYTEA NOT NULL)
        """,
        "CREATE INDEX agents_change ON agents (change, uid)",
        "CREATE INDEX agents_effective ON agents (effective)",
        """
        CREATE TABLE assignments (
            uid BYTEA PRIMARY KEY, change BIGINT NOT NULL, writer TEXT NOT NULL,
            configuration TEXT NOT NULL,
            number BIGINT NOT NULL, hash BYTEA NOT NULL, rollout TEXT NOT NULL, confirm_within BIGINT,
            expects_drop BIGINT NOT NULL, time BIGINT NOT NULL)
        """,
        "CREATE INDEX assignments_change ON assignments (change, uid)",
        "CREATE INDEX assignments_hash ON assignments (hash)",
        """
        CREATE TABLE checkpoints (
            replica @KEY NOT NULL, part BIGINT NOT NULL, updated BIGINT NOT NULL, marks BYTEA NOT NULL,
            PRIMARY KEY (replica, part))
        """,
        "CREATE TABLE audit (number BIGINT PRIMARY KEY, hash TEXT NOT NULL, line TEXT NOT NULL)",
        "CREATE TABLE leases (name @KEY PRIMARY KEY, holder TEXT NOT NULL, expires BIGINT NOT NULL)",
        """
        CREATE TABLE notes (
            change BIGINT NOT NULL, writer TEXT NOT NULL, scope TEXT NOT NULL, id TEXT NOT NULL)
        """,
        "CREATE INDEX notes_change ON notes (change)",
    ]

    /// The packages that agents ought to have, beside what they ought to run.
    private static let version2 = [
        """
        CREATE TABLE package_assignments (
            uid BYTEA PRIMARY KEY, change BIGINT NOT NULL, writer TEXT NOT NULL,
            configuration TEXT NOT NULL,
            number BIGINT NOT NULL, hash BYTEA NOT NULL, rollout TEXT NOT NULL, confirm_within BIGINT,
            expects_drop BIGINT NOT NULL, time BIGINT NOT NULL)
        """,
        "CREATE INDEX package_assignments_change ON package_assignments (change, uid)",
        "CREATE INDEX package_assignments_hash ON package_assignments (hash)",
    ]
}
