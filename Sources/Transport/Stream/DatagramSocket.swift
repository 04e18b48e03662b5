internal import Glibc

/// Opens sockets for UDP.
enum DatagramSocket {
    /// A descriptor that is bound to an address.
    ///
    /// Where it is shared, another socket of this program may have the same address (`SO_REUSEPORT`), as that
    /// of a server which takes over does; the system then gives each of them some datagrams.
    static func bound(host: String, port: Int, isShared: Bool = true) throws(TransportError) -> CInt {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = CInt(SOCK_DGRAM.rawValue)
        // "localhost" is the loopback interface whatever a resolver makes of it.
        let name = host == "localhost" ? "127.0.0.1" : host
        var results: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(name.isEmpty ? nil : name, String(port), &hints, &results)
        defer { if let results { freeaddrinfo(results) } }
        guard code == 0 else {
            let reason = String(cString: gai_strerror(code))
            throw TransportError(.invalidAddress, "cannot listen on UDP \(host):\(port): \(reason)")
        }
        var failure = SystemError(number: EADDRNOTAVAIL)
        var next = results
        while let entry = next {
            next = entry.pointee.ai_next
            // As for TCP: without a host one IPv6 socket takes both families.
            if host.isEmpty, entry.pointee.ai_family != AF_INET6, next != nil { continue }
            let descriptor = socket(entry.pointee.ai_family, CInt(SOCK_DGRAM.rawValue), 0)
            guard descriptor >= 0 else {
                failure = .last
                continue
            }
            Descriptor.setFlags(descriptor)
            if isShared { set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1) }
            if entry.pointee.ai_family == AF_INET6 {
                set(descriptor, CInt(IPPROTO_IPV6), IPV6_V6ONLY, host.isEmpty ? 0 : 1)
            }
            if bind(descriptor, entry.pointee.ai_addr, entry.pointee.ai_addrlen) == 0 { return descriptor }
            failure = .last
            Glibc.close(descriptor)
        }
        let kind: TransportError.Kind = failure.number == EADDRINUSE ? .addressInUse : .listenFailed
        throw TransportError(
            kind, "cannot listen on UDP \(host):\(port): \(failure); stop what uses it, or choose another")
    }

    /// Sets how many bytes the system keeps until they are read; 0 changes nothing.
    static func setReceiveBuffer(_ descriptor: CInt, _ size: Int) {
        if size > 0 { set(descriptor, SOL_SOCKET, SO_RCVBUF, CInt(clamping: size)) }
    }

    /// Another descriptor of the same socket.
    static func duplicate(_ descriptor: CInt) -> CInt { fcntl(descriptor, F_DUPFD_CLOEXEC, 0) }

    private static func set(_ descriptor: CInt, _ level: CInt, _ name: CInt, _ value: CInt) {
        var value = value
        setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<CInt>.size))
    }
}
