internal import Control
internal import HTTPAPI
internal import Pipeline
internal import Settings
internal import Transport

extension APIProblem {
    /// What the service that changes the configuration said.
    init(_ failure: ChangeFailure, isConditional: Bool) {
        switch failure {
        case .invalid(let diagnostics):
            self = .invalid("the configuration has errors; nothing has changed", errors: diagnostics)
        case .forbidden(let diagnostics):
            self.init(
                403, "policy", "The local policy forbids it", "nothing has changed", errors: diagnostics)
        case .notStarted(let kind, let id, let message, let key):
            let path = [kind.section, id.description] + (key?.split(separator: "::").map(String.init) ?? [])
            self.init(
                422, "not-started", "A component cannot be started",
                "\(kind.rawValue) '\(id)' cannot be started; the configuration before runs on",
                errors: [Diagnostic(path: path, message)])
        case .conflict(let active):
            self.init(
                isConditional ? 412 : 409, "conflict", "The configuration has changed",
                "revision \(active) is active; read it again and repeat the change")
        case .unknown(let what): self = .notFound(what)
        case .busy(let reason):
            self.init(
                409, "change-under-way", "Another change is under way", reason, fields: ["retry-after": "2"])
        case .storage(let reason):
            self.init(
                507, "not-kept", "The revision could not be kept", "\(reason); nothing has changed")
        }
    }
}
