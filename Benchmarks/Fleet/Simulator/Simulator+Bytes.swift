import Glibc
import OpAMP
import Wire

/// Bytes in and out.
extension Simulator {
    /// How much may wait for a socket before the connection is given up.
    private static let unsentLimit = 4 << 20

    func read(_ index: Int) {
        let count = recv(connections[index].file, buffer.baseAddress, buffer.count, 0)
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        guard count > 0 else { return close(index, after: nil) }
        statistics.receivedBytes += UInt64(count)
        guard connections[index].received.isEmpty else {
            var bytes: [UInt8] = []
            swap(&bytes, &connections[index].received)
            bytes.append(contentsOf: buffer[..<count])
            bytes.withUnsafeBytes { take(index, $0) }
            return
        }
        take(index, UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }

    /// Takes what has come, and keeps what is no whole frame yet.
    private func take(_ index: Int, _ bytes: UnsafeRawBufferPointer) {
        let attempt = connections[index].attempt
        var position = 0
        if connections[index].state == .upgrading {
            guard let end = readUpgrade(index, bytes) else {
                if connections[index].state == .upgrading { connections[index].received = Array(bytes) }
                return
            }
            position = end
        }
        while connections[index].state == .open, connections[index].attempt == attempt {
            switch Frame.read(bytes, at: position) {
            case .frame(let frame):
                position = frame.payload.upperBound
                take(index, frame, UnsafeRawBufferPointer(rebasing: bytes[frame.payload]))
            case .incomplete:
                if position < bytes.count { connections[index].received = Array(bytes[position...]) }
                return
            case .broken:
                statistics.broken += 1
                return close(index, after: nil)
            }
        }
    }

    private func take(_ index: Int, _ frame: Frame, _ payload: UnsafeRawBufferPointer) {
        switch frame.opcode {
        case Opcode.binary where frame.isLast: takeMessage(index, Bytes(copying: payload))
        case Opcode.binary, Opcode.continuation:
            connections[index].fragments.append(contentsOf: payload)
            guard frame.isLast else { return }
            let message = Bytes(connections[index].fragments)
            connections[index].fragments = []
            takeMessage(index, message)
        case Opcode.ping: send(index, Opcode.pong, payload)
        case Opcode.pong: break
        case Opcode.close:
            let code = payload.count >= 2 ? UInt16(payload[0]) << 8 | UInt16(payload[1]) : 1005
            statistics.closeCodes[code, default: 0] += 1
            send(index, Opcode.close, payload)
            // Closed by an agent that was told to go away: it comes back as from any other end.
            if connections[index].state == .open { close(index, after: nil) }
        default:
            statistics.broken += 1
            close(index, after: nil)
        }
    }

    func send(_ index: Int, _ opcode: UInt8, _ payload: UnsafeRawBufferPointer) {
        scratch.removeAll(keepingCapacity: true)
        Frame.append(opcode, payload, mask: UInt32(truncatingIfNeeded: random.next()), to: &scratch)
        write(index, scratch)
    }

    func write(_ index: Int, _ bytes: [UInt8]) {
        statistics.sent += 1
        statistics.sentBytes += UInt64(bytes.count)
        guard connections[index].unsent.isEmpty else {
            connections[index].unsent.append(contentsOf: bytes)
            if connections[index].unsent.count > Self.unsentLimit { close(index, after: nil) }
            return
        }
        let count = bytes.withUnsafeBytes { offer(index, $0) }
        guard let count, count < bytes.count else { return }
        connections[index].unsent = Array(bytes[count...])
        connections[index].unsentStart = 0
        watchWriting(index, true)
    }

    /// Gives bytes to the socket; returns how many it took, or `nil` when the connection is over.
    private func offer(_ index: Int, _ bytes: UnsafeRawBufferPointer) -> Int? {
        let count = Glibc.send(
            connections[index].file, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        if count >= 0 { return count }
        if errno == EAGAIN || errno == EINTR { return 0 }
        close(index, after: nil)
        return nil
    }

    func writeUnsent(_ index: Int) {
        guard !connections[index].unsent.isEmpty else { return }
        let start = connections[index].unsentStart
        let count = connections[index].unsent.withUnsafeBytes {
            offer(index, UnsafeRawBufferPointer(rebasing: $0[start...]))
        }
        guard let count else { return }
        connections[index].unsentStart = start + count
        guard start + count == connections[index].unsent.count else { return }
        connections[index].unsent = []
        watchWriting(index, false)
    }

    private func watchWriting(_ index: Int, _ writes: Bool) {
        let isDeaf = connections[index].state == .open && isSlowReader(index)
        poller.change(connections[index].file, token: index, reads: !isDeaf, writes: writes)
    }
}
