internal import Delivery
internal import Pipeline
internal import Settings
internal import Telemetry

/// `/v1/dead-letters`: what backends refused for good.
enum DeadLetterRoutes {
    static let all: [AdminRoute] = [
        AdminRoute("listDeadLetters", "GET", "/v1/dead-letters", .read, list),
        AdminRoute("getDeadLetter", "GET", "/v1/dead-letters/{id}", .read, show),
    ]

    static func list(_ call: AdminCall) async throws(AdminProblem) -> AdminReply {
        let letters = try await letters(of: call.query["exporter"], call)
        return .tree(
            try Page.of("dead_letters", letters.map { ($0.id, tree(of: $0)) }, call.query))
    }

    static func show(_ call: AdminCall) async throws(AdminProblem) -> AdminReply {
        let id = call.parameter("id")
        guard let letter = try await letters(of: nil, call).first(where: { $0.id == id }) else {
            throw .notFound("there is no dead letter '\(id)'")
        }
        return .tree(tree(of: letter))
    }

    private static func letters(
        of exporter: String?, _ call: AdminCall
    ) async throws(AdminProblem) -> [DeadLetter] {
        guard let archive = await call.context.deadLetters() else { return [] }
        do throws(DeadLetterError) {
            return try archive.list(exporter: exporter).letters
        } catch {
            throw AdminProblem(500, "storage", "The dead letters cannot be read", "\(error)")
        }
    }

    private static func tree(of letter: DeadLetter) -> Tree {
        .table([
            "id": .text(letter.id), "time": ConfigurationTrees.time(letter.time),
            "signal": .text(letter.signal.rawValue), "exporter": .text(letter.exporter),
            "pipeline": .text(letter.pipeline), "reason": .text(letter.reason),
            "attempts": .number(letter.attempts), "items": .number(letter.itemCount),
            "bytes": .number(letter.byteCount), "sender": .text(letter.peer),
        ])
    }
}
