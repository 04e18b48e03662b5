import Glibc

/// Opening and closing connections.
extension Simulator {
    /// How long an attempt to connect may take.
    private static let patience = 20.0
    /// The key of the handshake and what the server has to make of it (RFC 6455 section 1.3).
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    private static let acceptance = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

    /// Begins as many connections as one step of the clock may.
    func openWaiting() {
        var budget = max(options.connectRate * Int(TimerWheel.step / 1_000_000) / 1000, 1)
        while budget > 0, waitingStart < waiting.count, opening < options.opening {
            let index = Int(waiting[waitingStart])
            waitingStart += 1
            budget -= 1
            if connections[index].state == .closed { connect(index) }
        }
        if waitingStart > 4096, waitingStart * 2 > waiting.count {
            waiting.removeFirst(waitingStart)
            waitingStart = 0
        }
    }

    private func connect(_ index: Int) {
        let file = socket(
            AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        connections[index].attempt &+= 1
        guard file >= 0 else { return again(index, after: 1) }
        var one: Int32 = 1
        // The port is chosen when it is known where to, so that each address has all of them.
        setsockopt(file, Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, &one, 4)
        setsockopt(file, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
        if isSlowReader(index) {
            var small: Int32 = 4096
            setsockopt(file, SOL_SOCKET, SO_RCVBUF, &small, 4)
        }
        var source = address(UInt8(2 + index % options.sources), port: 0)
        var target = address(1, port: options.port)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withSocketAddress(&source) { bind(file, $0, size) } == 0
        let result = isBound ? withSocketAddress(&target) { Glibc.connect(file, $0, size) } : -1
        guard result == 0 || isBound && errno == EINPROGRESS else {
            Glibc.close(file)
            statistics.failed += 1
            return again(index, after: 1)
        }
        connections[index].file = file
        connections[index].state = .connecting
        opening += 1
        poller.add(file, token: index, reads: false, writes: true)
        wheel.add(.giveUp, index, after: Self.patience, attempt: connections[index].attempt)
    }

    private func address(_ last: UInt8, port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = (UInt32(127) << 24 | UInt32(last)).bigEndian
        return address
    }

    private func withSocketAddress(_ address: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>) -> Int32)
        -> Int32
    {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
        }
    }

    /// TCP is open, or failed.
    func finishConnecting(_ index: Int) {
        var problem: Int32 = 0
        var size = socklen_t(4)
        getsockopt(connections[index].file, SOL_SOCKET, SO_ERROR, &problem, &size)
        guard problem == 0 else { return fail(index, after: nil) }
        connections[index].state = .upgrading
        poller.change(connections[index].file, token: index, reads: true, writes: false)
        // One of the hostile ones never finishes its request.
        let isUnfinished = index >= honestConnections && mischief(of: index) == .halfRequest
        let credential = options.token.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        let request =
            "GET /v1/opamp HTTP/1.1\r\nHost: 127.0.0.1:\(options.port)\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Key: \(Self.key)\r\nSec-WebSocket-Version: 13\r\n"
            + credential + (isUnfinished ? "" : "\r\n")
        write(index, Array(request.utf8))
    }

    /// Reads the answer to the request; returns where the frames begin, or `nil` to wait or when it failed.
    func readUpgrade(_ index: Int, _ bytes: UnsafeRawBufferPointer) -> Int? {
        guard let end = Self.endOfHead(bytes) else {
            if bytes.count > 16 << 10 { fail(index, after: nil) }
            return nil
        }
        let head = String(decoding: bytes[..<end], as: UTF8.self)
        guard head.hasPrefix("HTTP/1.1 101"), head.contains(Self.acceptance) else {
            statistics.refused += 1
            let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("retry-after:") }
            let seconds = line.flatMap { Double($0.dropFirst(12).filter { !$0.isWhitespace }) }
            fail(index, after: seconds.map { $0 * (0.8 + 0.4 * random.fraction()) })
            return nil
        }
        connections[index].state = .open
        connections[index].failures = 0
        opening -= 1
        if index < honestConnections {
            statistics.opened += 1
            statistics.lastOpened = monotonicNanoseconds()
        } else {
            statistics.hostileOpened += 1
        }
        opened(index)
        return end
    }

    private static func endOfHead(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for position in 0...bytes.count - 4
        where bytes[position] == 13 && bytes[position + 1] == 10 && bytes[position + 2] == 13
            && bytes[position + 3] == 10
        {
            return position + 4
        }
        return nil
    }

    /// An attempt to connect failed; `seconds` is how long the server asks to stay away.
    func fail(_ index: Int, after seconds: Double?) {
        statistics.failed += 1
        opening -= 1
        release(index)
        let step = Double(1 << min(Int(connections[index].failures), 6))
        connections[index].failures = min(connections[index].failures + 1, 16)
        again(index, after: max(seconds ?? 0, min(step, options.retrySeconds) * random.fraction()))
    }

    /// An open connection is over.
    func close(_ index: Int, after seconds: Double?) {
        if connections[index].state != .open { return fail(index, after: seconds) }
        if index < honestConnections { statistics.closed += 1 } else { statistics.hostileClosed += 1 }
        release(index)
        again(index, after: seconds ?? options.reconnectSeconds * random.fraction())
    }

    private func again(_ index: Int, after seconds: Double) {
        wheel.add(.connect, index, after: seconds)
    }

    private func release(_ index: Int) {
        Glibc.close(connections[index].file)
        let (attempt, failures) = (connections[index].attempt, connections[index].failures)
        connections[index] = Connection()
        connections[index].attempt = attempt
        connections[index].failures = failures
    }
}
