internal import NIOCore
internal import Synchronization
public import Wire

/// An answer whose body is sent piece by piece: over HTTP/1.1 in chunks, over HTTP/2 in frames.
///
/// Bounded: what has been handed over and is not with the operating system yet never exceeds `bound` bytes,
/// except for one chunk that is larger by itself. Usable from any thread. A stream that goes away without
/// `finish()` is finished.
public final class ResponseStream: Sendable {
    /// The bytes that may wait to be sent.
    public static let defaultBound = 256 << 10

    let state: ResponseStreamState

    init(_ state: ResponseStreamState) { self.state = state }

    deinit { state.finish() }

    /// Sends the next piece of the body.
    ///
    /// - Returns: whether it was taken: `false` when the stream has ended, and when it would have more than
    ///   `bound` bytes waiting, which passes when the client reads on.
    public func send(_ chunk: Bytes) -> Bool { state.send(chunk) }

    /// Waits until a piece of so many bytes would be taken; one of `bound` bytes or more is when nothing
    /// waits to be sent any more.
    ///
    /// A client may hold back a stream of HTTP/2 alone, which the write timeout of the server does not see.
    /// One that reads slowly is waited for as long as it goes on.
    ///
    /// - Parameters:
    ///   - count: The size of the piece, in bytes.
    ///   - time: How long the client may take nothing, such as the write timeout of the server.
    /// - Returns: Whether it would be taken; `false` when the stream has ended, and when the client has taken
    ///   nothing for that time (or a quarter longer), after which `abort()` lets go of it.
    public func waitForRoom(_ count: Int, within time: Duration) async -> Bool {
        let hasRoom = await withCheckedContinuation { continuation in
            state.whenRoom(count, within: time) { continuation.resume(returning: $0) }
        }
        return hasRoom && isOpen
    }

    /// Ends the body.
    ///
    /// A connection of HTTP/1.1 stays open for other requests, unless the answer has a `content-length` or
    /// the client speaks HTTP/1.0: that one ends when the client has taken everything, or takes nothing for
    /// as long as the write timeout of the server.
    public func finish() { state.finish() }

    /// Ends the answer in the middle, so that the client sees that something is missing: over HTTP/1.1 the
    /// connection is closed, over HTTP/2 the stream is reset.
    ///
    /// What waits to be sent is thrown away.
    public func abort() { state.abort() }

    /// Whether the client is there and the body has not ended.
    public var isOpen: Bool { state.isOpen }

    /// Bytes that wait to be sent.
    public var unsent: Int { state.unsent }

    /// Calls `action` once when the stream ends, whoever ends it: the client that went away, a connection
    /// that is drained, or `finish()`.
    ///
    /// On any thread; at once when it has ended already.
    public func whenEnded(_ action: @escaping @Sendable () -> Void) { state.whenEnded(action) }

    /// Returns when the stream has ended.
    public func ended() async {
        await withCheckedContinuation { continuation in whenEnded { continuation.resume() } }
    }
}

/// What a stream and its connection know of each other.
final class ResponseStreamState: Sendable {
    /// Somebody who waits for room.
    private struct Waiter {
        let id: UInt64
        let count: Int
        /// Hears whether there is room.
        let resume: @Sendable (Bool) -> Void
        /// When it is looked next whether the client is further.
        var timer: Scheduled<Void>?
    }

    private struct Progress {
        var unsent = 0
        /// Bytes that have left.
        var sent: UInt64 = 0
        var isOpen = true
        var actions: [@Sendable () -> Void] = []
        var waiting: [Waiter] = []
        var lastWaiter: UInt64 = 0

        /// Whether a piece of so many bytes would be taken; however many, when nothing waits.
        func hasRoom(_ count: Int, _ bound: Int) -> Bool { unsent == 0 || count <= bound - unsent }
    }

    private let exchange: any ServerExchange
    private let stream: Int32
    private let loop: any EventLoop
    private let bound: Int
    private let progress = Mutex(Progress())

    init(exchange: any ServerExchange, stream: Int32, loop: any EventLoop, bound: Int) {
        self.exchange = exchange
        self.stream = stream
        self.loop = loop
        self.bound = max(bound, 1)
    }

    var isOpen: Bool { progress.withLock { $0.isOpen } }
    var unsent: Int { progress.withLock { $0.unsent } }

