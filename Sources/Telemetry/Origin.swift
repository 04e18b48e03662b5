/// Who sent a batch, for the components that route or label by it.
public final class Origin: Sendable {
    /// Address of the sender: `10.1.2.3:40312`, or empty when it has none.
    public let peer: String
    /// Metadata of the request, by lower-case name; only where a receiver is told to keep it.
    public let metadata: [String: [String]]
    /// What an authenticator found out about the sender, such as `username`; never a secret, because it is
    /// kept on disk with the batch.
    public let attributes: [String: String]

    /// Makes the origin of one request; the names in `metadata` are lower-case.
    public init(peer: String, metadata: [String: [String]] = [:], attributes: [String: String] = [:]) {
        self.peer = peer
        self.metadata = metadata
        self.attributes = attributes
    }
}
