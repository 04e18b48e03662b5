/// Takes note of what is done through the admin API.
///
/// Every write and every denied try is handed over, before its answer goes out.
public protocol AdminAudit: Sendable {
    /// Notes one request; it must not fail the request, so what goes wrong is for the log.
    func record(_ entry: AdminAuditEntry) async
}

/// One request that was a write, or was denied.
public struct AdminAuditEntry: Sendable, Equatable {
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
}
