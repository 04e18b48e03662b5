internal import Glibc
public import Logging
internal import Synchronization

/// What a fleet manager has to remember, in SQLite or PostgreSQL; the same questions for both.
///
/// Changes are numbered across all replicas, happen one after the other, and wholly or not at all. All
/// calls may be made from anywhere; those that wait for a disk or a network do it on threads of their own.
public final class FleetStore: Sendable {
    let driver: any StoreDriver
    /// The name of this replica.
    public let replica: String
    /// Who writes: the replica in this life.
    let writer: String
    /// This replica in this life: its name, and something that it never has again.
    public var life: String { writer }
    let clock: (@Sendable () -> UInt64)?
    let feed = ChangeFeed()
    let logger: Logger
    /// The last change whose notes were read.
    private let position = Atomic<Int64>(0)

    init(
        driver: any StoreDriver, replica: String, logger: Logger, clock: (@Sendable () -> UInt64)?
    ) {
        self.driver = driver
        self.replica = replica
        self.logger = logger
        self.clock = clock
        writer = "\(replica)#\(String(UInt64.random(in: 0 ... .max), radix: 36))"
    }

    /// Opens a store and brings its tables to the newest version.
    ///
    /// - Parameters:
    ///   - place: Where it is.
    ///   - replica: The name of this manager among those that share the store; it should stay the same over
    ///     restarts.
    ///   - logger: Where lost connections are told of.
    ///   - clock: Nanoseconds since 1970-01-01T00:00:00Z, for tests; otherwise the clock of the machine, or
    ///     of the database where several share it.
    /// - Returns: The store, ready for use.
    /// - Throws: `StoreError.cannotOpen`, `.newerSchema` or `.unreachable`.
    public static func open(
        _ place: StorePlace, replica: String, logger: Logger, clock: (@Sendable () -> UInt64)? = nil
    ) async throws(StoreError) -> FleetStore {
        try await open(place, replica: replica, logger: logger, clock: clock, schema: .current)
    }

    static func open(
        _ place: StorePlace, replica: String, logger: Logger, clock: (@Sendable () -> UInt64)?, schema: Schema
    ) async throws(StoreError) -> FleetStore {
        let driver = try driver(of: place, replica: replica, logger: logger)
        let store = FleetStore(driver: driver, replica: replica, logger: logger, clock: clock)
        do throws(StoreError) {
            let keyType = driver.keyType
            try await driver.write(durably: true) { (session) throws(StoreError) in
                try schema.apply(to: session, keyType: keyType)
            }
            if !driver.isShared {
                // Nobody else can be alive who holds one.
                try await driver.write(durably: true) { (session) throws(StoreError) in
                    try session.run("DELETE FROM leases")
                }
            }
            store.position.store(try await store.lastChange(), ordering: .relaxed)
        } catch {
            await driver.close()
            throw error
        }
        return store
    }

    static func driver(
        of place: StorePlace, replica: String, logger: Logger
    ) throws(StoreError) -> any StoreDriver {
        switch place {
        case .sqlite(let path): try SQLiteDriver(path: path)
        case .memory: try SQLiteDriver(path: nil)
        case .postgres(let url): try PostgresDriver(url: url, name: replica, logger: logger)
        }
    }

    /// The name of the replica that has or had a life.
    public static func replica(ofLife life: String) -> String {
        life.lastIndex(of: "#").map { String(life[..<$0]) } ?? life
    }

    /// Whether other managers may use the same store, so that their changes have to be looked for.
    public var isShared: Bool { driver.isShared }

    /// Ends all streams of changes and lets go of the database; every later call throws `.closed`.
    public func close() async {
        feed.close()
        await driver.close()
    }

    /// What changes from now on, by this replica at once and by others with `poll`.
    public func changes() -> AsyncStream<StoreChange> { feed.listen() }

    /// Looks for changes by other replicas and tells those who listen to `changes()`.
    ///
    /// To be called each second; does nothing where the store is not shared.
    public func poll() async throws(StoreError) {
        guard driver.isShared else { return }
        let (writer, position) = (writer, position.load(ordering: .relaxed))
        let last = try await lastChange()
        guard last > position else { return }
        guard last - position < StoreLimits.notes else {
            self.position.store(last, ordering: .relaxed)
            return feed.tell([.everything])
        }
        let changes = try await driver.read { (session) throws(StoreError) in
            try session.rows(
                """
                SELECT scope, id FROM notes WHERE change > ? AND change <= ? AND writer <> ? ORDER BY change
                """,
                [.integer(position), .integer(last), .text(writer)]
            ).map { (row) throws(StoreError) in StoreChange(scope: try row.text(0), id: try row.text(1)) }
        }
        self.position.store(last, ordering: .relaxed)
        feed.tell(changes)
    }

    /// The number of the last change by anybody.
    func lastChange() async throws(StoreError) -> Int64 {
        try await driver.read { (session) throws(StoreError) in
            let rows = try session.rows("SELECT value FROM counters WHERE name = 'change'", [])
            guard let row = rows.first else { throw .damaged("the counter of changes is missing") }
            return try row.integer(0)
        }
    }

    /// Changes the store: everything `body` does, or nothing.
    func change<Answer: Sendable>(
        durably: Bool = true,
        _ body: @escaping @Sendable (inout StoreTransaction) throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        let (writer, clock, isShared) = (writer, clock, driver.isShared)
        let (answer, changes) = try await driver.write(durably: durably) { (session) throws(StoreError) in
            var transaction = try StoreTransaction(session, writer: writer, clock: clock)
            let answer = try body(&transaction)
            if isShared { try transaction.leaveNotes() }
            return (answer, transaction.changes)
        }
        feed.tell(changes)
        return answer
    }

    /// A limit as asked for, within what an answer may have.
    static func rows(_ limit: Int) -> SQLValue {
        .integer(Int64(min(max(limit, 0), StoreLimits.rowsPerAnswer)))
    }

    static func check(_ bytes: Int, _ limit: Int, _ what: @autoclosure () -> String) throws(StoreError) {
        guard bytes <= limit else {
            throw .tooLarge("\(what()) has \(bytes) bytes, at most \(limit) are taken")
        }
    }
}
