internal import Logging
internal import NIOCore

/// The connections that a client has on one loop, and the requests that wait for them.
///
/// `@unchecked Sendable` is sound because all of it is touched on `loop` only; the three methods that may be
/// called from anywhere (`send`, `cancel`, `close`) go to the loop first.
final class ClientLane: @unchecked Sendable {
    let loop: any EventLoop
    let plan: ConnectionPlan
    let logger: Logger
    var connections: [any ClientConnection] = []
    var attempts: [ObjectIdentifier: ConnectionAttempt<any ClientConnection>] = [:]
    var waiting = CircularBuffer<ClientExchange>()
    /// All exchanges that are not finished, waiting or under way.
    var active: [ClientExchange] = []
    /// Whether the target speaks a protocol with many requests for each connection.
    var multiplexes: Bool
    var delay: ReconnectDelay
    /// Why the last attempt to connect failed; nil once one has succeeded.
    var lastFailure: TransportError?
    /// Before this no other attempt is made.
    var nextAttempt = NIODeadline.uptimeNanoseconds(0)
    var retryTimer: Scheduled<Void>?
    var rotation: Int
    private var deadlineTimer: (due: NIODeadline, task: Scheduled<Void>)?
    var idleTimer: Scheduled<Void>?
    private(set) var isClosing = false
    private var isDispatching = false
    private var needsDispatch = false
    private var closed: [UnsafeContinuation<Void, Never>] = []

    init(plan: ConnectionPlan, loop: any EventLoop, index: Int, logger: Logger) {
        self.plan = plan
        self.loop = loop
        self.logger = logger
        rotation = index
        multiplexes = plan.multiplexes
        delay = ReconnectDelay(longest: plan.configuration.maxReconnectDelay)
    }

    /// Takes an exchange over, from any thread; `continuation` belongs to the task that waits for it.
    func send(_ exchange: ClientExchange, _ continuation: UnsafeContinuation<ClientExchange.Outcome, Never>) {
        guard loop.inEventLoop else {
            return loop.execute { self.send(exchange, continuation) }
        }
        exchange.attach(continuation)
        start(exchange)
    }

    /// Gives an exchange up, from any thread; it may overtake `send`.
    func cancel(_ exchange: ClientExchange) {
        loop.execute {
            self.abort(exchange, TransportError(.cancelled, "the request to \(self.name) was cancelled"))
        }
    }

    /// Takes no more requests; resumes when those under way are done, or given up after `grace`.
    func close(grace: Duration) async {
        await withUnsafeContinuation { continuation in
            loop.execute { self.beginClosing(grace: grace, continuation) }
        }
    }

    var name: String { plan.configuration.target.description }

    private func start(_ exchange: ClientExchange) {
        guard !isClosing else {
            return exchange.finish(.failure(TransportError(.cancelled, "the client for \(name) is closed")))
        }
        guard !exchange.isFinished else { return }
        guard waiting.count < plan.configuration.maxWaitingRequests else {
            let message = "\(waiting.count) requests wait for a connection to \(name) already"
            return exchange.finish(.failure(TransportError(.overloaded, message)))
        }
        exchange.slot = active.count
        active.append(exchange)
        waiting.append(exchange)
        dispatch()
        if !exchange.isFinished { armDeadline(exchange.deadline) }
    }

    /// Hands waiting requests to connections, and opens connections for those that are left.
    ///
    /// What happens meanwhile may ask for the same; then it is done once more instead of from inside.
    func dispatch() {
        guard !isDispatching else {
            needsDispatch = true
            return
        }
        isDispatching = true
        repeat {
            needsDispatch = false
            dispatchOnce()
        } while needsDispatch
        isDispatching = false
    }

    private func dispatchOnce() {
        while let next = waiting.first {
            if next.isFinished {
                waiting.removeFirst()
            } else if let connection = leastBusy() {
                waiting.removeFirst()
                connection.send(next)
            } else {
                return connectIfUseful()
            }
        }
    }

    private func leastBusy() -> (any ClientConnection)? {
        var best: (any ClientConnection)?
        for connection in connections where connection.capacity > 0 {
            if let chosen = best, chosen.inFlight <= connection.inFlight { continue }
            best = connection
        }
        return best
    }

    /// Ends an exchange for a reason of this side.
    func abort(_ exchange: ClientExchange, _ error: TransportError) {
        guard !exchange.isFinished else { return }
        let connection = exchange.connection
        complete(exchange, .failure(error))
        connection?.cancel(exchange, error: error)
        if connection == nil { dispatch() }
    }

    func complete(_ exchange: ClientExchange, _ outcome: ClientExchange.Outcome) {
        guard !exchange.isFinished else { return }
        // A cancellation from another thread may come before the request itself; then it is not in the list.
        if let slot = exchange.slot {
            let last = active.removeLast()
            if last !== exchange {
                active[slot] = last
                last.slot = slot
            }
            exchange.slot = nil
        }
        exchange.connection = nil
        exchange.finish(outcome)
        if isClosing, active.isEmpty { finishClosing() }
    }

    /// One timer serves all deadlines: it is set for the earliest and looks at all of them when it fires.
    private func armDeadline(_ deadline: NIODeadline?) {
        guard let deadline else { return }
        if let timer = deadlineTimer, timer.due <= deadline { return }
        deadlineTimer?.task.cancel()
        let task = loop.assumeIsolated().scheduleTask(deadline: deadline) { self.expire() }
        deadlineTimer = (deadline, task)
    }

    private func expire() {
        deadlineTimer = nil
        let now = NIODeadline.now()
        for exchange in active.filter({ $0.deadline.map { $0 <= now } ?? false }) {
            abort(exchange, timeout(exchange))
        }
        armDeadline(active.lazy.compactMap(\.deadline).min())
    }

    private func timeout(_ exchange: ClientExchange) -> TransportError {
        let limit = exchange.timeout.map { "\($0)" } ?? ""
        if exchange.connection != nil {
            return TransportError(.timeout, "\(name) did not answer in \(limit)")
        }
        if var failure = lastFailure {
            failure.message += " (gave up after \(limit) and \(delay.count) attempts)"
            return failure
        }
        let what = connections.isEmpty ? "a connection" : "a free connection"
        return TransportError(.timeout, "waited \(limit) for \(what) to \(name)")
    }

    private func beginClosing(grace: Duration, _ continuation: UnsafeContinuation<Void, Never>) {
        closed.append(continuation)
        isClosing = true
        if active.isEmpty { return finishClosing() }
        loop.assumeIsolated().scheduleTask(in: TimeAmount(grace)) {
            let reason = "the client for \(self.name) closed before the response had arrived"
            for exchange in self.active { self.abort(exchange, TransportError(.cancelled, reason)) }
        }
    }

    private func finishClosing() {
        for attempt in attempts.values { attempt.cancel() }
        attempts = [:]
        retryTimer?.cancel()
        idleTimer?.cancel()
        deadlineTimer?.task.cancel()
        let open = connections
        connections = []
        for connection in open { connection.close() }
        let waiters = closed
        closed = []
        for waiter in waiters { waiter.resume() }
    }
}
