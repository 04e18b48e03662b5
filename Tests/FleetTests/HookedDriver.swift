import Synchronization

@testable import FleetStore

/// A database that lets a test do something before each read or write.
final class HookedDriver: StoreDriver {
    typealias Hook = @Sendable (_ durably: Bool) async throws(StoreError) -> Void

    private let driver: any StoreDriver
    private let hook = Mutex<Hook?>(nil)
    private let readHook = Mutex<(@Sendable () -> Void)?>(nil)

    init(_ driver: any StoreDriver) { self.driver = driver }

    var isShared: Bool { driver.isShared }
    var keyType: String { driver.keyType }

    func beforeWrites(_ body: @escaping Hook) { hook.withLock { $0 = body } }

    func beforeReads(_ body: @escaping @Sendable () -> Void) { readHook.withLock { $0 = body } }

    /// As `beforeWrites`, only before the first write that has to be on the disk.
    func beforeDurableWrite(_ body: @escaping @Sendable () async throws(StoreError) -> Void) {
        let isDone = Mutexed(false)
        beforeWrites { (durably) throws(StoreError) in
            let isFirst = isDone.withLock { isDone in
                defer { isDone = isDone || durably }
                return durably && !isDone
            }
            if isFirst { try await body() }
        }
    }

    func read<Answer: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        readHook.withLock { $0 }?()
        return try await driver.read(body)
    }

    func write<Answer: Sendable>(
        durably: Bool, _ body: @escaping @Sendable (any SQLSession) throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        try await hook.withLock { $0 }?(durably)
        return try await driver.write(durably: durably, body)
    }

    func close() async { await driver.close() }
}
