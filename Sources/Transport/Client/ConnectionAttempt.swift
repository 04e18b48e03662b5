internal import NIOCore
internal import NIOPosix

/// One attempt to get a connection that can be used: names, addresses one after another, proxy, TLS, and
/// whatever else it takes, such as the server's settings for HTTP/2.
///
/// `@unchecked Sendable` is sound because all of it happens on one loop; NIO's callbacks, which it is handed
/// to, run there too.
final class ConnectionAttempt<Connection>: @unchecked Sendable {
    typealias Completion = (Result<Connection, TransportError>) -> Void
    /// Puts what speaks the protocol into a channel, given what TLS has agreed on, and calls `finish` or
    /// `failed` later; what happens in an earlier round than the current one does not count.
    typealias Speaker = (ConnectionAttempt, _ negotiated: String?, any Channel, _ round: Int) throws -> Void

    let plan: ConnectionPlan
    let loop: any EventLoop
    let speak: Speaker
    private let rotation: Int
    private var completion: Completion?
    private var addresses: ArraySlice<SocketAddress> = []
    private var channel: (any Channel)?
    private var timer: Scheduled<Void>?
    /// Which address is being tried; what an earlier one reports late is ignored.
    private(set) var round = 0

    init(
        plan: ConnectionPlan, loop: any EventLoop, rotation: Int, speak: @escaping Speaker,
        completion: @escaping Completion
    ) {
        self.plan = plan
        self.loop = loop
        self.rotation = rotation
        self.speak = speak
        self.completion = completion
    }

    func start() {
        switch plan.configuration.target {
        case .unix(let path):
            do { try begin([SocketAddress(unixDomainSocketPath: path)]) } catch {
                finish(.failure(TransportError(.invalidAddress, "cannot connect to \"\(path)\": \(error)")))
            }
        case .tcp(let host, let port):
            let (host, port) = plan.proxy.map { ($0.host, $0.port) } ?? (host, port)
            NameResolver.addresses(host: host, port: port, on: loop).assumeIsolated().whenComplete { result in
                switch result {
                case .success(let addresses): self.begin(addresses)
                case .failure(let error): self.finish(.failure(self.connectError(error)))
                }
            }
        }
    }

    /// Gives the attempt up; its completion is not called.
    func cancel() {
        completion = nil
        round += 1
        timer?.cancel()
        channel?.close(promise: nil)
    }

    private func begin(_ list: [SocketAddress]) {
        var list = list
        if let admits = plan.configuration.admits, plan.proxy == nil {
            list.removeAll { $0.ipAddress.map { !admits($0) } ?? false }
            guard !list.isEmpty else {
                let refusal = "cannot connect to \(name): its addresses are not among those allowed"
                return finish(.failure(TransportError(.connectFailed, refusal)))
            }
        }
        let first = rotation % list.count
        addresses = (list[first...] + list[..<first])[...]
        tryNext(after: nil)
    }

    private func tryNext(after error: TransportError?) {
        guard completion != nil else { return }
        round += 1
        guard let address = addresses.popFirst() else {
            let none = TransportError(.connectFailed, "cannot connect to \(name): there is no address")
            return finish(.failure(error ?? none))
        }
        let round = round
        let limit = TimeAmount(plan.configuration.connectTimeout)
        ClientBootstrap(group: loop)
            .connectTimeout(limit)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.prepare(channel, round) }
            }
            .connect(to: address).assumeIsolated().whenComplete { result in
                switch result {
                case .success(let channel): self.connected(channel, round, limit)
                case .failure(let error): self.failed(self.connectError(error, address), round)
                }
            }
    }

    private func connected(_ channel: any Channel, _ round: Int, _ limit: TimeAmount) {
        guard completion != nil, round == self.round else {
            // Either it is in use already, or nobody wants it any more.
            if round != self.round { channel.close(promise: nil) }
            return
        }
        self.channel = channel
        timer = loop.assumeIsolated().scheduleTask(in: limit) {
            let error = TransportError(
                .timeout, "\(self.name) accepted a connection but did not answer in \(limit.text)")
            self.failed(error, round)
        }
    }

    func failed(_ error: TransportError, _ round: Int) {
        guard round == self.round else { return }
        // Closing the channel reports a failure too; the first one is the one that says something.
        self.round += 1
        timer?.cancel()
        timer = nil
        channel?.close(promise: nil)
        channel = nil
        tryNext(after: error)
    }

    func finish(_ result: Result<Connection, TransportError>) {
        timer?.cancel()
        timer = nil
        let completion = completion
        self.completion = nil
        completion?(result)
    }

    /// The target in messages.
    var name: String { plan.configuration.target.description }

    func connectError(_ error: any Error, _ address: SocketAddress? = nil) -> TransportError {
        if let error = error as? TransportError { return error }
        let via = plan.proxy.map { " through the proxy \($0.host):\($0.port)" } ?? ""
        let resolved = address?.ipAddress.map { " (\($0))" } ?? ""
        let reason: String
        switch error {
        case ChannelError.connectTimeout(let limit): reason = "no answer in \(limit.text)"
        case let error as IOError: reason = SystemError(number: error.errnoCode).description
        default: reason = String(describing: error)
        }
        return TransportError(.connectFailed, "cannot connect to \(name)\(resolved)\(via): \(reason)")
    }
}

extension TimeAmount {
    /// In seconds, for messages.
    fileprivate var text: String { "\(Double(nanoseconds) / 1e9) s" }
}
