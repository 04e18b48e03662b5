internal import Fleet
internal import FleetModel
internal import HTTPAPI
internal import Rollouts
internal import Settings

/// `/v1/rollouts/{id}:…`: what people do with a rollout.
enum RolloutCommandRoutes {
    static let all: [FleetRoute] = [
        route("beginRollout", "begin") { _ in .begin },
        route("pauseRollout", "pause") { .pause(reason: $0.reason) },
        route("resumeRollout", "resume") { _ in .resume },
        route("promoteRollout", "promote") { .promote(all: $0.isForAll) },
        route("abortRollout", "abort") { .abort(reason: $0.reason) },
        route("rollBackRollout", "rollback") { .rollBack(reason: $0.reason) },
        FleetRoute(
            "approveRollout", "POST", "/v1/rollouts/{id}:approve", .approveRollouts,
            body: .document(isOptional: true), approve),
    ]

    private static func route(
        _ id: String, _ verb: String, _ command: @escaping @Sendable (CommandInput) -> RolloutCommand
    ) -> FleetRoute {
        FleetRoute(
            id, "POST", "/v1/rollouts/{id}:\(verb)", .runRollouts, body: .document(isOptional: true)
        ) { call throws(APIProblem) in
            let input = try call.settings(CommandInput.self)
            return try await perform(command(input), call, by: call.actor)
        }
    }

    /// Two persons: neither who started it nor, where the rules say so, who wrote the revision.
    static func approve(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let input = try call.settings(CommandInput.self)
        let rollout = try await call.rollout()
        let rules = call.context.access.separationOfDuties.settings
        let user = call.caller.user
        guard !input.breaksGlass else { return try await breakGlass(call, input.reason) }
        if let reason = rules.objection(
            to: user, starter: rollout.author,
            author: await call.context.rollouts.author(of: rollout.target) ?? "")
        {
            throw forbidden(reason)
        }
        return try await perform(.approve, call, by: call.actor)
    }

    /// In an emergency one person is enough, and everybody sees it.
    private static func breakGlass(_ call: FleetCall, _ reason: String) async throws(APIProblem) -> APIReply {
        guard call.caller.user.permissions.isSuperset(of: .all) else {
            throw forbidden("only an admin may go on without a second person")
        }
        guard call.context.access.separationOfDuties.settings.allowsBreakGlass else {
            throw forbidden("going on without a second person is switched off (allow_break_glass)")
        }
        guard reason.contains(where: { !$0.isWhitespace }) else {
            throw .invalid("break_glass needs a reason; everybody will read it")
        }
        var reply = try await perform(.breakGlass(reason: reason), call, by: call.actor)
        reply.detail += ", without a second person: \(reason)"
        return reply
    }

    private static func forbidden(_ reason: String) -> APIProblem {
        APIProblem(403, "forbidden", "A rule does not allow it", reason)
    }

    private static func perform(
        _ command: RolloutCommand, _ call: FleetCall, by actor: RolloutActor
    ) async throws(APIProblem) -> APIReply {
        let rollout = try await call.rollout()
        // Without If-Match the command is meant for whatever state the rollout is in.
        let seen = RolloutVersion(rollout, await call.context.rollouts.standing(rollout.id))
        if call.ifMatch != nil { try call.checkPreconditions(version: "\(seen)") }
        guard try !call.isDryRun else { return await RolloutRoutes.reply(rollout, call) }
        do throws(RolloutServiceError) {
            let after = try await call.context.rollouts.command(
                rollout.id, command, by: actor,
                ifVersion: call.ifMatch.map { $0.isAny } == false ? seen : nil)
            return await RolloutRoutes.reply(after, call)
        } catch {
            throw APIProblem(error)
        }
    }
}

/// What goes with a command.
struct CommandInput: SettingGroup {
    var reason = ""
    var isForAll = false
    var breaksGlass = false

    init() {}

    static var fields: [Field<CommandInput>] {
        [
            Field("reason", \.reason, "Why, for people and the audit log.") {
                $0.unicodeScalars.count <= 1000 ? nil : "has more than 1000 characters"
            },
            Field("all", \.isForAll, "With promote: later stages need no gate either."),
            Field(
                "break_glass", \.breaksGlass,
                "With approve: an admin goes on in an emergency without a second person; needs a reason, "
                    + "which everybody sees for ever."),
        ]
    }
}
