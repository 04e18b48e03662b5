internal import Delivery
internal import Engine
internal import HTTPAPI
internal import Pipeline
internal import Settings
internal import Telemetry

/// `/v1/dead-letters`: what backends refused for good.
enum DeadLetterRoutes {
    static let all: [AdminRoute] = [
        AdminRoute("listDeadLetters", "GET", "/v1/dead-letters", .read, list),
        AdminRoute("getDeadLetter", "GET", "/v1/dead-letters/{id}", .read, show),
        AdminRoute("discardDeadLetter", "DELETE", "/v1/dead-letters/{id}", .operate, discard),
        AdminRoute("replayDeadLetter", "POST", "/v1/dead-letters/{id}:replay", .operate, replay),
    ]

    static func list(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let letters = try await letters(of: call.query["exporter"], call)
        return .tree(
            try Page.of("dead_letters", letters.map { ($0.id, tree(of: $0)) }, call.query))
    }

    static func show(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        .tree(tree(of: try await letter(call)))
    }

    static func discard(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let letter = try await letter(call)
        if try !call.isDryRun {
            guard call.context.deadLetters?.discardDeadLetter(letter.id) == true else {
                throw notRunning(letter)
            }
        }
        var reply = APIReply.tree(tree(of: letter))
        reply.detail = letter.id
        return reply
    }

    static func replay(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let letter = try await letter(call)
        guard try !call.isDryRun else { return .tree(tree(of: letter)) }
        let outcome: ReplayedLetter.Outcome?
        do throws(DeadLetterError) {
            outcome = try await call.context.deadLetters?.replayDeadLetter(letter.id)
        } catch {
            throw unreadable(error)
        }
        guard let outcome else { throw notRunning(letter) }
        var reply = APIReply.tree(tree(of: outcome, letter))
        reply.detail = letter.id
        return reply
    }

    private static func letter(_ call: AdminCall) async throws(APIProblem) -> DeadLetter {
        let id = call.parameter("id")
        guard let letter = try await letters(of: nil, call).first(where: { $0.id == id }) else {
            throw .notFound("there is no dead letter '\(id)'")
        }
        return letter
    }

    private static func notRunning(_ letter: DeadLetter) -> APIProblem {
        APIProblem(
            409, "not-running", "No exporter that runs has the letter",
            "'\(letter.exporter)' is not in the configuration, or has no dead letters there")
    }

    private static func unreadable(_ error: DeadLetterError) -> APIProblem {
        APIProblem(500, "storage", "The dead letters cannot be read", "\(error)")
    }

    private static func tree(of outcome: ReplayedLetter.Outcome, _ letter: DeadLetter) -> Tree {
        let (name, rejected, message): (String, Int, String) =
            switch outcome {
            case .delivered(let rejected, let message): ("delivered", rejected, message)
            case .refused(let reason): ("refused", 0, reason)
            case .unreached(let reason): ("unreached", 0, reason)
            }
        return .table([
            "id": .text(letter.id), "outcome": .text(name), "items": .number(letter.itemCount),
            "rejected_items": .number(rejected), "message": .text(message),
        ])
    }

    private static func letters(
        of exporter: String?, _ call: AdminCall
    ) async throws(APIProblem) -> [DeadLetter] {
        guard let archive = call.context.deadLetters?.deadLetterArchive else { return [] }
        do throws(DeadLetterError) {
            return try archive.list(exporter: exporter).letters
        } catch {
            throw unreadable(error)
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
