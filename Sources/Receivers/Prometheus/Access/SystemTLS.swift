internal import Logging
internal import Settings
internal import Synchronization
internal import Transport

/// TLS with the authorities of the system, made when the first server wants it: reading them takes time and
/// memory, and most targets speak plain HTTP.
final class SystemTLS: Sendable {
    private let made = Mutex<ClientTLS?>(nil)

    /// Throws when the authorities cannot be read; that is tried again the next time.
    func tls(_ logger: Logger) throws(TransportError) -> ClientTLS {
        if let known = made.withLock({ $0 }) { return known }
        let tls = try ClientTLS(ClientTLS.Options(), logger: logger)
        made.withLock { $0 = tls }
        return tls
    }
}
