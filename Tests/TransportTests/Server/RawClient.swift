import Glibc
import NIOPosix

@testable import Transport

/// A plain blocking socket, for saying what no proper client would.
final class RawClient: Sendable {
    private let descriptor: CInt

    init(_ server: Server) throws {
        switch server.address {
        case .tcp(_, let port):
            descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
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

    /// Waits on a thread that may wait: those of Swift's tasks are as few as the cores, and the server's
    /// answer may need one.
    private func elsewhere<Result: Sendable>(_ body: @escaping @Sendable () -> Result?) async -> Result? {
        (try? await NIOThreadPool.singleton.runIfActive(body)) ?? nil
    }
}
