internal import Glibc
internal import Synchronization
internal import Telemetry
internal import Wire

/// A record that waits to be written.
struct SpoolAppend: Sendable {
    let record: SpoolRecord
    let whenWritten: @Sendable (SpoolError?) -> Void
}

/// Somebody who waits for a record to be read back.
struct SpoolRead: Sendable {
    let record: SpoolRecord
    let location: SpoolLocation
    let answer: CheckedContinuation<Result<SpoolRecord.Content, SpoolError>, Never>
}

/// What a spool's thread has to do next.
struct SpoolWork: Sendable {
    var appends: [SpoolAppend] = []
    var completions: [SpoolLocation] = []
    var reads: [SpoolRead] = []
    var synchronize = false
    /// There will be no more after this.
    var isLast = false

    /// Whether somebody waits for it who cannot be served by anything else.
    var isUrgent: Bool { !reads.isEmpty || synchronize || isLast }
}

/// How other threads hand work to the thread of a spool, which takes all of it at once.
///
/// Nobody but the thread ever waits here, and it is woken only when it sleeps.
final class SpoolMailbox: Sendable {
    private enum Sleep {
        case awake
        /// Until anything comes.
        case open
        /// For a moment, with completions at hand; what comes to be written, or is urgent, ends it.
        case brief
        /// For a moment, with records to write at hand; only what is urgent ends it.
        case gathering
    }

    private struct State {
        var work = SpoolWork()
        var sleep = Sleep.awake
        var isClosed = false
    }

    /// How long completions wait for company, in milliseconds.
    ///
    /// It bounds what is delivered twice after the process was killed; a wake-up for each completion would
    /// cost more than all of its writing.
    private static let patience: Int32 = 10
    /// How long records wait for company, in milliseconds.
    ///
    /// It makes senders wait a little longer and saves most of the writing: what a healthy backend has taken
    /// meanwhile needs no disk.
    private static let gathering: Int32 = 2

    private let state = Mutex(State())
    /// A pipe: a byte in it wakes the thread.
    private let bell: (hear: Int32, ring: Int32)

    init() throws(FileError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw FileError("make a pipe for", "a spool") }
        bell = (ends[0], ends[1])
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
    }

    deinit {
        close(bell.hear)
        close(bell.ring)
    }

    /// Hands work in; `false` when the thread has ended or is about to.
    func post(_ change: (inout SpoolWork) -> Void) -> Bool {
        let (isOpen, isAsleep) = state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            change(&state.work)
            state.isClosed = state.work.isLast
            let wakes =
                switch state.sleep {
                case .awake: false
                case .open: true
                case .brief: state.work.isUrgent || !state.work.appends.isEmpty
                case .gathering: state.work.isUrgent
                }
            if wakes { state.sleep = .awake }
            return (true, wakes)
        }
        if isAsleep { ring() }
        return isOpen
    }

    /// Waits for work and takes it; without any it returns after `timeout` milliseconds, or never if that is
    /// negative.
    func take(timeout: Int32) -> SpoolWork {
        var hasWaited = false
        var hasGathered = false
        while true {
            let (work, sleep) = state.withLock { state -> (SpoolWork?, Sleep) in
                let hasAppends = !state.work.appends.isEmpty
                if state.work.isUrgent || hasWaited || hasAppends && hasGathered {
                    state.sleep = .awake
                    defer { state.work = SpoolWork() }
                    return (state.work, .awake)
                }
                state.sleep = hasAppends ? .gathering : state.work.completions.isEmpty ? .open : .brief
                return (nil, state.sleep)
            }
            if let work { return work }
            switch sleep {
            // What wakes the thread may have to wait a little longer.
            case .open: hasWaited = !wait(timeout)
            case .brief: hasWaited = !wait(Self.patience)
            case .gathering, .awake:
                wait(Self.gathering)
                hasGathered = true
            }
        }
    }

    private func ring() {
        var byte: UInt8 = 1
        // A pipe that is full wakes as well.
        _ = Glibc.write(bell.ring, &byte, 1)
    }

    /// Waits for the bell; `false` when it did not ring.
    @discardableResult
    private func wait(_ timeout: Int32) -> Bool {
        var waiting = pollfd(fd: bell.hear, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, timeout) > 0 else { return false }
        var bytes: UInt64 = 0
        _ = Glibc.read(bell.hear, &bytes, 8)
        return true
    }
}
