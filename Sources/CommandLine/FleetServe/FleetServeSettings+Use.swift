internal import Fleet
internal import FleetStore
internal import Glibc
internal import Settings
internal import Transport

extension FleetServeSettings {
    /// What the manager has to be told.
    func manager(_ options: FleetServeOptions, directory: String) -> FleetManager.Settings {
        let store: StorePlace =
            store.isEmpty
            ? .sqlite(path: "\(directory)/fleet.sqlite") : .postgres(url: store.reveal())
        var settings = FleetManager.Settings(
            store: store, replica: options.replica ?? Self.hostName, stateDirectory: directory)
        settings.secretsDirectory = options.secretsDirectory
        settings.allowsAnyAgent = agents.authentication == .none
        settings.certificateLife = agents.certificateLife
        settings.heartbeat = agents.heartbeat
        settings.downloadURL = packages.downloadURL.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        settings.packages.signs = packages.signing == .manager
        settings.packages.keys = packages.publicKeys.compactMap { PackageKey($0) }
        return settings
    }

    private static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "manager" }
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return bytes.isEmpty ? "manager" : String(decoding: bytes, as: UTF8.self)
    }
}

extension AgentListenerSettings {
    /// Where agents of this machine, or of the address that is listened on, reach the manager; `nil` where
    /// that address does not say it.
    func url(_ address: ListenAddress) -> String? {
        guard case .tcp(let host, let port) = address, host != "0.0.0.0", host != "::" else { return nil }
        let name = host.contains(":") ? "[\(host)]" : host
        return "\(tls == nil ? "http" : "https")://\(name):\(port)"
    }

    /// Refuses what would let others than this machine listen in, or in.
    func check(_ address: ListenAddress) throws(TransportError) {
        guard case .tcp(let host, _) = address, !Self.isLoopback(host) else { return }
        if authentication == .none {
            throw TransportError(
                .listenFailed,
                "cannot let agents in on \(address) without credentials: "
                    + "agents::auth none is for localhost only"
            )
        }
        if tls == nil {
            throw TransportError(
                .listenFailed,
                "cannot let agents in on \(address) without TLS: others could read their tokens and "
                    + "configurations; set agents::tls, or listen on localhost")
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }
}
