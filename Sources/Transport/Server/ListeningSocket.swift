internal import Glibc

/// A socket that listens, for TCP or in the file system.
final class ListeningSocket: Sendable {
    /// What `accept` brought.
    enum Accepted {
        case connection(CInt, peer: String)
        case none
        case failed(SystemError)
    }

    let descriptor: CInt
    /// The address with the port that the system picked.
    let address: ListenAddress
    let isTCP: Bool
    /// The file of a unix socket, which goes when the last socket that shares it does.
    private let file: SocketFile?

    private static let backlog: CInt = 4096

    init(_ address: ListenAddress) throws(TransportError) {
        switch address {
        case .tcp(let host, let port):
            descriptor = try Self.listen(host: host, port: port, for: address)
            self.address = .tcp(host: host, port: Self.boundPort(descriptor) ?? port)
            isTCP = true
            file = nil
        case .unix(let path):
            descriptor = try Self.listen(path: path, for: address)
            self.address = address
            isTCP = false
            file = SocketFile(path)
        }
    }

    /// Another descriptor of the same socket: both take connections from one backlog, and the address stays
    /// taken until both are closed.
    init(sharing other: ListeningSocket) throws(TransportError) {
        descriptor = fcntl(other.descriptor, F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else {
            throw TransportError(
                .listenFailed,
                "cannot take over the socket that listens on \(other.address): \(SystemError.last)")
        }
        address = other.address
        isTCP = other.isTCP
        file = other.file
        file?.retain()
    }

    /// Takes the next connection, without waiting for one.
    func accept() -> Accepted {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let connection = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                Glibc.accept(descriptor, address, &length)
            }
        }
        if connection >= 0 {
            Descriptor.setFlags(connection)
            return .connection(connection, peer: Self.text(of: storage))
        }
        switch errno {
        case EAGAIN, EINTR, ECONNABORTED, EPROTO: return .none
        default: return .failed(.last)
        }
    }

    /// Stops listening; the last socket that shares a file removes it.
    func close() {
        file?.release()
        Glibc.close(descriptor)
    }

    private static func listen(
        host: String, port: Int, for address: ListenAddress
    ) throws(TransportError) -> CInt {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        // "localhost" is the loopback interface whatever a resolver makes of it.
        let name = host == "localhost" ? "127.0.0.1" : host
        var results: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(name.isEmpty ? nil : name, String(port), &hints, &results)
        defer { if let results { freeaddrinfo(results) } }
        guard code == 0 else {
            let reason = String(cString: gai_strerror(code))
            throw TransportError(.invalidAddress, "cannot listen on \(address): \(host): \(reason)")
        }
        var candidates: [addrinfo] = []
        var next = results
        while let entry = next {
            candidates.append(entry.pointee)
            next = entry.pointee.ai_next
        }
        // Without a host one IPv6 socket takes both families; a name is taken by its IPv4 address first.
        candidates.sort { left, _ in left.ai_family == (host.isEmpty ? AF_INET6 : AF_INET) }
        var failure = SystemError(number: EADDRNOTAVAIL)
        for candidate in candidates {
            let descriptor = socket(candidate.ai_family, CInt(SOCK_STREAM.rawValue), 0)
            guard descriptor >= 0 else {
                failure = .last
                continue
            }
            Descriptor.setFlags(descriptor)
            set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
            if candidate.ai_family == AF_INET6 {
                set(descriptor, CInt(IPPROTO_IPV6), IPV6_V6ONLY, host.isEmpty ? 0 : 1)
            }
            if bind(descriptor, candidate.ai_addr, candidate.ai_addrlen) == 0,
                Glibc.listen(descriptor, backlog) == 0
            {
                return descriptor
            }
            failure = .last
            Glibc.close(descriptor)
            if failure.number == EADDRINUSE { break }
        }
        throw self.failure(failure, for: address)
    }

    private static func listen(path: String, for address: ListenAddress) throws(TransportError) -> CInt {
        let descriptor = try unixSocket(for: address)
        if withUnixAddress(path, { bind(descriptor, $0, $1) }) != 0 {
            let error = SystemError.last
            guard error.number == EADDRINUSE, removeStaleFile(at: path) else {
                Glibc.close(descriptor)
                throw failure(error, for: address)
            }
            guard withUnixAddress(path, { bind(descriptor, $0, $1) }) == 0 else {
                let error = SystemError.last
                Glibc.close(descriptor)
                throw failure(error, for: address)
            }
        }
        guard Glibc.listen(descriptor, backlog) == 0 else {
            let error = SystemError.last
            Glibc.close(descriptor)
            throw failure(error, for: address)
        }
        return descriptor
    }

    /// Removes a socket file that nobody listens on; false if it is in use or is something else.
    private static func removeStaleFile(at path: String) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return false }
        let probe = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        guard probe >= 0 else { return false }
        defer { Glibc.close(probe) }
        guard withUnixAddress(path, { connect(probe, $0, $1) }) != 0, errno == ECONNREFUSED else {
            return false
        }
        return unlink(path) == 0
    }

    private static func unixSocket(for address: ListenAddress) throws(TransportError) -> CInt {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw failure(.last, for: address) }
        Descriptor.setFlags(descriptor)
        return descriptor
    }

    private static func withUnixAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // `ListenAddress` has checked that the path fits, with the zero byte after it.
        withUnsafeMutableBytes(of: &address.sun_path) { target in
            for (index, byte) in path.utf8.prefix(target.count - 1).enumerated() { target[index] = byte }
        }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private static func failure(_ error: SystemError, for address: ListenAddress) -> TransportError {
        switch error.number {
        case EADDRINUSE:
            TransportError(
                .addressInUse,
                "cannot listen on \(address): the address is in use; stop what uses it, or choose another")
        case EACCES, EPERM:
            TransportError(
                .listenFailed,
                "cannot listen on \(address): not permitted; choose a port above 1023 or another path")
        default: TransportError(.listenFailed, "cannot listen on \(address): \(error)")
        }
    }

    private static func set(_ descriptor: CInt, _ level: CInt, _ name: CInt, _ value: CInt) {
        var value = value
        setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<CInt>.size))
    }
}
