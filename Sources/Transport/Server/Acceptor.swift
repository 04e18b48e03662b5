internal import Glibc
internal import Logging
internal import Synchronization

/// The listening socket of a server and the thread that accepts from it.
///
/// A thread of its own can hand each connection to the lane that has the fewest, which neither SO_REUSEPORT
/// (a hash) nor accepting on the loops (whoever wakes first) can: with a handful of long-lived gRPC
/// connections that decides whether all cores have work.
final class Acceptor: Sendable {
    let address: ListenAddress
    private let socket: ListeningSocket
    /// A pipe whose reading end wakes the thread.
    private let wake: (read: CInt, write: CInt)
    private let lanes: [ServerLane]
    private let context: ServerContext
    private let listeners: ListenerShare
    private let isStopping = Atomic<Bool>(false)
    private let isOpen = Atomic<Bool>(false)
    private let finished = Mutex<Finish>(Finish())

    /// Whether the thread has ended, and who waits for that.
    private struct Finish {
        var isDone = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// How long accepting pauses when the process has no descriptors or no memory left.
    private static let exhaustedPauseMilliseconds: CInt = 100

    init(
        _ address: ListenAddress, lanes: [ServerLane], context: ServerContext, listeners: ListenerShare
    ) throws(TransportError) {
        self.listeners = listeners
        socket = try listeners.open(address)
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else {
            let error = SystemError.last
            listeners.registry.forget(socket)
            socket.close()
            throw TransportError(.listenFailed, "cannot listen on \(address): \(error)")
        }
        for end in ends { Descriptor.setFlags(end) }
        wake = (ends[0], ends[1])
        self.address = socket.address
        self.lanes = lanes
        self.context = context
    }

    deinit {
        Glibc.close(wake.read)
        Glibc.close(wake.write)
    }

    /// Begins to accept.
    ///
    /// - Throws: `.listenFailed` when the system has no thread left.
    func start() throws(TransportError) {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        let result = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Acceptor>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context)
        guard result == 0 else {
            Unmanaged<Acceptor>.fromOpaque(context).release()
            close()
            finish()
            throw TransportError(
                .listenFailed, "cannot listen on \(address): \(SystemError(number: result))")
        }
        pthread_detach(thread)
        listeners.registry.whenOpen { [weak self] in self?.open() }
    }

    /// Lets the thread accept; until then clients wait in the backlog of the socket.
    private func open() {
        isOpen.store(true, ordering: .releasing)
        wakeUp()
    }

    private func wakeUp() {
        var signal: UInt8 = 1
        write(wake.write, &signal, 1)
    }

    private func close() {
        listeners.registry.forget(socket)
        socket.close()
    }

    /// Stops accepting and gives the address free.
    func stop() async {
        isStopping.store(true, ordering: .releasing)
        wakeUp()
        await withCheckedContinuation { continuation in
            let isDone = finished.withLock { state in
                if !state.isDone { state.waiters.append(continuation) }
                return state.isDone
            }
            if isDone { continuation.resume() }
        }
    }

    private func run() {
        while !isOpen.load(ordering: .acquiring), !isStopping.load(ordering: .acquiring) {
            var wakeUp = pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0)
            poll(&wakeUp, 1, -1)
        }
        forgetWakeUps()
        while !isStopping.load(ordering: .acquiring) {
            var descriptors = [
                pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0),
            ]
            poll(&descriptors, nfds_t(descriptors.count), -1)
            guard !isStopping.load(ordering: .acquiring) else { break }
            acceptAll()
        }
        close()
        finish()
    }

    /// Empties the pipe, so that only what comes from now on wakes the thread.
    private func forgetWakeUps() {
        guard !isStopping.load(ordering: .acquiring) else { return }
        var byte: UInt8 = 0
        read(wake.read, &byte, 1)
    }

    private func acceptAll() {
        guard context.configuration.memory?.allowsReading ?? true else {
            pause()
            return
        }
        while !isStopping.load(ordering: .acquiring) {
            switch socket.accept() {
            case .connection(let descriptor, let peer): serve(descriptor, peer: peer)
            case .none: return
            case .failed(let error):
                context.logger.warning(
                    "cannot accept a connection",
                    metadata: ["address": "\(address)", "error": "\(error)"])
                pause()
                return
            }
        }
    }

    /// Waits a moment, or until the acceptor has to stop.
    private func pause() {
        var wakeUp = pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0)
        poll(&wakeUp, 1, Self.exhaustedPauseMilliseconds)
    }

    private func serve(_ descriptor: CInt, peer: String) {
        guard context.statistics.openConnections < context.configuration.maxConnections else {
            Glibc.close(descriptor)
            let refused = context.statistics.refusedConnectionsEver.wrappingAdd(1, ordering: .relaxed)
            // The first of them, and then ever fewer: a flood must not flood the log as well.
            if refused.newValue & (refused.newValue - 1) == 0 {
                context.logger.warning(
                    "connection refused: max_connections are open",
                    metadata: ["address": "\(address)", "refused": "\(refused.newValue)"])
            }
            return
        }
        let lane = lanes.min { $0.connectionCount < $1.connectionCount }
        guard socket.isTCP, let strangers = context.strangers else {
            lane?.serve(descriptor, peer: peer, isTCP: socket.isTCP)
            return
        }
        guard let ticket = strangers.enter(peer) else { return refuseCrowded(descriptor, peer) }
        lane?.serve(descriptor, peer: peer, isTCP: true, ticket: ticket)
    }

    private func refuseCrowded(_ descriptor: CInt, _ peer: String) {
        Glibc.close(descriptor)
        let refused = context.statistics.crowdedConnectionsEver.wrappingAdd(1, ordering: .relaxed)
        guard refused.newValue & (refused.newValue - 1) == 0 else { return }
        context.logger.warning(
            "connection refused: too many of its address have not said who they are",
            metadata: ["address": "\(address)", "peer": "\(peer)", "refused": "\(refused.newValue)"])
    }

    private func finish() {
        let waiters = finished.withLock { state in
            state.isDone = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
