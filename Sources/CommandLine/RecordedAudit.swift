internal import AdminAPI
internal import Control
internal import HTTPAPI
internal import Logging

/// Writes what is done through the admin API into the audit log, and into the log of the process.
struct RecordedAudit: AdminAudit {
    /// `nil` without a state directory.
    let audit: AuditLog?
    let logger: Logger

    func record(_ entry: APIAuditEntry) async {
        logger.info(
            "admin API",
            metadata: [
                "action": "\(entry.action)", "target": "\(entry.target)", "actor": "\(entry.actor)",
                "address": "\(entry.address)", "request": "\(entry.requestID)",
                "outcome": "\(entry.outcome.rawValue)", "status": "\(entry.status)",
                "detail": "\(entry.detail)",
            ])
        guard let audit else { return }
        let origin = ChangeOrigin(
            .api, actor: entry.actor, address: entry.address, request: entry.requestID)
        let result: AuditEntry.Result =
            switch entry.outcome {
            case .done: .done
            case .failed: .failed
            case .denied: .denied
            }
        do throws(StateFailure) {
            try audit.append(
                AuditEntry(
                    "admin.\(entry.action)", by: origin, result: result,
                    message: "\(entry.target): \(entry.status) \(entry.detail)"))
        } catch {
            logger.warning("the audit log cannot be written", metadata: ["error": "\(error)"])
        }
    }
}
