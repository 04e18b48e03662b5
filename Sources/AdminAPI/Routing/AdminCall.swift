internal import Control
internal import Pipeline
internal import Settings
internal import Transport
internal import Wire

/// One request on its way through its handler.
struct AdminCall: Sendable {
    let service: AdminService
    let route: AdminRoute
    let head: ServerRequestHead
    let parameters: [String: String]
    let query: Query
    let caller: AdminCaller
    let requestID: String
    /// Decompressed.
    let body: Bytes

    var context: AdminContext { service.context }

    /// Who asks, for the service that changes the configuration.
    var origin: ChangeOrigin {
        ChangeOrigin(.api, actor: caller.name, address: caller.address, request: requestID)
    }

    /// A parameter of the path; the router has seen to it that there is one.
    func parameter(_ name: String) -> String { parameters[name] ?? "" }

    /// The kind of component in the path, in the singular or plural.
    func kind() throws(AdminProblem) -> ComponentKind {
        let text = parameter("kind")
        guard let kind = ComponentKind.allCases.first(where: { $0.rawValue == text || $0.section == text })
        else {
            let kinds = ComponentKind.allCases.map { $0.rawValue }.joined(separator: ", ")
            throw .notFound("'\(text)' is not a kind of component; there are \(kinds)")
        }
        return kind
    }

    /// The component in the path.
    func component() throws(AdminProblem) -> ComponentID {
        guard let id = ComponentID(parsing: parameter("id")) else {
            throw .notFound("'\(parameter("id"))' is not the id of a component, which is type or type/name")
        }
        return id
    }

    /// The pipeline in the path.
    func pipeline() throws(AdminProblem) -> PipelineID {
        guard let id = PipelineID(parsing: parameter("id")) else {
            throw .notFound(
                "'\(parameter("id"))' is not the id of a pipeline, which is signal or signal/name")
        }
        return id
    }

    /// What the client thinks the version of the resource is.
    var ifMatch: EntityTags? { EntityTags(head.fields.all("if-match")) }
    /// What the client has already, or wants not to be there.
    var ifNoneMatch: EntityTags? { EntityTags(head.fields.all("if-none-match")) }

    /// Whether the change is only to be looked at.
    var isDryRun: Bool { get throws(AdminProblem) { try query.flag("dry_run") } }
}
