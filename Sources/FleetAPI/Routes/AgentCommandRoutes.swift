internal import Fleet
internal import HTTPAPI
internal import OpAMP
internal import Settings

/// `/v1/agents/{uid}:…`: what is done to one agent.
enum AgentCommandRoutes {
    private static let one = "/v1/agents/{uid}"

    static let all: [FleetRoute] = [
        FleetRoute("restartAgent", "POST", one + ":restart", .operateAgents, restart),
        FleetRoute("retryAgent", "POST", one + ":retry", .runRollouts, retry),
        FleetRoute(
            "revokeAgent", "POST", one + ":revoke", .revokeAgents, body: .document(isOptional: true), revoke),
    ]

    static func restart(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let agent = try call.record()
        guard agent.capabilities.contains(.acceptsRestartCommand) else {
            throw APIProblem(
                409, "not-possible", "The agent cannot do that",
                "agent \(agent.uid) does not take the command to restart")
        }
        if try !call.isDryRun {
            do throws(InventoryError) {
                try await call.context.agents.restart(agent.uid)
            } catch {
                throw APIProblem(error)
            }
            call.note(
                .agentRestarted, "\(agent.uid)", "has asked the agent to restart", agent: "\(agent.uid)")
        }
        return reply(agent)
    }

    static func retry(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let agent = try call.record()
        let packages = agent.packages.flatMap { $0.state == .failed ? $0.assignment : nil }
        guard agent.overview.assignment != nil || packages != nil else {
            throw APIProblem(
                409, "not-possible", "There is nothing to offer",
                "no rollout has said what agent \(agent.uid) ought to run")
        }
        guard try !call.isDryRun else { return reply(agent) }
        guard let rollout = await call.context.rollouts.activeRollout(of: agent.uid) else {
            let agents = call.context.agents
            if packages != nil {
                await agents.retryPackages([agent.uid])
            } else {
                await agents.retry([agent.uid])
            }
            return reply(agent)
        }
        // A rollout that is under way has to know, since it counts failures.
        do throws(RolloutServiceError) {
            _ = try await call.context.rollouts.command(
                rollout, .retry(agent.uid), by: call.actor, ifVersion: nil)
        } catch {
            throw APIProblem(error)
        }
        return reply(agent)
    }

    static func revoke(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let reason = try call.settings(ReasonInput.self).reason
        let agent = try call.record()
        if try !call.isDryRun {
            do throws(AccessError) {
                try await call.context.access.revoke(agent.uid, reason: reason, by: call.caller.user)
            } catch {
                throw APIProblem(error)
            }
            call.note(
                .accessRevoked, "\(agent.uid)", "has revoked the credentials of the agent",
                agent: "\(agent.uid)")
        }
        return reply(agent)
    }

    private static func reply(_ agent: AgentRecord) -> APIReply {
        var reply = APIReply.tree(AgentTrees.tree(of: agent.overview))
        reply.detail = "agent \(agent.uid)"
        return reply
    }
}
