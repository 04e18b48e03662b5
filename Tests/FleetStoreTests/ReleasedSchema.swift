@testable import FleetStore

/// The tables as a release made them, with a row in each: never to be changed once the release is out.
struct ReleasedSchema: Sendable, CustomStringConvertible {
    let description: String
    /// `@KEY` stands for the type of names, as in `Schema`.
    let tables: [String]
    let rows: [(String, [SQLValue])]

    static let all = [version1]

    static let version1 = ReleasedSchema(
        description: "schema 1",
        tables: [
            "CREATE TABLE schema_version (version BIGINT NOT NULL)",
            "INSERT INTO schema_version (version) VALUES (1)",
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
        ],
        rows: [
            ("UPDATE counters SET value = ?", [.integer(Int64(9))]),
            (
                "INSERT INTO documents VALUES ('group', 'eu', 7, ?, 5)",
                [.text("{\"selector\":\"region=eu\"}")]
            ),
            ("INSERT INTO contents VALUES (?, ?, 5)", [.bytes(hash), .bytes([1])]),
            ("INSERT INTO uses VALUES (?, 'group', 'eu')", [.bytes(hash)]),
            (
                "INSERT INTO agents VALUES (?, 8, 'one#1', 'one', ?, 'approved', ?, ?, ?)",
                [.bytes(uid), .text("{\"env\":\"prod\"}"), .bytes(hash), .bytes([]), .bytes([])]
            ),
            (
                "INSERT INTO assignments VALUES (?, 9, 'one#1', 'edge', 1, ?, 'r', NULL, 0, 5)",
                [.bytes(uid), .bytes(hash)]
            ),
            (
                "INSERT INTO checkpoints VALUES ('one', 0, 5, ?)",
                [.bytes(uid + [0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3])]
            ),
            (
                "INSERT INTO audit VALUES (1, ?, ?)",
                [.text(String(auditLine.suffix(66).dropLast(2))), .text(auditLine)]
            ),
            ("INSERT INTO leases VALUES ('l', 'one#1', 5)", []),
            ("INSERT INTO notes VALUES (7, 'one#1', 'group', 'eu')", []),
        ])

    private static let uid: [UInt8] = [
        1, 0x90, 0xA5, 0xC8, 0x7B, 0x1E, 0x7C, 0xC3, 0x98, 0xC4, 0, 0, 0, 0, 0, 1,
    ]
    private static let hash = [UInt8](repeating: 7, count: 32)
    private static let auditLine = """
        {"number":1,"time":5,"actor":"ann","origin":"","action":"group.put","target":"group/eu","r\
        esult":"done","detail":{},"previous":"0000000000000000000000000000000000000000000000000000\
        000000000000","hash":"15a0d9181f583cc2b383ce9efc75fc118d27a7a8de6b3c5510d423856b9fc08e"}
        """
}
