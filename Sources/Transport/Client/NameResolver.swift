internal import Glibc
internal import NIOCore
internal import NIOPosix

/// Looks names up with the system's resolver, on a thread where it may block.
enum NameResolver {
    /// All stream addresses of `host`, in the system's order.
    ///
    /// The future fails with a `TransportError` that says what the resolver said.
    static func addresses(
        host: String, port: Int, on loop: any EventLoop
    ) -> EventLoopFuture<[SocketAddress]> {
        let name = host.isEmpty ? "localhost" : host
        if let address = try? SocketAddress(ipAddress: name, port: port) {
            return loop.makeSucceededFuture([address])
        }
        return NIOThreadPool.singleton.runIfActive(eventLoop: loop) { try lookUp(name, port: port) }
    }

    private static func lookUp(_ host: String, port: Int) throws(TransportError) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        guard status == 0 else {
            let reason = String(cString: gai_strerror(status))
            throw TransportError(
                .connectFailed, "cannot connect to \(host):\(port): the name cannot be looked up: \(reason)")
        }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var entry = list
        while let current = entry {
            if let address = address(current.pointee, host: host) { addresses.append(address) }
            entry = current.pointee.ai_next
        }
        guard !addresses.isEmpty else {
            throw TransportError(.connectFailed, "cannot connect to \(host):\(port): the name has no address")
        }
        return addresses
    }

    private static func address(_ info: addrinfo, host: String) -> SocketAddress? {
        guard let raw = UnsafeRawPointer(info.ai_addr) else { return nil }
        switch info.ai_family {
        case AF_INET:
            return SocketAddress(raw.loadUnaligned(as: sockaddr_in.self), host: host)
        case AF_INET6:
            return SocketAddress(raw.loadUnaligned(as: sockaddr_in6.self), host: host)
        default: return nil
        }
    }
}
