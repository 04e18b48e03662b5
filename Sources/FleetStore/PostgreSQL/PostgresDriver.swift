internal import Logging
internal import Synchronization

/// PostgreSQL by libpq: some threads with a connection each, so that nobody else waits for the network.
final class PostgresDriver: StoreDriver {
    let isShared = true
    let keyType = "TEXT COLLATE \"C\""

    private static let workers = 3

    private let queue = WorkQueue<PostgresConnection>()
    private let logger: Logger

    init(url: String, name: String, logger: Logger) throws(StoreError) {
        let url = try PostgresURL(url)
        self.logger = logger
        for _ in 0..<Self.workers {
            do throws(StoreError) {
                try OwnThread.start(for: "PostgreSQL") { [queue] in
                    let connection = PostgresConnection(url: url, name: "apus fleet \(name)")
                    while let job = queue.next() { job(connection) }
                }
            } catch {
                queue.close(workers: Self.workers)
                throw error
            }
        }
    }

    deinit { queue.close(workers: Self.workers) }

    func read<Answer: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        try await work { (connection) throws(StoreError) in try body(connection) }
    }

    func write<Answer: Sendable>(
        durably: Bool, _ body: @escaping @Sendable (any SQLSession) throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        try await work { (connection) throws(StoreError) in
            try connection.run("BEGIN")
            let answer: Answer
            do throws(StoreError) {
                if !durably { try connection.run("SET LOCAL synchronous_commit = off") }
                answer = try body(connection)
            } catch {
                // A connection that cannot take a transaction back is given up, which takes it back too.
                do throws(StoreError) { try connection.run("ROLLBACK") } catch { connection.disconnect() }
                throw error
            }
            do throws(StoreError) {
                try connection.run("COMMIT")
            } catch {
                guard case .unreachable(let reason) = error else { throw error }
                throw .uncertain(reason)
            }
            return answer
        }
    }

    func close() async { queue.close(workers: Self.workers) }

    /// Runs `body` on a connection, once more on a new one when the old one was lost before.
    private func work<Answer: Sendable>(
        _ body: @escaping @Sendable (PostgresConnection) throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        let result: Result<Answer, StoreError> = await withCheckedContinuation { continuation in
            let isOpen = queue.add { [logger] connection in
                continuation.resume(returning: Self.run(body, on: connection, logger))
            }
            if !isOpen { continuation.resume(returning: .failure(.closed)) }
        }
        return try result.get()
    }

    private static func run<Answer>(
        _ body: (PostgresConnection) throws(StoreError) -> Answer, on connection: PostgresConnection,
        _ logger: Logger
    ) -> Result<Answer, StoreError> {
        do throws(StoreError) {
            let wasConnected = connection.isConnected
            try connection.connect()
            do throws(StoreError) {
                return .success(try body(connection))
            } catch {
                // An old connection may have been cut since it was used last; that says nothing of now.
                guard wasConnected, case .unreachable = error, !connection.isConnected else { throw error }
                logger.info(
                    "the connection to the store was lost, connecting again", metadata: ["error": "\(error)"])
                try connection.connect()
                return .success(try body(connection))
            }
        } catch {
            return .failure(error)
        }
    }
}
