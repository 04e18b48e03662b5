internal import Logging
internal import Pipeline
internal import Synchronization

/// How a queue takes the place of another one in front of the same exporter, whose settings have changed.
extension DeliveryQueue {
    /// Takes over everything that `predecessor` holds.
    ///
    /// That is what waits, the senders that wait for room, its disk and its dead letters. What it is sending
    /// it sends to the end, and what fails then comes here. Whatever is still offered to it goes on to this
    /// queue, so there is no moment at which data could be refused or lost. Nothing can fail.
    public func adopt(_ predecessor: DeliveryQueue) {
        let content = predecessor.state.withLock { $0.handOver(to: self) }
        adoptStore(of: predecessor)
        if sharesDeadLetters(with: predecessor) {
            let handed = predecessor.letters.withLock { letters in
                defer { letters = nil }
                return letters
            }
            letters.withLock { $0 = handed }
        }
        go(on: state.withLock { $0.adopt(content) })
    }

    private func adoptStore(of predecessor: DeliveryQueue) {
        let handed = predecessor.takeStores()
        if let storage = surroundings.storage,
            let former = handed.first(where: { $0.directory == storage.spool.directory })
        {
            found.withLock { $0 = predecessor.recovered }
            former.leaveSpool()
            let store = QueueStore(
                former.spool, storage.spool, overflow: settings.sendingQueue.overflowPolicy,
                surroundings: surroundings, hooks: hooks)
            self.store.withLock { $0 = store }
            for entry in state.withLock({ $0.use(store, restoring: []) }) { start(entry) }
        }
        for former in handed {
            guard let directory = former.directory else { continue }
            surroundings.logger.warning(
                "the queue has another place now; what is in the old one is sent from there",
                metadata: ["directory": "\(directory)"])
        }
        formerStores.withLock { $0 = handed.filter { !$0.isFinished } }
    }

    /// Lets go of every store, the newest first.
    private func takeStores() -> [QueueStore] {
        let own = store.withLock { store in
            defer { store = nil }
            return store
        }
        let former = formerStores.withLock { stores in
            defer { stores = [] }
            return stores
        }
        return [own].compactMap { $0 } + former
    }

    /// Whether the other queue has the directory open in which this one keeps its batches; only one can.
    func sharesStorage(with other: DeliveryQueue?) -> Bool {
        guard let own = surroundings.storage, let other else { return false }
        let stores = [other.store.withLock { $0 }].compactMap { $0 } + other.formerStores.withLock { $0 }
        return stores.contains { $0.directory == own.spool.directory }
    }

    /// Whether both queues keep their dead letters in the same directory.
    func sharesDeadLetters(with other: DeliveryQueue?) -> Bool {
        guard let own = surroundings.deadLetters, let others = other?.surroundings.deadLetters else {
            return false
        }
        return own.spool.directory == others.spool.directory
    }

    /// The queue that has taken over from this one.
    private var successor: DeliveryQueue? { state.withLock { $0.successor } }

    /// Gives an entry that is under way to the queue that has taken over; `false` when there is none.
    func passOn(_ entry: QueueEntry) -> Bool {
        guard let successor else { return false }
        for next in successor.state.withLock({ $0.takeBack(entry) }) { successor.start(next) }
        return true
    }
}
