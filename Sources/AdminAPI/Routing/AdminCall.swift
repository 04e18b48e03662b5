internal import Control
internal import HTTPAPI
internal import Pipeline

/// One operation of the admin API.
typealias AdminRoute = APIRoute<AdminContext>

/// One request on its way through its handler.
typealias AdminCall = APICall<AdminContext>

extension AdminCall {
    /// Who asks, for the service that changes the configuration.
    var origin: ChangeOrigin {
        ChangeOrigin(.api, actor: caller.name, address: caller.address, request: requestID)
    }

    /// The kind of component in the path, in the singular or plural.
    func kind() throws(APIProblem) -> ComponentKind {
        let text = parameter("kind")
        guard let kind = ComponentKind.allCases.first(where: { $0.rawValue == text || $0.section == text })
        else {
            let kinds = ComponentKind.allCases.map { $0.rawValue }.joined(separator: ", ")
            throw .notFound("'\(text)' is not a kind of component; there are \(kinds)")
        }
        return kind
    }

    /// The component in the path.
    func component() throws(APIProblem) -> ComponentID {
        guard let id = ComponentID(parsing: parameter("id")) else {
            throw .notFound("'\(parameter("id"))' is not the id of a component, which is type or type/name")
        }
        return id
    }

    /// The pipeline in the path.
    func pipeline() throws(APIProblem) -> PipelineID {
        guard let id = PipelineID(parsing: parameter("id")) else {
            throw .notFound(
                "'\(parameter("id"))' is not the id of a pipeline, which is signal or signal/name")
        }
        return id
    }
}
