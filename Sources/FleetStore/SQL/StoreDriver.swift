/// A connection to a database, inside a transaction where it writes; used by one thread at a time.
///
/// Statements are written for both databases: parameters are `?`, bound and never put into the text.
protocol SQLSession {
    /// Runs one statement and gives all its rows.
    func rows(_ statement: String, _ values: [SQLValue]) throws(StoreError) -> [SQLRow]
    /// Nanoseconds since 1970-01-01T00:00:00Z by the clock that all who share the database see.
    func time() throws(StoreError) -> UInt64
    /// Waits until no other process changes the tables themselves.
    func lockSchema() throws(StoreError)
}

extension SQLSession {
    func run(_ statement: String, _ values: [SQLValue] = []) throws(StoreError) {
        _ = try rows(statement, values)
    }
}

/// A database: it runs work of the store on connections and threads of its own.
protocol StoreDriver: Sendable {
    /// Whether other managers may use the same database.
    var isShared: Bool { get }
    /// The type of columns that names are ordered by, byte by byte.
    var keyType: String { get }

    /// Runs `body` without changing anything.
    func read<Answer: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer

    /// Runs `body` in a transaction, perhaps twice when the connection is lost before it is confirmed.
    ///
    /// - Parameters:
    ///   - durably: Whether it has to be on the disk when this returns; otherwise a crash of the machine may
    ///     lose the last moments, and nothing else.
    ///   - body: What it throws takes everything back.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws, or `StoreError.unreachable` or `.uncertain`.
    func write<Answer: Sendable>(
        durably: Bool, _ body: @escaping @Sendable (any SQLSession) throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer

    /// Ends what is under way and lets go of the database.
    func close() async
}
