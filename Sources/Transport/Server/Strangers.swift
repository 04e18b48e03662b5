internal import Synchronization

/// Counts, for each source address, the connections over which nothing has been admitted yet.
///
/// Whoever holds many of those open costs handshakes, descriptors and memory before it is known who it is.
/// There is an entry for each address that has such a connection, so there are never more than connections.
final class Strangers: Sendable {
    /// One such connection, until it is known or closed.
    final class Ticket: Sendable {
        private let strangers: Strangers
        private let address: String
        private let isBack = Atomic<Bool>(false)

        fileprivate init(_ strangers: Strangers, _ address: String) {
            self.strangers = strangers
            self.address = address
        }

        /// Something has been admitted over the connection, or it is closed; only the first call counts.
        func giveBack() {
            guard !isBack.exchange(true, ordering: .relaxed) else { return }
            strangers.leave(address)
        }
    }

    private let limit: Int
    private let counts = Mutex<[String: Int]>([:])

    /// - Parameter limit: The most connections of one address.
    init(limit: Int) { self.limit = limit }

    /// Takes a connection on.
    ///
    /// - Parameter peer: `ip:port`.
    /// - Returns: What is to be given back; `nil` when the address has as many as it may have.
    func enter(_ peer: String) -> Ticket? {
        let address = ServerPeer.host(of: peer)
        let isAdmitted = counts.withLock { counts in
            let count = counts[address, default: 0]
            guard count < limit else { return false }
            counts[address] = count + 1
            return true
        }
        return isAdmitted ? Ticket(self, address) : nil
    }

    /// Addresses with such a connection.
    var addresses: Int { counts.withLock { $0.count } }

    private func leave(_ address: String) {
        counts.withLock { counts in
            let count = counts[address, default: 0]
            counts[address] = count > 1 ? count - 1 : nil
        }
    }
}
