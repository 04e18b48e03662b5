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
        let descriptor = socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
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
        let heartbeat: [UInt8] = [0]
        #expect(send(descriptor, heartbeat, 1, 0) == 1)
        var answer = [UInt8](repeating: 9, count: 16)
        let count = recv(descriptor, &answer, answer.count, 0)
        return Array(answer.prefix(max(count, 0)))
    }
}
