internal import NIOCore
internal import Pipeline
internal import Telemetry

/// The bookkeeping of a queue: what waits, what is under way, what fits.
///
/// Events in, decisions out.
struct QueueState: Sendable {
    /// What to do with a batch that was offered.
    enum Offer {
        /// It is queued; the entry, when there is one, is to be sent now. It is as safe as it gets, unless it
        /// waits for the disk.
        case accepted(start: QueueEntry?, waitsForDisk: Bool)
        /// It is queued in the place of older batches, which are given up.
        case displaced([QueueEntry], start: QueueEntry?)
        /// It waits for room; the receipt is resolved when it has been taken in.
        case waiting(PendingReceipt)
        case full
        case closed
        /// Another queue has taken the place of this one.
        case moved(DeliveryQueue)
    }

    /// What follows from a batch that is done.
    struct Step {
        /// Goes on in the task of the batch that is done.
        var next: QueueEntry?
        /// Need tasks of their own.
        var started: [QueueEntry] = []
        var admitted: [(entry: QueueEntry, admission: PendingReceipt, waitsForDisk: Bool)] = []
        var idle: Gate?
    }

    /// What is left when the time is over.
    struct Remains {
        /// Will be sent after the next start.
        var spilled: [QueueEntry] = []
        var lost: [QueueEntry] = []
        var waiting: [(entry: QueueEntry, admission: PendingReceipt)] = []
        var tasks: [Task<Void, Never>] = []
    }

    let settings: QueueSettings
    private var store: QueueStore?
    var queued = CircularBuffer<QueueEntry>()
    var waiting = CircularBuffer<(entry: QueueEntry, admission: PendingReceipt)>()
    /// Running sending tasks; `nil` between the decision to start one and its existence.
    private var tasks: [Int: Task<Void, Never>?] = [:]
    private var sleepers: [Int: Task<Void, Never>] = [:]
    var lastNumber = 0
    private var idle: Gate?
    private(set) var isAbandoned = false
    /// The queue that has taken over, which gets whatever comes here.
    var successor: DeliveryQueue?
    /// Bytes of waiting batches in memory; read without the lock of the queue, too.
    let residentBytes = Balance()
    /// Occupied room, in the unit of the sizer; batches under way count.
    var size = 0
    private(set) var inFlight = 0
    /// How many batches may be under way, when that follows what the other side can take.
    private var adaptive: AdaptiveLimit?

    init(_ settings: DeliverySettings) {
        self.settings = settings.sendingQueue
        guard settings.sendingQueue.enabled, settings.adaptiveConcurrency.enabled else { return }
        adaptive = AdaptiveLimit(
            minimum: settings.adaptiveConcurrency.min, maximum: settings.sendingQueue.numConsumers)
    }

    /// How many batches may be under way.
    var limit: Int { settings.enabled ? adaptive?.value ?? settings.numConsumers : .max }

    var isClosing: Bool { idle != nil }

    // MARK: - Offers

    mutating func offer(_ entry: consuming QueueEntry) -> Offer {
        if let successor { return .moved(successor) }
        guard idle == nil else {
            entry.account.enter(.refused, entry.items)
            return .closed
        }
        entry.room = room(for: entry)
        guard !settings.enabled || (fits(entry.room) && waiting.isEmpty) else { return overflow(entry) }
        let waitsForDisk = admit(entry)
        return .accepted(start: takeNext(), waitsForDisk: waitsForDisk)
    }

    private mutating func overflow(_ entry: consuming QueueEntry) -> Offer {
        switch settings.overflowPolicy {
        case .block:
            // Bounded by the senders: each of them has one batch here and no answer.
            let admission = PendingReceipt()
            entry.account.enter(.waiting, entry.items)
            waiting.append((entry, admission))
            return .waiting(admission)
        case .dropOldest:
            guard let oldest = displace(room: size + entry.room - settings.queueSize) else { break }
            admit(entry)
            return .displaced(oldest, start: takeNext())
        case .spill:
            guard let store, store.hasRoom(for: entry.bytes) else { break }
            entry.room = 0
            let waitsForDisk = admit(entry)
            return .accepted(start: takeNext(), waitsForDisk: waitsForDisk)
        case .dropNewest:
            break
        }
        entry.account.enter(.refused, entry.items)
        return .full
    }

    @discardableResult
    private mutating func admit(_ entry: consuming QueueEntry) -> Bool {
        entry.account.enter(.queued, entry.items)
        return enqueue(entry)
    }

    /// Puts an entry at the end; returns whether it is safe only when the disk has it, where there is one.
    @discardableResult
    mutating func enqueue(_ entry: consuming QueueEntry) -> Bool {
        lastNumber += 1
        entry.number = lastNumber
        size += entry.room
        let isSpilled = settings.overflow == .spill && entry.room == 0
        let waitsForDisk = isSpilled || keepsOnDisk(entry)
        if entry.stored == nil, let store, let batch = entry.batch, waitsForDisk {
            entry.stored = store.write(batch, lastNumber, entry.claims)
            // Where memory is what is short, only the disk keeps it.
            if isSpilled { entry.batch = nil }
        }
        if entry.batch != nil { residentBytes.add(entry.bytes) }
        queued.append(entry)
        return waitsForDisk
    }

    /// Whether an entry that the queue has room for is written too: with `spill` the queue asks for no more
    /// than its memory, so only for somebody who says so himself.
    private func keepsOnDisk(_ entry: borrowing QueueEntry) -> Bool {
        settings.overflow != .spill || entry.claims?.wantsDisk == true
    }

