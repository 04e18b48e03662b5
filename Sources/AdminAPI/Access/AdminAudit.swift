public import HTTPAPI

/// Takes note of what is done through the admin API.
///
/// Every write and every denied try is handed over, before its answer goes out.
public protocol AdminAudit: Sendable {
    /// Notes one request; it must not fail the request, so what goes wrong is for the log.
    func record(_ entry: APIAuditEntry) async
}
