internal import Fleet
internal import FleetModel
internal import HTTPAPI
internal import OpAMP
internal import Rollouts
internal import Settings
internal import Transport

/// `/v1/rollouts`: how revisions reach agents.
enum RolloutRoutes {
    private static let one = "/v1/rollouts/{id}"
    /// Agents with trouble that are shown with the rollout; all of them are in the list of its agents.
    private static let failureLimit = 20

    static let all: [FleetRoute] = [
        FleetRoute("listRollouts", "GET", "/v1/rollouts", .look, list),
        FleetRoute(
            "startRollout", "POST", "/v1/rollouts", .runRollouts, body: .document(isOptional: false), start),
        FleetRoute("getRollout", "GET", one, .look, show),
        FleetRoute("listRolloutAgents", "GET", one + "/agents", .look, agents),
    ]

    static func list(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let wanted = call.query["state"]
        if let wanted, wanted != "active", wanted != "standing", RolloutState(rawValue: wanted) == nil {
            let states = RolloutState.allCases.map { $0.rawValue }.joined(separator: ", ")
            throw .badRequest("state must be active, standing or one of \(states)")
        }
        let standing = await call.context.rollouts.standingAssignments()
        let rollouts = await call.context.rollouts.list().filter { rollout in
            switch wanted {
            case nil: true
            case "active"?: !rollout.state.isTerminal
            case "standing"?: standing[rollout.id] != nil
            case let state?: rollout.state.rawValue == state
            }
        }
        let items = rollouts.map { rollout in
            (
                Page.key(rollout.created, descending: true) + rollout.id,
                RolloutTrees.summary(of: rollout, standing: standing[rollout.id])
            )
        }
        return .tree(try Page.of("rollouts", items, call.query))
    }

    static func start(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let spec = try await RolloutInput(call).spec
        let (isDryRun, isDraft) = (try call.isDryRun, try call.query.flag("draft"))
        let rollouts = call.context.rollouts
        do throws(RolloutServiceError) {
            if isDryRun { return .tree(try await rollouts.preview(spec, by: call.actor).tree) }
            let rollout = try await rollouts.start(spec, by: call.actor, asDraft: isDraft)
            var reply = await reply(rollout, call)
            reply.status = 201
            reply.fields = ["location": "/v1/rollouts/\(PercentCoding.encoded(rollout.id))"]
            return reply
        } catch {
            // What is not there is what the body names, not what the request is for.
            if case .notFound(let reason) = error { throw .invalid(reason) }
            throw APIProblem(error)
        }
    }

    static func show(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let rollout = try await call.rollout()
        let counts = rollout.counts
        var failures: [RolloutService.Agent] = []
        do throws(RolloutServiceError) {
            for phase in [MemberPhase.failed, .stuck, .lost] where counts[phase] > 0 {
                failures += try await call.context.rollouts.agents(
                    of: rollout.id, phase: phase, stage: nil, after: -1, limit: failureLimit)
            }
        } catch {
            throw APIProblem(error)
        }
        return await reply(rollout, call, failures: Array(failures.prefix(failureLimit)))
    }

    /// Page by page of the rollout's own order, which never changes.
    static func agents(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let phase = try phase(call)
        let stage = try call.query.number("stage", in: 0...10_000)
        let (size, token) = try Page.wanted(call.query)
        var last = -1
        if let token {
            guard let number = Int(token), (0...Rollout.maximumMembers).contains(number) else {
                throw .badRequest("page_token must be the next_page_token of the page before")
            }
            last = number
        }
        do throws(RolloutServiceError) {
            let found = try await call.context.rollouts.agents(
                of: call.parameter("id"), phase: phase, stage: stage, after: last, limit: size + 1)
            let page = found.prefix(size)
            return .tree(
                Page.table(
                    "agents", page.map(RolloutTrees.tree),
                    last: found.count > size ? page.last.map { "\($0.index)" } : nil))
        } catch {
            throw APIProblem(error)
        }
    }

    static func reply(
        _ rollout: Rollout, _ call: FleetCall, failures: [RolloutService.Agent] = []
    ) async -> APIReply {
        let standing = await call.context.rollouts.standing(rollout.id)
        var reply = APIReply.tree(
            RolloutTrees.tree(of: rollout, failures: failures, standing: standing),
            version: "\(RolloutVersion(rollout, standing))")
        reply.isVolatile = true
        reply.detail = "rollout \(rollout.id) is \(rollout.state.rawValue)"
        return reply
    }

    private static func phase(_ call: FleetCall) throws(APIProblem) -> MemberPhase? {
        guard let text = call.query["phase"] else { return nil }
        guard let phase = MemberPhase.allCases.first(where: { $0.name == text }) else {
            let phases = MemberPhase.allCases.map { $0.name }.joined(separator: ", ")
            throw .badRequest("phase must be one of \(phases)")
        }
        return phase
    }
}

extension FleetCall {
    /// Who commands rollouts.
    var actor: RolloutActor { RolloutActor(name: caller.name, owner: caller.user.owner) }

    /// The rollout in the path.
    func rollout() async throws(APIProblem) -> Rollout {
        let id = parameter("id")
        guard let rollout = await context.rollouts.rollout(id) else {
            throw .notFound("there is no rollout '\(id)'")
        }
        return rollout
    }
}
