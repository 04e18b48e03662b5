internal import Fleet
internal import FleetStore
internal import HTTPAPI
internal import Rollouts
internal import Settings

/// `/v1/plans`: named lists of stages.
enum PlanRoutes {
    private static let one = "/v1/plans/{name}"

    static let all: [FleetRoute] = [
        FleetRoute("listPlans", "GET", "/v1/plans", .look, list),
        FleetRoute("getPlan", "GET", one, .look, show),
        FleetRoute("putPlan", "PUT", one, .editPlans, body: .document(isOptional: false), put),
        FleetRoute("deletePlan", "DELETE", one, .editPlans, delete),
    ]

    static func list(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let (size, after) = try Page.wanted(call.query)
        do throws(StoreError) {
            let found = try await call.context.store.documents(.plan, after: after, limit: size + 1)
            let page = found.prefix(size)
            let last = found.count > size ? page.last?.id : nil
            return .tree(Page.table("plans", page.map(tree), last: last))
        } catch {
            throw APIProblem(error)
        }
    }

    static func show(_ call: FleetCall) async throws(APIProblem) -> APIReply { reply(try await plan(call)) }

    static func put(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let name = call.parameter("name")
        guard FleetName.isName(name) else {
            throw .invalid("a plan is named with letters, digits, _ . and -")
        }
        // What was written is kept, so that it is shown as its author wrote it.
        _ = try call.settings(RolloutPlan.self)
        let spec = try call.requiredMap()
        let present = try await find(call)
        try call.checkPreconditions(version: present.map { "\($0.version)" })
        let body = Tree.table(["spec": spec, "source": present?.body["source"] ?? .text("")])
        if try call.isDryRun { return .tree(tree(name, body, updated: 0)) }
        do throws(StoreError) {
            let written = try await call.context.store.write([
                .put(.plan, name, body, expecting: present.map { .version($0.version) } ?? .absent)
            ])
            guard let stored = written.first else { throw .failed("the plan was not written") }
            var reply = reply(stored)
            if present == nil { reply.status = 201 }
            call.note(.planChanged, name, present == nil ? "has made the plan" : "has changed the plan")
            return reply
        } catch {
            throw APIProblem(error)
        }
    }

    static func delete(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let plan = try await plan(call)
        try call.checkPreconditions(version: "\(plan.version)")
        guard try !call.isDryRun else { return reply(plan) }
        do throws(StoreError) {
            _ = try await call.context.store.write([
                .delete(.plan, plan.id, expecting: .version(plan.version))
            ])
        } catch {
            throw APIProblem(error)
        }
        call.note(.planChanged, plan.id, "has deleted the plan")
        return reply(plan)
    }

    private static func find(_ call: FleetCall) async throws(APIProblem) -> StoredDocument? {
        do throws(StoreError) {
            return try await call.context.store.document(.plan, call.parameter("name"))
        } catch {
            throw APIProblem(error)
        }
    }

    private static func plan(_ call: FleetCall) async throws(APIProblem) -> StoredDocument {
        guard let plan = try await find(call) else {
            throw .notFound("there is no plan '\(call.parameter("name"))'")
        }
        return plan
    }

    private static func reply(_ plan: StoredDocument) -> APIReply {
        var reply = APIReply.tree(tree(of: plan), version: "\(plan.version)")
        reply.detail = "plan \(plan.id)"
        return reply
    }

    private static func tree(of plan: StoredDocument) -> Tree {
        tree(plan.id, plan.body, updated: plan.updated)
    }

    private static func tree(_ name: String, _ body: Tree, updated: UInt64) -> Tree {
        var entries: [Tree.Entry] = [
            .init("name", .text(name)), .init("summary", body["spec"]?["summary"] ?? .text("")),
            .init("stages", body["spec"]?["stages"] ?? .list([])),
        ]
        entries.add("source", body["source"]?.text)
        entries.add("updated", time: updated)
        return Tree(.table(entries))
    }
}
