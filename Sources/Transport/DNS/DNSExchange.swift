internal import Glibc

/// One question to one server and its answer, on a thread that may block.
struct DNSExchange {
    let question: [UInt8]
    let message: DNSMessage
    let server: ListenAddress

    /// The answer; `nil` when there is none in time.
    func answer(within timeout: Duration) -> DNSMessage.Answer? {
        guard case .tcp(let host, let port) = server else { return .failure("\(server) is no address") }
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0, let address = list?.pointee else {
            return .failure("\(server) is no address")
        }
        defer { freeaddrinfo(list) }
        let short = exchange(address, isStream: false, ContinuousClock.now + timeout)
        // What is too long for a datagram is asked for again (RFC 1123, 6.1.3.2).
        guard case .truncated? = short else { return short }
        return exchange(address, isStream: true, ContinuousClock.now + timeout)
    }

    private func exchange(
        _ address: addrinfo, isStream: Bool, _ deadline: ContinuousClock.Instant
    ) -> DNSMessage.Answer? {
        let kind = Int32((isStream ? SOCK_STREAM : SOCK_DGRAM).rawValue)
        let descriptor = socket(address.ai_family, kind | O_CLOEXEC | O_NONBLOCK, 0)
        guard descriptor >= 0 else { return .failure("there is no socket for it") }
        defer { close(descriptor) }
        // Connected, so that the system lets in datagrams of the server only.
        let isConnected = connect(descriptor, address.ai_addr, address.ai_addrlen) == 0
        guard isConnected || errno == EINPROGRESS else { return unreachable }
        if !isConnected {
            guard Self.wait(descriptor, for: POLLOUT, until: deadline) else { return nil }
        }
        let size = [UInt8(question.count >> 8), UInt8(question.count & 0xFF)]
        let sent = isStream ? size + question : question
        // So few bytes always fit into a socket that is new.
        guard send(descriptor, sent, sent.count, CInt(MSG_NOSIGNAL)) == sent.count else {
            return unreachable
        }
        return isStream ? whole(descriptor, deadline) : datagram(descriptor, deadline)
    }

    private var unreachable: DNSMessage.Answer { .failure("\(server) cannot be reached") }

    /// The datagram that answers; others are passed over.
    private func datagram(
        _ descriptor: Int32, _ deadline: ContinuousClock.Instant
    ) -> DNSMessage.Answer? {
        var buffer = [UInt8](repeating: 0, count: DNSMessage.sizeLimit)
        while Self.wait(descriptor, for: POLLIN, until: deadline) {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 || errno == EAGAIN else { return unreachable }
            guard count >= 0 else { continue }
            if let answer = message.answer(Array(buffer[..<count])) { return answer }
        }
        return nil
    }

    /// The answer after its length.
    private func whole(_ descriptor: Int32, _ deadline: ContinuousClock.Instant) -> DNSMessage.Answer? {
        var (received, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 16 << 10))
        while Self.wait(descriptor, for: POLLIN, until: deadline) {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return unreachable }
            received += buffer[..<count]
            guard received.count >= 2 else { continue }
            let size = Int(received[0]) << 8 | Int(received[1])
            guard received.count >= 2 + size else { continue }
            return message.answer(Array(received[2..<(2 + size)])) ?? .failure("\(server) answers nonsense")
        }
        return nil
    }

    /// Waits until something can be done with a socket; false when the time is over.
    private static func wait(
        _ descriptor: Int32, for event: Int32, until deadline: ContinuousClock.Instant
    ) -> Bool {
        while true {
            let left = Int32(max((deadline - ContinuousClock.now) / .milliseconds(1), 0))
            var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
            let count = left > 0 ? poll(&entry, 1, left) : 0
            if count >= 0 || errno != EINTR { return count > 0 }
        }
    }
}
