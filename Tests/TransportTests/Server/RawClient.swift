import Glibc
import NIOPosix

@testable import Transport

/// A plain blocking socket, for saying what no proper client would.
final class RawClient: Sendable {
    private static let threads = {
        let threads = NIOThreadPool(numberOfThreads: 32)
        threads.start()
        return threads
    }()

    private let descriptor: CInt

    /// - Parameters:
    ///   - server: Where to connect to.
    ///   - receiveBuffer: What may have arrived without being read, in bytes; as the system likes without it.
    /// - Throws: When there is no connection to be had.
    init(_ server: Server, receiveBuffer: CInt? = nil) throws {
        switch server.address {
        case .tcp(_, let port):
            descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
            if var receiveBuffer {
                setsockopt(
                    descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<CInt>.size))
            }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            try Self.connect(descriptor, &address)
        case .unix(let path):
            descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            try Self.connect(descriptor, &address)
        }
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
    }

    deinit { Glibc.close(descriptor) }

    private static func connect<Address>(_ descriptor: CInt, _ address: inout Address) throws {
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard result == 0 else { throw TransportError(.connectFailed, "\(SystemError.last)") }
    }

    /// Sends bytes; false when the server has closed.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Says that nothing more will be sent.
    func finishSending() { shutdown(descriptor, CInt(SHUT_WR)) }

    /// Reads until the server closes; nil if it does not within a minute.
    func readToEnd() async -> [UInt8]? {
        await elsewhere { [descriptor] in
            var result: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                if count == 0 { return result }
                if count < 0 { return errno == ECONNRESET ? result : nil }
                result.append(contentsOf: buffer[..<count])
            }
        }
    }

    /// Reads so many bytes; nil if the server closes before, or they do not come within a minute.
    func read(count: Int) async -> [UInt8]? {
        await elsewhere { [descriptor] in
            var result = [UInt8](repeating: 0, count: count)
            return recv(descriptor, &result, count, CInt(MSG_WAITALL)) == count ? result : nil
        }
    }

    /// `POLLRDHUP`, which the C library has for those who ask for GNU's additions.
    private static let hangUp: Int16 = 0x2000

    /// Whether the server closes within so many milliseconds, in which nothing is read.
    func isClosed(within milliseconds: CInt) async -> Bool {
        await elsewhere { [descriptor] in
            var entry = pollfd(fd: descriptor, events: Self.hangUp, revents: 0)
            return poll(&entry, 1, milliseconds) > 0
        } ?? true
    }

    /// Reads until what has come contains `text`; nil if that does not happen within a minute.
    func read(until text: String) async -> String? {
        await elsewhere { [descriptor] in
            var result = ""
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while !result.contains(text) {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { return nil }
                result += String(decoding: buffer[..<count], as: UTF8.self)
            }
            return result
        }
    }

    /// The rest of a conversation as text.
    func textToEnd() async -> String? { await readToEnd().map { String(decoding: $0, as: UTF8.self) } }

    /// Waits on a thread that may wait.
    ///
    /// Those of Swift's tasks are as few as the cores, and the server's answer may need one. Clients have
    /// more of them than read at the same time in all tests, or one that has to go on reading would wait.
    private func elsewhere<Result: Sendable>(
        _ body: @escaping @Sendable () -> Result?
    ) async -> Result? {
        (try? await Self.threads.runIfActive(body)) ?? nil
    }
}
