internal import Settings

/// `/v1/operations`: changes that take their time.
public enum OperationRoutes<Context: APIContext> {
    private static var longestWait: Duration { .seconds(300) }

    /// The routes.
    ///
    /// - Parameters:
    ///   - look: What a caller needs to see operations.
    ///   - right: What a caller needs to end one.
    /// - Returns: `/v1/operations` and what is below it.
    public static func all(
        look: Context.Caller.Right, cancel right: Context.Caller.Right
    ) -> [APIRoute<Context>] {
        [
            APIRoute("listOperations", "GET", "/v1/operations", look, list),
            APIRoute("getOperation", "GET", "/v1/operations/{id}", look, show),
            APIRoute("cancelOperation", "POST", "/v1/operations/{id}:cancel", right, cancel),
        ]
    }

    static func list(_ call: APICall<Context>) async throws(APIProblem) -> APIReply {
        let all = call.service.operations.all
        let items = all.map { (Page.key($0.created, descending: true) + $0.id, $0.tree) }
        return .tree(try Page.of("operations", items, call.query))
    }

    static func show(_ call: APICall<Context>) async throws(APIProblem) -> APIReply {
        let wait = try call.query.duration("wait", upTo: longestWait)
        let operation = try find(call)
        if let wait { _ = await operation.completion.value(within: wait, call.context.clock) }
        return .tree(operation.tree)
    }

    static func cancel(_ call: APICall<Context>) async throws(APIProblem) -> APIReply {
        let operation = try find(call)
        if try !call.isDryRun { operation.cancel() }
        return .tree(operation.tree)
    }

    private static func find(_ call: APICall<Context>) throws(APIProblem) -> APIOperation {
        let id = call.parameter("id")
        guard let operation = call.service.operations.find(id) else {
            throw .notFound("there is no operation '\(id)', or it is forgotten")
        }
        return operation
    }
}
