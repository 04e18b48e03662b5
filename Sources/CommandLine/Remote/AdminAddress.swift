internal import Glibc
internal import Transport

/// Where an API answers.
struct AdminAddress: Equatable, CustomStringConvertible {
    let target: ListenAddress
    /// Whether TLS is spoken there.
    let isSecure: Bool

    init(_ target: ListenAddress, isSecure: Bool = false) {
        self.target = target
        self.isSecure = isSecure
    }

    /// Reads `unix:///path`, `/path`, `host[:port]`, `http://host[:port]` or `https://host[:port]`.
    ///
    /// Without a port it is that of the subject.
    init(parsing text: String, of subject: RemoteSubject = .collector) throws(TransportError) {
        if text.hasPrefix("/") {
            self.init(try ListenAddress(parsing: "unix://" + text))
            return
        }
        let scheme = ["https://", "http://"].first { text.lowercased().hasPrefix($0) }
        var place = text.dropFirst(scheme?.count ?? 0)
        if scheme != nil, place.hasSuffix("/") { place = place.dropLast() }
        let address: ListenAddress
        do throws(TransportError) {
            let hasPort = text.hasPrefix("unix:") || Self.hasPort(place)
            address = try ListenAddress(
                parsing: hasPort ? String(place) : "\(place):\(subject.port)")
        } catch {
            throw TransportError(
                .invalidAddress,
                "'\(text)' is no address of \(subject.interface); write unix:///path, host:port or "
                    + "https://host:port")
        }
        if case .tcp(let host, let port) = address {
            guard !host.isEmpty, port != 0 else {
                throw TransportError(.invalidAddress, "'\(text)' needs a host and a port to connect to")
            }
        }
        self.init(address, isSecure: scheme == "https://")
    }

    /// Where `apus run` listens when nobody says anything else: the unix socket of the user if there is one.
    static func standard(of subject: RemoteSubject) -> AdminAddress {
        guard case .collector = subject else {
            return AdminAddress(.tcp(host: "localhost", port: subject.port))
        }
        if let path = AdminOptions.standardSocketPath, access(path, F_OK) == 0 {
            return AdminAddress(.unix(path: path))
        }
        return AdminAddress(.tcp(host: "localhost", port: subject.port))
    }

    var description: String { isSecure ? "https://\(target)" : "\(target)" }

    private static func hasPort(_ place: Substring) -> Bool {
        guard let colon = place.lastIndex(of: ":") else { return false }
        // The colons inside the brackets of an IPv6 address come before no port.
        return !place[colon...].contains("]")
    }
}
