import Glibc
import NIOCore
import NIOPosix
import Pipeline
import PipelineTesting
import Receivers
import Testing
import Transport

@Suite struct ForwardHeartbeatTests {
    @Test func `a datagram to the port is answered with a zero byte`() async throws {
        try await withForwardReceiver { receiver in
            let port = try #require(receiver.address.port)
            let answer = try await NIOThreadPool.singleton.runIfActive { try Self.ask(port: port) }
            #expect(answer == [0])
        }
    }

    @Test func `an empty one is not, since the answer would be longer`() async throws {
        try await withForwardReceiver { receiver in
            let port = try #require(receiver.address.port)
            let count = try await NIOThreadPool.singleton.runIfActive {
                try Self.countAnswers(port: port, to: [[], [0]])
            }
            #expect(count == 1)
        }
    }

    @Test func `no datagrams are read where they are switched off`() async throws {
        try await withForwardReceiver("udp_heartbeat: false") { receiver in
            let port = try #require(receiver.address.port)
            let responder = try await DatagramResponder.start(
                host: "127.0.0.1", port: port, on: receiver.harness.lanes[0].eventLoop
            ) { _ in nil }
            await responder.close()
        }
    }

    /// Sends a heartbeat and waits for the answer, on a thread that may wait.
    private static func ask(port: Int) throws -> [UInt8] {
        let descriptor = connected(port: port)
        defer { close(descriptor) }
        let heartbeat: [UInt8] = [0]
        #expect(send(descriptor, heartbeat, 1, 0) == 1)
        var answer = [UInt8](repeating: 9, count: 16)
        let count = recv(descriptor, &answer, answer.count, 0)
        return Array(answer.prefix(max(count, 0)))
    }

    /// Sends datagrams, and counts the answers that have come when the last one is answered.
    private static func countAnswers(port: Int, to datagrams: [[UInt8]]) throws -> Int {
        let descriptor = connected(port: port)
        defer { close(descriptor) }
        for datagram in datagrams { #expect(send(descriptor, datagram, datagram.count, 0) == datagram.count) }
        var answer = [UInt8](repeating: 9, count: 16)
        var count = recv(descriptor, &answer, answer.count, 0) > 0 ? 1 : 0
        // A further round trip, behind which the answers to all before have come.
        let heartbeat: [UInt8] = [0]
        #expect(send(descriptor, heartbeat, 1, 0) == 1)
        #expect(recv(descriptor, &answer, answer.count, 0) == 1)
        while recv(descriptor, &answer, answer.count, CInt(MSG_DONTWAIT)) >= 0 { count += 1 }
        return count
    }

    private static func connected(port: Int) -> CInt {
        let descriptor = socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0)
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        #expect(connected == 0)
        return descriptor
    }
}
