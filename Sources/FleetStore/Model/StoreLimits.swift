/// How much the store takes at once; what is more is refused with `StoreError.tooLarge`.
public enum StoreLimits {
    /// A document as JSON, in bytes.
    public static let documentBytes = 16 << 20
    /// The name of a document or of a lease, in bytes.
    public static let idBytes = 512
    /// Documents in one write: two rollouts over the largest fleet, with whatever belongs to them.
    public static let documentsPerWrite = 4000
    /// Documents, agents, assignments or lines of audit in one answer; a larger limit is cut to this.
    public static let rowsPerAnswer = 5000
    /// One content, in bytes.
    public static let contentBytes = 16 << 20
    /// What is kept of one agent, in bytes: each of `state` and `live`.
    public static let agentBytes = 1 << 20
    /// The labels of one agent as JSON, in bytes.
    public static let labelBytes = 64 << 10
    /// A line of the audit log, in bytes.
    public static let auditBytes = 64 << 10
    /// Lines of the audit log that are kept; the oldest go first, a thousand at a time.
    public static let auditLines: Int64 = 1_000_000
    /// Notes for other replicas that are kept; one that has missed more reads everything anew.
    static let notes: Int64 = 10_000
    /// Changes that wait for one reader of `changes()`; one that is slower is told `everything`.
    static let waitingChanges = 4096
}