    /// Gives up as few of the oldest waiting batches as make `missing` room.
    ///
    /// `nil` when all of them would not be enough, because what is under way takes the room.
    private mutating func displace(room missing: Int) -> [QueueEntry]? {
        var missing = missing
        var count = 0
        for old in queued where missing > 0 {
            missing -= old.room
            count += 1
        }
        guard missing <= 0 else { return nil }
        return displaceFirst(count)
    }

    private mutating func displaceFirst(_ count: Int) -> [QueueEntry] {
        let oldest = Array(queued.prefix(count))
        queued.removeFirst(count)
        for old in oldest {
            forget(old)
            size -= old.room
            old.giveUp(from: .queued, to: .overflowed)
        }
        return oldest
    }

    // MARK: - Sending

    /// The oldest batch, when one more may be under way.
    mutating func takeNext() -> QueueEntry? {
        guard inFlight < limit, let next = queued.popFirst() else { return nil }
        forget(next)
        inFlight += 1
        next.account.move(next.items, from: .queued, to: .inFlight)
        return next
    }

    mutating func forget(_ entry: borrowing QueueEntry) {
        if entry.batch != nil { residentBytes.add(-entry.bytes) }
    }

    /// The other side did not take a batch for now that was sent at `start`.
    mutating func failed(startedAt start: Instant, at now: Instant) {
        adaptive?.failed(startedAt: start, at: now)
    }

    /// An entry has ended; `latency` is that of the answer, when there was one.
    mutating func finish(_ entry: borrowing QueueEntry, latency: Duration?, at now: Instant) -> Step {
        if let latency { adaptive?.succeeded(latency: latency, inFlight: inFlight, at: now) }
        size -= entry.room
        inFlight -= 1
        var step = Step()
        admitWaiting(&step)
        step.next = takeNext()
        while let more = takeNext() { step.started.append(more) }
        if inFlight == 0 { step.idle = idle }
        return step
    }

    // MARK: - The disk

    /// From now on batches are kept on disk; `entries` are those that were there before.
    mutating func use(_ store: QueueStore, restoring entries: [QueueEntry]) -> [QueueEntry] {
        self.store = store
        for var entry in entries {
            // What does not fit in the queue is there all the same, and nothing new is taken before it fits.
            entry.room = settings.overflow == .spill ? 0 : room(for: entry)
            admit(entry)
        }
        var started: [QueueEntry] = []
        while let first = takeNext() { started.append(first) }
        return started
    }

    /// The entry `number` is on disk, and its batch leaves the memory.
    mutating func evict(_ number: Int) {
        guard let index = index(of: number), queued[index].batch != nil else { return }
        forget(queued[index])
        queued[index].batch = nil
    }

    /// The entry `number` could not be written; returns it when it is taken back, because everybody whose
    /// telemetry is in it surely waits for an answer and may get a refusal.
    mutating func withdraw(_ number: Int) -> QueueEntry? {
        guard settings.overflowPolicy != .block, let index = index(of: number),
            let claims = queued[index].claims, claims.surelyClaimedItems >= queued[index].items
        else { return nil }
        let entry = queued.remove(at: index)
        forget(entry)
        size -= entry.room
        entry.giveUp(from: .queued, to: .overflowed)
        return entry
    }

    /// Gives up the oldest waiting batches until they make up `bytes`.
    mutating func displace(bytes: Int) -> [QueueEntry] {
        var missing = bytes
        var count = 0
        for old in queued where missing > 0 {
            missing -= old.bytes
            count += 1
        }
        return displaceFirst(count)
    }

    private func index(of number: Int) -> CircularBuffer<QueueEntry>.Index? {
        // The numbers grow from the front to the back.
        var low = queued.startIndex
        var count = queued.count
        while count > 0 {
            let half = count / 2
            let middle = queued.index(low, offsetBy: half)
            if queued[middle].number < number {
                low = queued.index(after: middle)
                count -= half + 1
            } else {
                count = half
            }
        }
        return low < queued.endIndex && queued[low].number == number ? low : nil
    }

    // MARK: - The end

    /// Ends the intake and wakes who sleeps between attempts; the gate opens when nothing is left.
    mutating func close() -> Gate {
        let gate = idle ?? Gate()
        idle = gate
        wakeSleepers()
        if inFlight == 0 { gate.open() }
        return gate
    }

    /// Ends the sending: what the disk has or can take stays there, the rest is given up; the tasks are for
    /// the caller to cancel.
    mutating func abandon() -> Remains {
        isAbandoned = true
        var remains = Remains(tasks: tasks.values.compactMap { $0 })
        for var entry in queued {
            forget(entry)
            size -= entry.room
            if entry.stored == nil, let store, let batch = entry.batch {
                entry.stored = store.write(batch, entry.number, entry.claims)
            }
            if entry.stored != nil {
                entry.spill(from: .queued)
                remains.spilled.append(entry)
            } else {
                entry.giveUp(from: .queued, to: .lost)
                remains.lost.append(entry)
            }
        }
        for (entry, _) in waiting { entry.account.move(entry.items, from: .waiting, to: .refused) }
        remains.waiting = Array(waiting)
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

    func wakeSleepers() {
        for sleeper in sleepers.values { sleeper.cancel() }
    }

    mutating func removeSleeper(_ number: Int) {
        sleepers[number] = nil
    }

    // MARK: - Room

    func fits(_ room: Int) -> Bool {
        // A batch larger than the whole queue passes alone, or it could never be delivered.
        size == 0 || size + room <= settings.queueSize
    }

    func room(for entry: borrowing QueueEntry) -> Int {
        switch settings.sizer {
        case .requests: 1
        case .items: entry.items
        case .bytes: entry.bytes
        }
    }
}
