internal import Control
internal import Pipeline
internal import Settings
internal import Transport
internal import Wire

/// Why a request cannot be done, as RFC 9457 tells it.
struct AdminProblem: Error, Sendable {
    let status: Int
    /// The last part of the `type`, for programs.
    let code: String
    let title: String
    let detail: String
    /// What is wrong with the document that was sent.
    var errors: [Diagnostic] = []
    /// Header fields that belong to the answer.
    var fields: HTTPFields = [:]

    init(
        _ status: Int, _ code: String, _ title: String, _ detail: String, errors: [Diagnostic] = [],
        fields: HTTPFields = [:]
    ) {
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.errors = errors
        self.fields = fields
    }

    /// The most errors that one answer has.
    static let errorLimit = 200

    /// The document.
    func tree(instance: String) -> Tree {
        var entries: [Tree.Entry] = [
            .init("type", .text("urn:apus:problem:\(code)")), .init("title", .text(title)),
            .init("status", .number(status)), .init("detail", .text(detail)),
            .init("instance", .text("urn:apus:request:\(instance)")),
        ]
        if !errors.isEmpty {
            entries.append(.init("errors", .list(errors.prefix(Self.errorLimit).map(Self.tree))))
        }
        return Tree(.table(entries))
    }

    /// One diagnostic.
    static func tree(of diagnostic: Diagnostic) -> Tree {
        var entries: [Tree.Entry] = [
            .init("pointer", .text(JSONPointer.text(of: diagnostic.path))),
            .init("message", .text(diagnostic.message)),
            .init("severity", .text(diagnostic.severity.rawValue)),
        ]
        if let position = diagnostic.position, position.line > 0 {
            entries.append(.init("line", .number(position.line)))
            entries.append(.init("column", .number(position.column)))
            entries.append(.init("source", .text(position.source.description)))
        }
        if let suggestion = diagnostic.suggestion {
            entries.append(.init("hint", .text("did you mean '\(suggestion)'?")))
        }
        return Tree(.table(entries))
    }
}

extension AdminProblem {
    static func badRequest(_ detail: String, errors: [Diagnostic] = []) -> AdminProblem {
        AdminProblem(400, "bad-request", "The request is not valid", detail, errors: errors)
    }

    static func notFound(_ detail: String) -> AdminProblem {
        AdminProblem(404, "not-found", "There is no such thing", detail)
    }

    static func invalid(_ detail: String, errors: [Diagnostic] = []) -> AdminProblem {
        AdminProblem(422, "invalid", "The content is not valid", detail, errors: errors)
    }

    static func tooMany(_ detail: String) -> AdminProblem {
        AdminProblem(503, "busy", "There is too much to do", detail, fields: ["retry-after": "5"])
    }

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
