internal import Glibc
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// A connection that a lane looks after.
///
/// Its methods are called on the lane's loop.
protocol ServerConnection: AnyObject {
    /// Asks the client to leave, and closes once its requests are answered.
    func drain()
    /// Closes now.
    func close()
    /// Refuses the requests whose bodies have not arrived completely, which frees their memory.
    func refuseArriving()
}

/// One event loop of a server and the connections on it.
final class ServerLane: Sendable {
    /// What belongs to the loop.
    private struct State {
        var connections: [ObjectIdentifier: any ServerConnection] = [:]
        /// Channels that are not closed completely; those of some may have no connection yet, or no more.
        var openChannels = 0
        var isDraining = false
        var gates = ReadGates()
        var waiters: [EventLoopPromise<Void>] = []
        var webSockets: WebSocketRoster?
    }

    let index: Int
    let loop: any EventLoop
    let context: ServerContext
    private let state: NIOLoopBoundBox<State>
    private let load = Atomic<Int>(0)

    init(index: Int, loop: any EventLoop, context: ServerContext) {
        self.index = index
        self.loop = loop
        self.context = context
        state = .makeBoxSendingValue(State(), eventLoop: loop)
    }

    /// Connections handed to this lane and not closed yet; for spreading them evenly.
    var connectionCount: Int { load.load(ordering: .relaxed) }

    /// Serves a connection that has just been accepted.
    ///
    /// From any thread; takes over the descriptor.
    func serve(_ descriptor: CInt, peer: String, isTCP: Bool, ticket: Strangers.Ticket? = nil) {
        load.wrappingAdd(1, ordering: .relaxed)
        context.statistics.openConnectionsNow.wrappingAdd(1, ordering: .relaxed)
        context.statistics.acceptedConnectionsEver.wrappingAdd(1, ordering: .relaxed)
        loop.execute { self.open(descriptor, peer: peer, isTCP: isTCP, ticket) }
    }

    /// Takes note of a connection; on the loop.
    func add(_ connection: any ServerConnection) {
        state.value.connections[ObjectIdentifier(connection)] = connection
        if state.value.isDraining { connection.drain() }
    }

    /// Forgets a connection; on the loop.
    func remove(_ connection: any ServerConnection) {
        state.value.connections[ObjectIdentifier(connection)] = nil
    }

    /// What looks after the WebSockets of the lane; on the loop.
    var webSockets: WebSocketRoster {
        if let roster = state.value.webSockets { return roster }
        let roster = WebSocketRoster(limits: context.configuration.webSockets, loop: loop)
        state.value.webSockets = roster
        return roster
    }

    /// Says goodbye to all WebSockets, a part at a time; returns when all have been told.
    func closeWebSockets(code: UInt16, reason: String, over time: TimeAmount) async {
        let promise = loop.makePromise(of: Void.self)
        loop.execute {
            self.webSockets.closeAll(code: code, reason: reason, over: time) { promise.succeed() }
        }
        try? await promise.futureResult.get()
    }

    /// Keeps a connection from reading until there is memory; on the loop.
    func hold(_ gate: ReadGate) {
        if state.value.gates.hold(gate, at: loop.now) { scheduleMemoryCheck() }
    }

    /// Whether silence on a connection is no fault of its client; on the loop.
    var excusesSilence: Bool { state.value.gates.excusesSilence(at: loop.now) }

    /// Drains all connections, also those that are still on their way here.
    func drain() {
        loop.execute {
            self.state.value.isDraining = true
            for connection in self.state.value.connections.values { connection.drain() }
        }
    }

    /// Waits until all connections are closed; closes those that are left at the deadline.
    func closed(by deadline: NIODeadline) async {
        let promise = loop.makePromise(of: Void.self)
        loop.execute {
            self.state.value.waiters.append(promise)
            self.releaseWaiters()
        }
        let closing = loop.scheduleTask(deadline: deadline) {
            for connection in self.state.value.connections.values { connection.close() }
        }
        try? await promise.futureResult.get()
        closing.cancel()
    }

    private func scheduleMemoryCheck() {
        loop.scheduleTask(in: ReadGates.interval) { self.checkMemory() }
    }

    private func checkMemory() {
        let allowsReading = context.configuration.memory?.allowsReading ?? true
        switch state.value.gates.check(allowsReading: allowsReading, at: loop.now) {
        case .done: break
        case .wait: scheduleMemoryCheck()
        case .refuseArriving:
            for connection in state.value.connections.values { connection.refuseArriving() }
            scheduleMemoryCheck()
        case .open:
            for gate in state.value.gates.takeAll() { gate.open() }
        }
    }

    private func releaseWaiters() {
        guard state.value.openChannels == 0 else { return }
        let waiters = state.value.waiters
        state.value.waiters = []
        for waiter in waiters { waiter.succeed() }
    }

    private func open(_ descriptor: CInt, peer: String, isTCP: Bool, _ ticket: Strangers.Ticket?) {
        state.value.openChannels += 1
        let largestRead = ReadBufferSize.maximum(
            connections: context.statistics.openConnections,
            limit: context.configuration.memory?.limit ?? .max)
        let channel = bootstrap(largestRead: largestRead)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.writeBufferWaterMark, value: .init(low: 128 << 10, high: 512 << 10))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.setUp(channel, peer: peer, ticket) }
            }
            .withConnectedSocket(descriptor)
        channel.whenComplete { result in
            switch result {
            case .success(let channel):
                if isTCP { self.setOptions(of: channel) }
                channel.closeFuture.whenComplete { _ in self.connectionClosed(ticket) }
            case .failure(let error):
                self.context.logger.debug("cannot serve a connection", metadata: ["error": "\(error)"])
                self.connectionClosed(ticket)
            }
        }
    }

    private func setOptions(of channel: any Channel) {
        channel.setOption(.tcpOption(.tcp_nodelay), value: 1).whenFailure { _ in }
        // Without pings of its own a protocol would keep the connection of a machine that is gone for ever.
        guard context.streams != nil else { return }
        channel.setOption(.socketOption(.so_keepalive), value: 1).whenFailure { _ in }
    }

    private func bootstrap(largestRead: Int) -> ClientBootstrap {
        let bootstrap = ClientBootstrap(group: loop)
        guard !context.configuration.keepsReadBuffers else {
            return bootstrap.channelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(
                    minimum: 2048, initial: 16 << 10, maximum: largestRead))
        }
        return bootstrap.channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(.recvAllocator, value: TransientReadBuffer(maximum: largestRead))
    }

    private func connectionClosed(_ ticket: Strangers.Ticket?) {
        ticket?.giveBack()
        load.wrappingSubtract(1, ordering: .relaxed)
        context.statistics.openConnectionsNow.wrappingSubtract(1, ordering: .relaxed)
        state.value.openChannels -= 1
        releaseWaiters()
    }

    /// Puts the handlers of a new connection into its channel.
    func setUp(_ channel: any Channel, peer: String, _ ticket: Strangers.Ticket? = nil) throws {
        let pipeline = channel.pipeline.syncOperations
        if let memory = context.configuration.memory {
            try pipeline.addHandler(ReadGate(lane: self, memory: memory))
        }
        if let tls = context.configuration.tls {
            try pipeline.addHandler(context.streams == nil ? tls.makeHandler() : tls.makeBareHandler())
        }
        if let streams = context.streams {
            try pipeline.addHandler(StreamConnection(lane: self, peer: peer, ticket, streams))
        } else {
            try pipeline.addHandler(ProtocolSniffer(lane: self, peer: peer, ticket))
        }
    }
}
