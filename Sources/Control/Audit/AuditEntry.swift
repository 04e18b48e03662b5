internal import Settings

/// One line of the audit log: who did what from where, and what came of it; never a secret.
public struct AuditEntry: Sendable, Equatable {
    /// What came of it.
    public enum Result: String, Sendable, CaseIterable {
        /// It is about to be done; another line says how it went.
        case begun
        case done
        case failed
        /// The role or the local policy does not allow it.
        case denied
    }

    /// What was asked for, such as `config.apply` or `tap`.
    public let action: String
    public let origin: ChangeOrigin
    /// The revisions before and after, when it is about the configuration.
    public let before: RevisionID?
    public let after: RevisionID?
    public let result: Result
    /// For people: why, or what went wrong.
    public let message: String?

    public init(
        _ action: String, by origin: ChangeOrigin, before: RevisionID? = nil,
        after: RevisionID? = nil, result: Result, message: String? = nil
    ) {
        self.action = action
        self.origin = origin
        self.before = before
        self.after = after
        self.result = result
        self.message = message
    }

    /// The entry as a line of the log, without the end of the line.
    ///
    /// The last field, `hash`, is the SHA-256 of everything before it, `previous` included, so no line can be
    /// changed, left out or put in without all that follow.
    func line(number: Int, time: UInt64, previous: String) -> (text: String, hash: String) {
        func text(_ value: String?) -> Tree { value.map { .text(String($0.prefix(4096))) } ?? .null }
        let tree = Tree.table([
            "number": .number(number), "time": .number(time), "action": text(action),
            "channel": text(origin.channel.rawValue), "actor": text(origin.actor),
            "address": text(origin.address), "request": text(origin.request),
            "before": text(before?.description), "after": text(after?.description),
            "result": text(result.rawValue), "message": text(message), "previous": text(previous),
        ])
        let body = String(tree.json().dropLast())
        let hash = Digest.sha256(body)
        return ("\(body),\"hash\":\"\(hash)\"}", hash)
    }
}
