internal import Fleet
internal import HTTPAPI
internal import Settings

/// `/v1/approvals`: which rollouts need the yes of a second person.
enum ApprovalRoutes {
    static let all: [FleetRoute] = [
        FleetRoute("getApprovals", "GET", "/v1/approvals", .look, show),
        FleetRoute(
            "putApprovals", "PUT", "/v1/approvals", .manageSettings, body: .document(isOptional: false), put),
    ]

    static func show(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let (settings, version) = call.context.access.separationOfDuties
        return .tree(settings.tree, version: "\(version)")
    }

    static func put(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let document = try call.requiredMap()
        let (_, version) = call.context.access.separationOfDuties
        try call.checkPreconditions(version: "\(version)")
        let settings: SeparationOfDuties
        do throws(InvalidSettings) {
            settings = try SeparationOfDuties(tree: document)
        } catch {
            throw .invalid("the body has errors", errors: error.diagnostics)
        }
        if try call.isDryRun { return .tree(settings.tree) }
        do throws(AccessError) {
            let new = try await call.context.access.setSeparationOfDuties(settings, over: version)
            return .tree(settings.tree, version: "\(new)")
        } catch {
            throw APIProblem(error)
        }
    }
}
