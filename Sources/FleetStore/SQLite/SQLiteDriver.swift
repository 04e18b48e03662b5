internal import GRDB
internal import Glibc
internal import Synchronization

/// SQLite by GRDB: one connection that writes, two that read beside it.
final class SQLiteDriver: StoreDriver {
    let isShared: Bool
    let keyType = "TEXT"

    /// What one connection keeps of the file at most, in KiB.
    private static let cacheKiB = 32 << 10
    /// Pages of 4 KiB that wait in the log before they go into the file.
    private static let pagesPerCheckpoint = 16_384

    private let database: any DatabaseWriter
    /// Held for as long as the store is open; `nil` in memory and when it is closed.
    private let lock: Mutex<Int32?>
    private let isClosed = Atomic(false)

    /// Opens a file, or memory where `path` is `nil`; tests may say that others use it too.
    init(path: String?, isShared: Bool = false) throws(StoreError) {
        self.isShared = isShared
        lock = Mutex(try path.map { (path) throws(StoreError) in try Self.take(path) })
        do {
            var configuration = GRDB.Configuration()
            configuration.busyMode = .timeout(5)
            configuration.maximumReaderCount = 2
            configuration.label = "fleet store"
            configuration.prepareDatabase { database in
                // A fleet that changes at once touches many pages of its tables and their indexes more than
                // once: they stay in memory, and go into the file when there is something to gain by it.
                try database.execute(sql: "PRAGMA cache_size = -\(Self.cacheKiB)")
                try database.execute(sql: "PRAGMA wal_autocheckpoint = \(Self.pagesPerCheckpoint)")
            }
            if let path {
                database = try DatabasePool(path: path, configuration: configuration)
            } else {
                database = try DatabaseQueue(configuration: configuration)
            }
        } catch {
            lock.withLock { if let descriptor = $0 { Glibc.close(descriptor) } }
            throw .cannotOpen("\(path ?? "memory"): \(SQLiteSession.failure(error))")
        }
    }

    /// Makes the file for its owner only, before SQLite would make it for everybody, and the lock beside it.
    private static func take(_ path: String) throws(StoreError) -> Int32 {
        func failure() -> StoreError { .cannotOpen("\(path): \(String(cString: strerror(errno)))") }
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure() }
        Glibc.close(file)
        let lock = open("\(path)-lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw failure() }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            Glibc.close(lock)
            throw .cannotOpen("\(path) is used by another fleet manager; several share PostgreSQL only")
        }
        return lock
    }

    func read<Answer: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        guard isOpen else { throw .closed }
        let result: Result<Answer, StoreError> = await withCheckedContinuation { continuation in
            database.asyncRead { access in
                switch access {
                case .success(let database):
                    continuation.resume(
                        returning: Self.result { () throws(StoreError) in
                            try body(SQLiteSession(database: database))
                        })
                case .failure(let error):
                    continuation.resume(returning: .failure(SQLiteSession.failure(error)))
                }
            }
        }
        return try result.get()
    }

    func write<Answer: Sendable>(
        durably: Bool, _ body: @escaping @Sendable (any SQLSession) throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        guard isOpen else { throw .closed }
        let result: Result<Answer, StoreError> = await withCheckedContinuation { continuation in
            database.asyncWriteWithoutTransaction { database in
                continuation.resume(
                    returning: Self.result { () throws(StoreError) in
                        try Self.transaction(database, durably: durably, body)
                    })
            }
        }
        return try result.get()
    }

    private var isOpen: Bool { !isClosed.load(ordering: .relaxed) }

    func close() async {
        isClosed.store(true, ordering: .relaxed)
        // Whatever it says, there is nothing to be done about it, and the lock has to go.
        do { try database.close() } catch {}
        lock.withLock { lock in
            if let descriptor = lock { Glibc.close(descriptor) }
            lock = nil
        }
    }

    private static func transaction<Answer>(
        _ database: Database, durably: Bool, _ body: (any SQLSession) throws(StoreError) -> Answer
    ) throws(StoreError) -> Answer {
        let session = SQLiteSession(database: database)
        // Without a full synchronization a crash of the machine may lose the last transactions, in order, and
        // the next full one brings them to the disk too.
        try session.run("PRAGMA synchronous = \(durably ? "FULL" : "NORMAL")")
        do {
            try database.beginTransaction(.immediate)
        } catch {
            throw SQLiteSession.failure(error)
        }
        do throws(StoreError) {
            let answer = try body(session)
            do { try database.commit() } catch { throw SQLiteSession.failure(error) }
            return answer
        } catch {
            // A transaction that cannot be taken back is taken back by SQLite when the next one begins.
            if database.isInsideTransaction { do { try database.rollback() } catch {} }
            throw error
        }
    }

    private static func result<Answer>(
        _ body: () throws(StoreError) -> Answer
    ) -> Result<Answer, StoreError> {
        do throws(StoreError) { return .success(try body()) } catch { return .failure(error) }
    }
}
