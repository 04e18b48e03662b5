public import Settings
public import Transport

/// Why a request cannot be done, as RFC 9457 tells it.
public struct APIProblem: Error, Sendable {
    public let status: Int
    /// The last part of the `type`, for programs.
    public let code: String
    public let title: String
    public let detail: String
    /// What is wrong with the document that was sent.
    public var errors: [Diagnostic] = []
    /// Header fields that belong to the answer.
    public var fields: HTTPFields = [:]

    public init(
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
    public static let errorLimit = 200

    /// The document.
    public func tree(instance: String) -> Tree {
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
    public static func tree(of diagnostic: Diagnostic) -> Tree {
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

extension APIProblem {
    /// The request cannot be understood.
    public static func badRequest(_ detail: String, errors: [Diagnostic] = []) -> APIProblem {
        APIProblem(400, "bad-request", "The request is not valid", detail, errors: errors)
    }

    /// There is no such thing.
    public static func notFound(_ detail: String) -> APIProblem {
        APIProblem(404, "not-found", "There is no such thing", detail)
    }

    /// The content is not valid.
    public static func invalid(_ detail: String, errors: [Diagnostic] = []) -> APIProblem {
        APIProblem(422, "invalid", "The content is not valid", detail, errors: errors)
    }

    /// There is too much to do now.
    public static func tooMany(_ detail: String) -> APIProblem {
        APIProblem(503, "busy", "There is too much to do", detail, fields: ["retry-after": "5"])
    }

    /// The body has more bytes than a body may have.
    static let bodyTooLarge = APIProblem(
        413, "body-too-large", "The body is too large", "a body has at most \(APIBody.limit >> 20) MiB")
}
