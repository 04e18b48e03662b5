internal import FleetStore
internal import Logging
internal import Pipeline

/// Keeps what is in memory as the store has it.
struct StoreFollower: Sendable {
    /// From the beginning, so that nothing is missed that changes while the rest is read.
    private let changes: AsyncStream<StoreChange>
    let clock: any PipelineClock
    let logger: Logger
    /// Whether others write what this manager has in memory; where nobody shares the store, all of it goes
    /// through this memory, and reading it again would only cost time.
    var isNeeded: Bool

    init(store: FleetStore, clock: any PipelineClock, logger: Logger) {
        changes = store.changes()
        self.clock = clock
        self.logger = logger
        isNeeded = store.isShared
    }

    /// Hands every change since this was made to `apply`, until the task is cancelled or the store closed.
    ///
    /// One that fails is tried again each second, since a token that was revoked must not stay valid because
    /// of one lost answer.
    ///
    /// To be called once.
    func follow(_ apply: (StoreChange) async throws(StoreError) -> Void) async {
        for await change in changes where isNeeded {
            while !Task.isCancelled {
                do throws(StoreError) {
                    try await apply(change)
                    break
                } catch .closed {
                    return
                } catch {
                    logger.warning("a change in the store could not be read: \(error)")
                    do { try await clock.sleep(for: .seconds(1)) } catch { return }
                }
            }
        }
    }
}
