internal import Glibc

extension ListeningSocket {
    /// The port that a socket got.
    static func boundPort(_ descriptor: CInt) -> Int? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return result == 0 ? port(of: storage) : nil
    }

    /// An address as `ip:port`, and `unix` where there is none.
    static func text(of storage: sockaddr_storage) -> String {
        guard let host = host(of: storage) else { return "unix" }
        return "\(host):\(port(of: storage))"
    }

    private static func port(of storage: sockaddr_storage) -> Int {
        withUnsafeBytes(of: storage) { bytes in
            // Both families have their port in the same place, in network order.
            Int(UInt16(bigEndian: bytes.load(fromByteOffset: 2, as: UInt16.self)))
        }
    }

    private static func host(of storage: sockaddr_storage) -> String? {
        var storage = storage
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = CInt(storage.ss_family)
        guard family == AF_INET || family == AF_INET6 else { return nil }
        let isMapped = withUnsafeMutableBytes(of: &storage) { bytes -> Bool in
            let mapped = family == AF_INET6 && isMappedIPv4(UnsafeRawBufferPointer(bytes))
            let offset = family == AF_INET ? 4 : mapped ? 20 : 8
            guard let start = bytes.baseAddress else { return mapped }
            inet_ntop(mapped ? AF_INET : family, start + offset, &text, socklen_t(INET6_ADDRSTRLEN))
            return mapped
        }
        let name = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let host = String(decoding: name, as: UTF8.self)
        return family == AF_INET6 && !isMapped ? "[\(host)]" : host
    }

    /// Whether an IPv6 address stands for an IPv4 one (::ffff:a.b.c.d), as a socket for both families has it.
    private static func isMappedIPv4(_ address: UnsafeRawBufferPointer) -> Bool {
        address[8..<18].allSatisfy { $0 == 0 } && address[18] == 0xFF && address[19] == 0xFF
    }
}
