internal import Engine
internal import HTTPAPI
internal import Logging
internal import Pipeline
internal import Settings

/// `/v1/log-levels`: how much is written to the log, until the next change or start.
enum LogLevelRoutes {
    private static let one = "/v1/log-levels/{id}"

    static let all: [AdminRoute] = [
        AdminRoute("getLogLevels", "GET", "/v1/log-levels", .read, show),
        AdminRoute(
            "putLogLevel", "PUT", "/v1/log-levels", .operate, body: .document(isOptional: false), set),
        AdminRoute("putComponentLogLevel", "PUT", one, .operate, body: .document(isOptional: false), set),
        AdminRoute("deleteComponentLogLevel", "DELETE", one, .operate, remove),
    ]

    /// The levels by all names that are understood.
    private static let levels: [String: Logger.Level] = [
        "trace": .trace, "debug": .debug, "info": .info, "notice": .notice, "warning": .warning,
        "warn": .warning, "error": .error, "critical": .critical, "fatal": .critical,
    ]

    /// Levels of components are kept by their ids alone, so there may be no more than this.
    private static let componentLimit = 1000

    static func show(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        .tree(tree(call.context.log))
    }

    static func set(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let id = try call.parameters["id"] == nil ? nil : call.component().description
        let text = try call.fields("level").requiredString("level")
        guard let level = levels[text] else { throw .invalid(unknown(text)) }
        let log = call.context.log
        if let id, log.componentLevels[id] == nil, log.componentLevels.count >= componentLimit {
            throw .invalid("\(componentLimit) components have levels of their own already")
        }
        guard try !call.isDryRun else { return .tree(tree(log)) }
        log.setLevel(level, of: id)
        note("set to \(level.rawValue)", id, call)
        var reply = APIReply.tree(tree(log))
        reply.detail = level.rawValue
        return reply
    }

    /// The level in the query of a call; `nil` when there is none.
    static func wanted(_ call: AdminCall) throws(APIProblem) -> Logger.Level? {
        guard let text = call.query["level"] else { return nil }
        guard let level = levels[text] else { throw .badRequest(unknown(text)) }
        return level
    }

    private static func unknown(_ text: String) -> String {
        "'\(text)' is not a level; there are \(levels.keys.sorted().joined(separator: ", "))"
    }

    static func remove(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let id = try call.component().description
        let log = call.context.log
        guard log.componentLevels[id] != nil else {
            throw .notFound("'\(id)' has no level of its own")
        }
        guard try !call.isDryRun else { return .tree(tree(log)) }
        log.setLevel(nil, of: id)
        note("back to the standard level", id, call)
        return .tree(tree(log))
    }

    private static func note(_ what: String, _ id: String?, _ call: AdminCall) {
        call.context.events.note(
            .logLevelChanged, id ?? "standard", "the log level is \(what) by \(call.caller.name)")
    }

    private static func tree(_ log: LogOutput) -> Tree {
        let components = log.componentLevels.sorted { $0.key < $1.key }.map { id, level in
            Tree.Entry(id, .text(level.rawValue))
        }
        return .table([
            "level": .text(log.level(of: nil).rawValue), "components": Tree(.table(components)),
        ])
    }
}
