import Glibc
import Testing
import Transport

@Suite struct NotificationSocketTests {
    /// A socket of the test's own, in the place of the service manager's.
    private final class Listener {
        let address: String
        private let descriptor: CInt

        init(address: String) throws {
            self.address = address
            descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
            var target = sockaddr_un()
            target.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &target.sun_path) { path in
                for (index, byte) in address.utf8.enumerated() { path[index] = byte }
                if path[0] == UInt8(ascii: "@") { path[0] = 0 }
            }
            let length = socklen_t(2 + address.utf8.count + (address.hasPrefix("/") ? 1 : 0))
            let result = withUnsafePointer(to: &target) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
            }
            try #require(result == 0)
        }

        deinit {
            close(descriptor)
            if address.hasPrefix("/") { unlink(address) }
        }

        /// The next datagram; nothing when there is none, since sending has long handed it over.
        func receive() -> String? {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &buffer, buffer.count, CInt(MSG_DONTWAIT))
            return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
        }
    }

    @Test(arguments: ["/tmp/apus-test-notification", "@apus-test-notification"])
    func `a datagram arrives at a path and at an abstract name`(prefix: String) throws {
        let listener = try Listener(address: "\(prefix)-\(getpid())")
        let socket = try #require(NotificationSocket(address: listener.address))
        #expect(socket.send("READY=1\nSTATUS=fine"))
        #expect(socket.send("WATCHDOG=1"))
        #expect(listener.receive() == "READY=1\nSTATUS=fine")
        #expect(listener.receive() == "WATCHDOG=1")
        #expect(listener.receive() == nil)
    }

    @Test func `nobody who listens is no reason to fail`() throws {
        let socket = try #require(NotificationSocket(address: "/tmp/apus-test-nobody-\(getpid())"))
        #expect(!socket.send("READY=1"))
    }

    @Test(arguments: ["", "@", "/", "relative", "vsock:2:1", "/" + String(repeating: "x", count: 107)])
    func `an address that cannot be one is refused`(address: String) {
        #expect(NotificationSocket(address: address) == nil)
    }
}
