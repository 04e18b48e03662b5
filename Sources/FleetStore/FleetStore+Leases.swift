extension FleetStore {
    /// Takes or renews a lease: of all replicas, one at a time has it.
    ///
    /// - Parameters:
    ///   - name: What it is about.
    ///   - duration: For how long from now; whoever does not renew it before loses it to the next who asks.
    /// - Returns: Whether this replica has it.
    /// - Throws: `StoreError`, as the database does.
    public func lease(_ name: String, for duration: Duration) async throws(StoreError) -> Bool {
        try Self.check(name.utf8.count, StoreLimits.idBytes, "the name of a lease")
        let nanoseconds = UInt64(clamping: Int64(clamping: Int128(duration.attoseconds / 1_000_000_000)))
        let writer = writer
        let clock = clock
        // It changes nothing that others read, so it takes no number and waits for nobody.
        return try await driver.write(durably: false) { (session) throws(StoreError) in
            let now: UInt64
            if let clock { now = clock() } else { now = try session.time() }
            let rows = try session.rows(
                """
                INSERT INTO leases (name, holder, expires) VALUES (?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires = excluded.expires
                WHERE leases.holder = excluded.holder OR leases.expires <= ?
                RETURNING holder
                """,
                [.text(name), .text(writer), .integer(now + nanoseconds), .integer(now)])
            return !rows.isEmpty
        }
    }

    /// Gives a lease back, so that others need not wait for its end; nothing happens to one of another.
    public func releaseLease(_ name: String) async throws(StoreError) {
        let writer = writer
        try await driver.write(durably: false) { (session) throws(StoreError) in
            try session.run(
                "DELETE FROM leases WHERE name = ? AND holder = ?", [.text(name), .text(writer)])
        }
    }

    /// Drops leases that nobody has any more and nobody will take again, such as those of lives.
    public func dropEndedLeases(prefix: String) async throws(StoreError) {
        let clock = clock
        try await driver.write(durably: false) { (session) throws(StoreError) in
            let now: UInt64
            if let clock { now = clock() } else { now = try session.time() }
            try session.run(
                "DELETE FROM leases WHERE name >= ? AND name < ? AND expires <= ?",
                [.text(prefix), .text(prefix + "\u{10FFFF}"), .integer(now)])
        }
    }

    /// The time by the clock that all who share the store see, and that documents are dated by.
    ///
    /// - Returns: Nanoseconds since 1970-01-01T00:00:00Z.
    /// - Throws: `StoreError`, as the database does.
    public func time() async throws(StoreError) -> UInt64 {
        if let clock { return clock() }
        return try await driver.read { (session) throws(StoreError) in try session.time() }
    }

    /// The names of leases that somebody has now.
    ///
    /// - Parameters:
    ///   - prefix: What the names begin with.
    ///   - limit: How many at most; `StoreLimits.rowsPerAnswer` if that is less.
    /// - Returns: The names, in the order of their bytes.
    /// - Throws: `StoreError`, as the database does.
    public func leases(prefix: String, limit: Int = 1000) async throws(StoreError) -> [String] {
        let clock = clock
        let rows = try await driver.read { (session) throws(StoreError) in
            let now: UInt64
            if let clock { now = clock() } else { now = try session.time() }
            return try session.rows(
                "SELECT name FROM leases WHERE name >= ? AND name < ? AND expires > ? ORDER BY name LIMIT ?",
                [.text(prefix), .text(prefix + "\u{10FFFF}"), .integer(now), Self.rows(limit)])
        }
        return try rows.map { (row) throws(StoreError) in try row.text(0) }
    }
}
