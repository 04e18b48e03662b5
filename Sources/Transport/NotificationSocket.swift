internal import Glibc

/// Sends datagrams to a unix socket that somebody else has opened, as the protocol of sd_notify(3) does.
///
/// The address is a path, or an abstract name behind an `@`. Sending never waits and never fails loudly: a
/// supervisor that does not listen is no reason to stop working.
public final class NotificationSocket: Sendable {
    private let descriptor: CInt
    private let address: String

    /// Makes a socket; `nil` when the address is neither an absolute path nor an abstract name of a length
    /// that fits, or when there are no descriptors left.
    public init?(address: String) {
        guard let first = address.utf8.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "@"),
            (2...Self.longestAddress).contains(address.utf8.count)
        else { return nil }
        let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        Descriptor.setFlags(descriptor)
        self.descriptor = descriptor
        self.address = address
    }

    deinit { close(descriptor) }

    /// The longest address, in bytes: what `sockaddr_un` holds, less one.
    private static let longestAddress = 107

    /// Sends one datagram; `false` when it could not be handed over.
    @discardableResult
    public func send(_ text: String) -> Bool {
        var target = sockaddr_un()
        target.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &target.sun_path) { path in
            for (index, byte) in address.utf8.enumerated() { path[index] = byte }
            // A zero byte in the place of the @ is what makes a name abstract.
            if path[0] == UInt8(ascii: "@") { path[0] = 0 }
        }
        // The length matters for abstract names, which are not terminated.
        let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? MemoryLayout<sa_family_t>.size
        let length = socklen_t(offset + address.utf8.count + (address.hasPrefix("/") ? 1 : 0))
        var text = text
        let sent = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                text.withUTF8 { bytes in
                    sendto(
                        descriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL), address,
                        length)
                }
            }
        }
        return sent == text.utf8.count
    }
}
