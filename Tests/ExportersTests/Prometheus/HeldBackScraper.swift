import Glibc
import Transport

/// A client of HTTP/2 that asks for pages and never gives room for more of them.
final class HeldBackScraper: Sendable {
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    private let descriptor: CInt

    init(_ address: ListenAddress) {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = in_port_t(address.port ?? 0).bigEndian
        target.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        withUnsafePointer(to: &target) { pointer in
            _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    deinit { close(descriptor) }

    /// Asks for a number of pages at the same time; whether that went out.
    func ask(_ count: Int) -> Bool {
        let path = Array("/metrics".utf8)
        // :method GET, :scheme http, :path and :authority.
        let fields: [UInt8] = [0x82, 0x86, 0x04, UInt8(path.count)] + path + [0x01, 1, 0x78]
        var bytes = Self.preface + Self.frame(4, flags: 0, stream: 0, [])
        for number in 0..<count {
            bytes += Self.frame(1, flags: 5, stream: UInt8(truncatingIfNeeded: 2 * number + 1), fields)
        }
        return send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count
    }

    private static func frame(_ type: UInt8, flags: UInt8, stream: UInt8, _ payload: [UInt8]) -> [UInt8] {
        [0, 0, UInt8(payload.count), type, flags, 0, 0, 0, stream] + payload
    }
}
