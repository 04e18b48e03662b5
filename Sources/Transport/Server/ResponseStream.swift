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

    /// Waits until a piece of so many bytes would be taken.
    ///
    /// - Returns: Whether the stream is open still; a client that does not read on is sent away by the write
    ///   timeout of the server.
    public func waitForRoom(_ count: Int) async -> Bool {
        await withCheckedContinuation { continuation in state.whenRoom(count) { continuation.resume() } }
        return isOpen
    }

    /// Ends the body; the connection stays open for other requests.
    public func finish() { state.finish() }

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
    private struct Progress {
        var unsent = 0
        var isOpen = true
        var actions: [@Sendable () -> Void] = []
        /// Who waits for room, and for how much.
        var waiting: [(count: Int, resume: @Sendable () -> Void)] = []

        /// Whether a piece of so many bytes would be taken, or nobody need wait any more.
        func hasRoom(_ count: Int, _ bound: Int) -> Bool {
            !isOpen || unsent == 0 || unsent + count <= bound
        }
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
            guard progress.isOpen, progress.unsent == 0 || progress.unsent + chunk.count <= bound else {
                return false
            }
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

    /// Notes that bytes have left.
    func sent(_ count: Int) {
        let ready = progress.withLock { progress -> [@Sendable () -> Void] in
            progress.unsent -= count
            guard !progress.waiting.isEmpty else { return [] }
            let (waiting, present) = (progress.waiting, progress)
            progress.waiting = waiting.filter { !present.hasRoom($0.count, bound) }
            return waiting.filter { present.hasRoom($0.count, bound) }.map(\.resume)
        }
        for resume in ready { resume() }
    }

    /// Calls `action` once, when a piece of so many bytes would be taken or the stream has ended.
    func whenRoom(_ count: Int, _ action: @escaping @Sendable () -> Void) {
        let hasRoom = progress.withLock { progress in
            if progress.hasRoom(count, bound) { return true }
            progress.waiting.append((count, action))
            return false
        }
        if hasRoom { action() }
    }

    /// Notes that nothing more will be sent; true when that is news.
    @discardableResult
    func end() -> Bool {
        let actions = progress.withLock { progress -> [@Sendable () -> Void]? in
            guard progress.isOpen else { return nil }
            progress.isOpen = false
            defer { (progress.actions, progress.waiting) = ([], []) }
            return progress.actions + progress.waiting.map(\.resume)
        }
        guard let actions else { return false }
        for action in actions { action() }
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
