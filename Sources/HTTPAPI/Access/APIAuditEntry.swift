/// One request that was a write, or was denied.
public struct APIAuditEntry: Sendable, Equatable {
    /// What became of it.
    public enum Outcome: String, Sendable, CaseIterable {
        case done, failed, denied
    }

    /// The operation as the description names it, such as `putConfig`; the method where there is none.
    public let action: String
    /// The method and path, without the query.
    public let target: String
    public let actor: String
    public let address: String
    public let requestID: String
    public let outcome: Outcome
    /// The status of the answer.
    public let status: Int
    /// Why it was denied or failed, or the revision it made; never a secret.
    public let detail: String

    public init(
        action: String, target: String, actor: String, address: String, requestID: String, outcome: Outcome,
        status: Int, detail: String
    ) {
        self.action = action
        self.target = target
        self.actor = actor
        self.address = address
        self.requestID = requestID
        self.outcome = outcome
        self.status = status
        self.detail = detail
    }
}
