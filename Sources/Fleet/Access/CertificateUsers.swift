/// People and programs that show a client certificate instead of a token.
///
/// Who may have one is up to the operator's authority, which has verified it before; what its subject may do
/// is said here. There are at most `limit`.
public struct CertificateUsers: Sendable, Hashable {
    public static let limit = 1000

    /// One of them.
    public struct Entry: Sendable, Hashable {
        /// The common name of the subject, or one of its alternative names: a DNS name, an e-mail address or
        /// a URI; compared letter by letter.
        public var subject: String
        public var roles: Set<FleetRole>
        /// The person behind it, for what needs another person; the subject when it is empty.
        public var owner: String

        public init(subject: String, roles: Set<FleetRole>, owner: String = "") {
            self.subject = subject
            self.roles = roles
            self.owner = owner
        }
    }

    private let entries: [Entry]

    public init(_ entries: [Entry] = []) { self.entries = entries }

    /// Who shows a certificate: the first entry that names it.
    ///
    /// - Parameters:
    ///   - commonName: The common name in its subject.
    ///   - alternativeNames: The other names of its subject.
    /// - Returns: The user with what they may do; `nil` when no entry names it.
    public func user(commonName: String?, alternativeNames: [String]) -> FleetUser? {
        guard commonName != nil || !alternativeNames.isEmpty else { return nil }
        let entry = entries.first { entry in
            entry.subject == commonName || alternativeNames.contains(entry.subject)
        }
        return entry.map {
            FleetUser(
                name: "certificate:\($0.subject)", owner: $0.owner.isEmpty ? $0.subject : $0.owner, token: "",
                roles: $0.roles)
        }
    }
}
