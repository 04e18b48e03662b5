public import Settings

/// Who did what to what, and what came of it; never a secret.
public struct AuditRecord: Sendable, Equatable {
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public var time: UInt64
    /// The name of the person or program; `system` for the manager itself.
    public var actor: String
    /// Where it came from: an address, or empty.
    public var origin: String
    /// Such as `rollout.start`.
    public var action: String
    /// What it was done to, such as `rollout/2026-01`.
    public var target: String
    /// `done`, `failed` or `denied`.
    public var result: String
    /// Anything else worth keeping.
    public var detail: Tree

    public init(
        time: UInt64, actor: String, origin: String = "", action: String, target: String,
        result: String = "done", detail: Tree = .empty
    ) {
        self.time = time
        self.actor = actor
        self.origin = origin
        self.action = action
        self.target = target
        self.result = result
        self.detail = detail
    }
}

/// A line of the audit log.
public struct StoredAuditRecord: Sendable, Equatable {
    /// From 1, without a gap.
    public let number: Int64
    public let record: AuditRecord
    /// 64 hexadecimal digits: the hash of this line, which covers that of the line before.
    public let hash: String
    /// As it is stored and exported: a JSON object whose last key is `hash`.
    public let line: String
}
