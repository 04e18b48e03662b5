internal import NIOCore
internal import Pipeline
internal import Telemetry

/// The bookkeeping of a queue: what waits, what is under way, what fits.
///
/// Events in, decisions out.
struct QueueState: Sendable {
    /// What to do with a batch that was offered.
    enum Offer {
        /// Send it now.
        case start
        case queued
        /// It is queued in the place of older batches, which are given up.
        case displaced([QueueEntry])
        /// It waits for room; the receipt is resolved when it has been taken in.
        case waiting(PendingReceipt)
        case full
        case closed
    }

    /// What follows from a batch that is done.
    struct Step {
        var next: QueueEntry?
        var admitted: [(entry: QueueEntry, admission: PendingReceipt)] = []
        var idle: Gate?
    }

    /// What is left when the time is over.
    struct Remains {
        let queued: [QueueEntry]
        let waiting: [(entry: QueueEntry, admission: PendingReceipt)]
        let tasks: [Task<Void, Never>]
    }

    private let settings: QueueSettings
    private var queued = CircularBuffer<QueueEntry>()
    private var waiting = CircularBuffer<(entry: QueueEntry, admission: PendingReceipt)>()
    /// Running sending tasks; `nil` between the decision to start one and its existence.
    private var tasks: [Int: Task<Void, Never>?] = [:]
    private var sleepers: [Int: Task<Void, Never>] = [:]
    private var lastNumber = 0
    private var idle: Gate?
    private var isAbandoned = false
    /// Occupied room, in the unit of the sizer; batches under way count.
    private(set) var size = 0
    private(set) var inFlight = 0

    init(_ settings: QueueSettings) {
        self.settings = settings
    }

    mutating func offer(_ entry: QueueEntry) -> Offer {
        guard idle == nil else {
            entry.account.enter(.refused, entry.items)
            return .closed
        }
        guard !settings.enabled || (fits(entry) && waiting.isEmpty) else { return overflow(entry) }
        size += room(for: entry)
        guard !settings.enabled || inFlight < settings.numConsumers else {
            queued.append(entry)
            entry.account.enter(.queued, entry.items)
            return .queued
        }
        inFlight += 1
        entry.account.enter(.inFlight, entry.items)
        return .start
    }

    private mutating func overflow(_ entry: QueueEntry) -> Offer {
        switch settings.overflowPolicy {
        case .block:
            // Bounded by the senders: each of them has one batch here and no answer.
            let admission = PendingReceipt()
            waiting.append((entry, admission))
            entry.account.enter(.waiting, entry.items)
            return .waiting(admission)
        case .dropOldest:
            guard let oldest = displace(for: entry) else { break }
            return .displaced(oldest)
        case .dropNewest:
            break
        }
        entry.account.enter(.refused, entry.items)
        return .full
    }

    /// Queues `entry` in the place of as few of the oldest waiting batches as possible; `nil` when it would
    /// not fit without all of them either, because what is under way takes the room.
    ///
    /// Their senders have had their answer: this policy excludes waiting for the result.
    private mutating func displace(for entry: QueueEntry) -> [QueueEntry]? {
        var missing = size + room(for: entry) - settings.queueSize
        var count = 0
        for old in queued where missing > 0 {
            missing -= room(for: old)
            count += 1
        }
        guard missing <= 0 else { return nil }
        let oldest = Array(queued.prefix(count))
        queued.removeFirst(count)
        for old in oldest {
            size -= room(for: old)
            old.account.move(old.items, from: .queued, to: .overflowed)
        }
        size += room(for: entry)
        queued.append(entry)
        entry.account.enter(.queued, entry.items)
        return oldest
    }

    mutating func finish(_ entry: QueueEntry) -> Step {
        size -= room(for: entry)
        var step = Step()
        while let first = waiting.first, fits(first.entry) {
            waiting.removeFirst()
            size += room(for: first.entry)
            queued.append(first.entry)
            first.entry.account.move(first.entry.items, from: .waiting, to: .queued)
            step.admitted.append(first)
        }
        step.next = queued.popFirst()
        if let next = step.next {
            next.account.move(next.items, from: .queued, to: .inFlight)
        } else {
            inFlight -= 1
            if inFlight == 0 { step.idle = idle }
        }
        return step
    }

    // MARK: - The end

    /// Ends the intake and wakes who sleeps between attempts; the gate opens when nothing is left.
    mutating func close() -> Gate {
        let gate = idle ?? Gate()
        idle = gate
        for sleeper in sleepers.values { sleeper.cancel() }
        if inFlight == 0 { gate.open() }
        return gate
    }

    /// Gives up everything that is not under way; the tasks are for the caller to cancel.
    mutating func abandon() -> Remains {
        isAbandoned = true
        for entry in queued {
            size -= room(for: entry)
            entry.account.move(entry.items, from: .queued, to: .lost)
        }
        for (entry, _) in waiting { entry.account.move(entry.items, from: .waiting, to: .refused) }
        let remains = Remains(
            queued: Array(queued), waiting: Array(waiting), tasks: tasks.values.compactMap { $0 })
        queued.removeAll()
        waiting.removeAll()
        return remains
    }

    // MARK: - Tasks

    mutating func beginTask() -> Int {
        lastNumber += 1
        tasks[lastNumber] = .some(nil)
        return lastNumber
    }

    /// Remembers the task, unless it has ended already.
    mutating func attach(_ task: Task<Void, Never>, to number: Int) {
        guard tasks[number] != nil else { return }
        tasks[number] = task
        if isAbandoned { task.cancel() }
    }

    mutating func endTask(_ number: Int) {
        tasks[number] = nil
    }

    mutating func addSleeper(_ sleeper: Task<Void, Never>) -> Int {
        lastNumber += 1
        sleepers[lastNumber] = sleeper
        if isAbandoned { sleeper.cancel() }
        return lastNumber
    }

    mutating func removeSleeper(_ number: Int) {
        sleepers[number] = nil
    }

    // MARK: - Room

    private func fits(_ entry: QueueEntry) -> Bool {
        // A batch larger than the whole queue passes alone, or it could never be delivered.
        size == 0 || size + room(for: entry) <= settings.queueSize
    }

    private func room(for entry: QueueEntry) -> Int {
        switch settings.sizer {
        case .requests: 1
        case .items: entry.batch.itemCount
        case .bytes: entry.batch.byteCount
        }
    }
}
