import OpAMP
import Wire

/// Those who do not keep to the protocol.
extension Simulator {
    enum Mischief: Int, CaseIterable {
        /// Random bytes as messages.
        case garbage
        /// A frame that says it has 64 MiB.
        case oversize
        /// Talks and never reads.
        case slowReader
        /// Says who it is and then nothing, whatever it is offered.
        case mute
        /// A message of text.
        case text
        /// A frame without a mask.
        case unmasked
        /// Half a request.
        case halfRequest
        /// Ends in the middle of a message.
        case cut
    }

    func mischief(of index: Int) -> Mischief {
        Mischief(rawValue: (index - honestConnections) % Mischief.allCases.count) ?? .garbage
    }

    func isSlowReader(_ index: Int) -> Bool {
        index >= honestConnections && mischief(of: index) == .slowReader
    }

    /// Makes so many hostile connections, at least.
    func addHostile(_ count: Int) {
        while connections.count - honestConnections < count {
            let agent = agents.count
            agents.append(Agent())
            uids.append(population.uid(agent))
            connections.append(Connection())
            waiting.append(Int32(connections.count - 1))
        }
    }

    func beginMischief(_ index: Int) {
        let agent = agents(of: index).lowerBound
        switch mischief(of: index) {
        case .slowReader:
            report(agent)
            // From now on nothing is read.
            if connections[index].state == .open {
                poller.change(connections[index].file, token: index, reads: false, writes: false)
            }
        case .mute: report(agent)
        default: break
        }
        misbehave(index)
    }

    /// One round of what a connection does wrong; the next comes in a second if it is still open then.
    func misbehave(_ index: Int) {
        guard connections[index].state == .open else { return }
        let agent = agents(of: index).lowerBound
        switch mischief(of: index) {
        case .garbage:
            let bytes = (0..<Int(1 + random.next() % 2048)).map { _ in
                UInt8(truncatingIfNeeded: random.next())
            }
            bytes.withUnsafeBytes { send(index, Opcode.binary, $0) }
        case .oversize:
            if connections[index].unsent.isEmpty {
                var bytes: [UInt8] = []
                Frame.appendHead(Opcode.binary, 64 << 20, isMasked: true, to: &bytes)
                write(index, bytes + [UInt8](repeating: 0, count: 64 << 10))
            }
        case .slowReader:
            for _ in 0..<200 where connections[index].state == .open { say(agent) }
        case .mute, .halfRequest: return
        case .text: Array("hello".utf8).withUnsafeBytes { send(index, Opcode.text, $0) }
        case .unmasked:
            var bytes: [UInt8] = []
            Frame.appendHead(Opcode.binary, 5, isMasked: false, to: &bytes)
            write(index, bytes + [0, 1, 2, 3, 4])
        case .cut:
            let whole = Framing.framed(AgentToServer(instanceUID: uids[agent]).encoded())
            var bytes: [UInt8] = []
            whole.withUnsafeBytes { Frame.append(Opcode.binary, $0, mask: 0x1234_5678, to: &bytes) }
            write(index, Array(bytes.dropLast(5)))
            if connections[index].state == .open { close(index, after: nil) }
        }
        if connections[index].state == .open {
            wheel.add(.mischief, index, after: 1, attempt: connections[index].attempt)
        }
    }
}