    func send(_ chunk: Bytes) -> Bool {
        // An empty chunk would mean the end to an HTTP/1.1 client.
        guard !chunk.isEmpty else { return isOpen }
        let isTaken = progress.withLock { progress in
            guard progress.isOpen, progress.hasRoom(chunk.count, bound) else { return false }
            progress.unsent += chunk.count
            return true
        }
        if isTaken { loop.execute { self.exchange.send(stream: self.stream, chunk) } }
        return isTaken
    }

    /// Ends the stream because its owner wants so.
    func finish() {
        guard end() else { return }
        // Never synchronously: the pieces sent before have to go first.
        loop.execute { self.exchange.finish(stream: self.stream) }
    }

    /// Ends the stream in the middle of its body because its owner wants so.
    func abort() {
        guard end() else { return }
        loop.execute { self.exchange.abort(stream: self.stream) }
    }

    /// Notes that bytes have left.
    func sent(_ count: Int) {
        let ready = progress.withLock { progress -> [Waiter] in
            progress.unsent -= count
            progress.sent += UInt64(count)
            guard !progress.waiting.isEmpty else { return [] }
            let (waiting, present) = (progress.waiting, progress)
            progress.waiting = waiting.filter { !present.hasRoom($0.count, bound) }
            return waiting.filter { present.hasRoom($0.count, bound) }
        }
        resume(ready, true)
    }

    /// Calls `action` once: with `true` when a piece of so many bytes would be taken, with `false` when the
    /// stream has ended or the client has taken nothing for that time.
    func whenRoom(_ count: Int, within time: Duration, _ action: @escaping @Sendable (Bool) -> Void) {
        let (answer, id) = progress.withLock { progress -> (Bool?, UInt64) in
            guard progress.isOpen else { return (false, 0) }
            guard !progress.hasRoom(count, bound) else { return (true, 0) }
            progress.lastWaiter += 1
            progress.waiting.append(Waiter(id: progress.lastWaiter, count: count, resume: action))
            return (nil, progress.lastWaiter)
        }
        if let answer { return action(answer) }
        loop.execute { self.look(id, TimeAmount(time), SendingWatch()) }
    }

    /// Looks now and then whether the client is further, as long as somebody waits for it.
    private func look(_ id: UInt64, _ time: TimeAmount, _ before: SendingWatch) {
        var watch = before
        let now = NIODeadline.now()
        if let progress = clientProgress { watch.look(progress, at: now) } else { watch.progressed(at: now) }
        if let since = watch.since, now >= since + time { return giveUp(id) }
        let pause = TimeAmount.nanoseconds(max(time.nanoseconds / 4, 1_000_000))
        let next = watch
        let timer = loop.scheduleTask(in: pause) { self.look(id, time, next) }
        let isWaiting = progress.withLock { progress in
            guard let index = progress.waiting.firstIndex(where: { $0.id == id }) else { return false }
            progress.waiting[index].timer = timer
            return true
        }
        if !isWaiting { timer.cancel() }
    }

    /// How far the client is; `nil` where its connection sees to that.
    private var clientProgress: SendingProgress? {
        guard let client = exchange.progress(stream: stream) else { return nil }
        let (sent, unsent) = progress.withLock { ($0.sent, $0.unsent) }
        return SendingProgress(taken: client.taken &+ sent, waiting: client.waiting + unsent)
    }

    private func giveUp(_ id: UInt64) {
        let late = progress.withLock { progress -> Waiter? in
            progress.waiting.firstIndex { $0.id == id }.map { progress.waiting.remove(at: $0) }
        }
        late?.resume(false)
    }

    private func resume(_ waiters: [Waiter], _ hasRoom: Bool) {
        for waiter in waiters {
            waiter.timer?.cancel()
            waiter.resume(hasRoom)
        }
    }

    /// Notes that nothing more will be sent; true when that is news.
    @discardableResult
    func end() -> Bool {
        let told = progress.withLock { progress -> ([@Sendable () -> Void], [Waiter])? in
            guard progress.isOpen else { return nil }
            progress.isOpen = false
            defer { (progress.actions, progress.waiting) = ([], []) }
            return (progress.actions, progress.waiting)
        }
        guard let (actions, waiting) = told else { return false }
        for action in actions { action() }
        resume(waiting, false)
        return true
    }

    func whenEnded(_ action: @escaping @Sendable () -> Void) {
        let hasEnded = progress.withLock { progress in
            if progress.isOpen { progress.actions.append(action) }
            return !progress.isOpen
        }
        if hasEnded { action() }
    }
}
