internal import Synchronization

/// The listening sockets of a process, so that one server can take over the address of another.
///
/// While a handover is under way, a server that opens an address of one of the leaving owners gets a second
/// descriptor of the same socket: the address is never free, no connection is refused, and no port is taken
/// by somebody else in between. No server that starts during a handover accepts before its end, so that what
/// stands behind it is complete by then; clients wait in the socket's backlog.
public final class ListenerRegistry: Sendable {
    private struct Entry {
        let requested: ListenAddress
        let socket: ListeningSocket
        let owner: Int
    }

    /// A socket for datagrams, which belongs to whoever opened it.
    private struct DatagramEntry {
        let requested: ListenAddress
        let listener: DatagramListener
        let owner: Int
    }

    private struct State {
        var entries: [Entry] = []
        var datagrams: [DatagramEntry] = []
        var nextOwner = 0
        /// Whose sockets may be taken over; `nil` when there is no handover.
        var leaving: Set<Int>?
        var waiting: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    public init() {}

    /// What a new owner of sockets opens them through.
    public func share() -> ListenerShare {
        let owner = state.withLock { state in
            state.nextOwner += 1
            return state.nextOwner
        }
        return ListenerShare(registry: self, owner: owner)
    }

    /// Lets servers that start from now on take over the addresses of `leaving`, and keeps them from
    /// accepting; there must not be another handover under way.
    public func beginHandover(from leaving: [ListenerShare]) {
        state.withLock { $0.leaving = Set(leaving.map { $0.owner }) }
    }

    /// Ends the handover: every server that has started meanwhile, and still runs, accepts.
    public func endHandover() {
        let waiting = state.withLock { state in
            state.leaving = nil
            defer { state.waiting = [] }
            return state.waiting
        }
        for open in waiting { open() }
    }

    func open(_ address: ListenAddress, for owner: Int) throws(TransportError) -> ListeningSocket {
        let shared = state.withLock { state -> ListeningSocket? in
            guard let leaving = state.leaving else { return nil }
            return state.entries.last { $0.requested == address && leaving.contains($0.owner) }?.socket
        }
        let socket: ListeningSocket
        if let shared {
            socket = try ListeningSocket(sharing: shared)
        } else {
            socket = try ListeningSocket(address)
        }
        state.withLock { $0.entries.append(Entry(requested: address, socket: socket, owner: owner)) }
        return socket
    }

    /// Forgets a socket, before it is closed.
    func forget(_ socket: ListeningSocket) {
        state.withLock { $0.entries.removeAll { $0.socket === socket } }
    }

    /// Opens a socket for datagrams, or another descriptor of one whose owner leaves, its predecessor.
    ///
    /// Whoever gets it closes it, after `forget`.
    func openDatagrams(
        _ address: ListenAddress, for owner: Int
    ) throws(TransportError) -> (listener: DatagramListener, predecessor: DatagramListener?) {
        guard case .tcp(let host, let port) = address else {
            throw TransportError(.invalidAddress, "cannot listen on UDP \(address): use host:port")
        }
        // Under the lock, so that its owner cannot close it meanwhile.
        let shared = state.withLock { state -> (descriptor: CInt, predecessor: DatagramListener)? in
            guard let leaving = state.leaving else { return nil }
            let entry = state.datagrams.last { $0.requested == address && leaving.contains($0.owner) }
            return entry.map { (DatagramSocket.duplicate($0.listener.descriptor), $0.listener) }
        }
        if let shared, shared.descriptor < 0 {
            throw TransportError(
                .listenFailed,
                "cannot take over the socket that receives on UDP \(address): \(SystemError.last)")
        }
        let descriptor: CInt
        if let shared {
            descriptor = shared.descriptor
        } else {
            descriptor = try DatagramSocket.bound(host: host, port: port, isShared: false)
        }
        let listener = DatagramListener(descriptor)
        state.withLock {
            $0.datagrams.append(DatagramEntry(requested: address, listener: listener, owner: owner))
        }
        return (listener, shared?.predecessor)
    }

    /// Forgets a socket for datagrams, before it is closed.
    func forget(_ listener: DatagramListener) {
        state.withLock { $0.datagrams.removeAll { $0.listener === listener } }
    }

    /// Calls `open` when servers may accept: now, or at the end of the handover.
    func whenOpen(_ open: @escaping @Sendable () -> Void) {
        let isOpen = state.withLock { state in
            if state.leaving != nil { state.waiting.append(open) }
            return state.leaving == nil
        }
        if isOpen { open() }
    }
}

/// One owner's way to listening sockets.
public struct ListenerShare: Sendable {
    let registry: ListenerRegistry
    let owner: Int

    /// Opens `address`, or takes it over.
    func open(_ address: ListenAddress) throws(TransportError) -> ListeningSocket {
        try registry.open(address, for: owner)
    }
}
