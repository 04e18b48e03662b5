internal import AdminAPI
internal import Logging

/// Writes what is done through the admin API into the log of the process.
struct LoggedAudit: AdminAudit {
    let logger: Logger

    func record(_ entry: AdminAuditEntry) async {
        logger.info(
            "admin API",
            metadata: [
                "action": "\(entry.action)", "target": "\(entry.target)", "actor": "\(entry.actor)",
                "address": "\(entry.address)", "request": "\(entry.requestID)",
                "outcome": "\(entry.outcome.rawValue)", "status": "\(entry.status)",
                "detail": "\(entry.detail)",
            ])
    }
}
