internal import Fleet
internal import HTTPAPI

/// One operation of the fleet API.
typealias FleetRoute = APIRoute<FleetContext>

/// One request on its way through its handler.
typealias FleetCall = APICall<FleetContext>

extension FleetCall {
    /// Tells those who follow events what the caller has done; `what` follows the name of the caller.
    func note(_ kind: FleetEvent.Kind, _ subject: String, _ what: String, agent: String? = nil) {
        context.events.note(kind, subject, "\(caller.name) \(what)", actor: caller.name, agent: agent)
    }
}

/// Every operation of the API; `openapi/fleet.yaml` describes the same ones, which a test compares.
enum FleetRoutes {
    static let all: [FleetRoute] =
        OverviewRoutes.all + AgentRoutes.all + AgentCommandRoutes.all + VariantRoutes.all + GroupRoutes.all
        + ValueRoutes.all + ConfigRoutes.all + RevisionRoutes.all + CheckRoutes.all + PackageRoutes.all
        + PackageFileRoutes.all + PlanRoutes.all
        + RolloutRoutes.all + RolloutCommandRoutes.all + EventRoutes.all + EnrollmentRoutes.all
        + TokenRoutes.all + AuditRoutes.all + ApprovalRoutes.all + WebhookRoutes.all + ApplyRoutes.all
        + OperationRoutes.all(look: .look, cancel: .runRollouts)
        + DescriptionRoutes.all(FleetDescription.text, file: "openapi/fleet.yaml") + ProbeRoutes.all
}
