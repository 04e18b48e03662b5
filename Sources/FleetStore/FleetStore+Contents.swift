public import FleetModel

extension FleetStore {
    /// How long a content stays that nothing names, from when it was put last.
    public static let contentPatience = Duration.seconds(3600)

    /// A content by its hash, or `nil` when it is not there.
    public func content(_ hash: ContentHash) async throws(StoreError) -> [UInt8]? {
        let rows = try await driver.read { (session) throws(StoreError) in
            try session.rows("SELECT body FROM contents WHERE hash = ?", [.bytes(hash.bytes)])
        }
        return try rows.first.map { (row) throws(StoreError) in try row.bytes(0) }
    }

    /// Keeps a content, once for all who have the same.
    ///
    /// It stays for at least an hour, and then for as long as a document `uses` it, or an agent runs
    /// it or ought to.
    @discardableResult
    public func putContent(_ content: [UInt8]) async throws(StoreError) -> ContentHash {
        try await putContents([content])[0]
    }

    /// The same for several, in one transaction.
    @discardableResult
    public func putContents(_ contents: [[UInt8]]) async throws(StoreError) -> [ContentHash] {
        for content in contents {
            try Self.check(content.count, StoreLimits.contentBytes, "a content")
        }
        guard !contents.isEmpty else { return [] }
        let hashed = contents.map { (hash: ContentHash(of: $0), body: $0) }
        try await change { (transaction) throws(StoreError) in
            for (hash, body) in hashed {
                try transaction.run(
                    """
                    INSERT INTO contents (hash, body, touched) VALUES (?, ?, ?)
                    ON CONFLICT (hash) DO UPDATE SET touched = excluded.touched
                    """,
                    [.bytes(hash.bytes), .bytes(body), .integer(transaction.time)])
            }
        }
        return hashed.map(\.hash)
    }

    /// Drops contents that nothing has named for an hour; to be called now and then.
    ///
    /// - Returns: How many went.
    @discardableResult
    public func dropUnusedContents() async throws(StoreError) -> Int {
        let patience = UInt64(Self.contentPatience.components.seconds) * 1_000_000_000
        return try await change(durably: false) { (transaction) throws(StoreError) in
            let rows = try transaction.rows(
                """
                DELETE FROM contents WHERE touched < ?
                AND NOT EXISTS (SELECT 1 FROM uses WHERE uses.hash = contents.hash)
                AND NOT EXISTS (SELECT 1 FROM agents WHERE agents.effective = contents.hash)
                AND NOT EXISTS (SELECT 1 FROM assignments WHERE assignments.hash = contents.hash)
                AND NOT EXISTS (SELECT 1 FROM package_assignments p WHERE p.hash = contents.hash)
                RETURNING 1
                """,
                [.integer(transaction.time - min(transaction.time, patience))])
            return rows.count
        }
    }
}
