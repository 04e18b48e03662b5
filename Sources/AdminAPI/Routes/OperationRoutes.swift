internal import Settings

/// `/v1/operations`: changes that take their time.
enum OperationRoutes {
    private static let longestWait = Duration.seconds(300)

    static let all: [AdminRoute] = [
        AdminRoute("listOperations", "GET", "/v1/operations", .read, list),
        AdminRoute("getOperation", "GET", "/v1/operations/{id}", .read, show),
        AdminRoute("cancelOperation", "POST", "/v1/operations/{id}:cancel", .configure, cancel),
    ]

    static func list(_ call: AdminCall) async throws(AdminProblem) -> AdminReply {
        let all = call.service.operations.all
        let items = all.map { (Page.key($0.created, descending: true) + $0.id, $0.tree) }
        return .tree(try Page.of("operations", items, call.query))
    }

    static func show(_ call: AdminCall) async throws(AdminProblem) -> AdminReply {
        let wait = try call.query.duration("wait", upTo: longestWait)
        let operation = try find(call)
        if let wait { _ = await operation.completion.value(within: wait, call.context.clock) }
        return .tree(operation.tree)
    }

    static func cancel(_ call: AdminCall) async throws(AdminProblem) -> AdminReply {
        let operation = try find(call)
        if try !call.isDryRun { operation.cancel() }
        return .tree(operation.tree)
    }

    private static func find(_ call: AdminCall) throws(AdminProblem) -> AdminOperation {
        let id = call.parameter("id")
        guard let operation = call.service.operations.find(id) else {
            throw .notFound("there is no operation '\(id)', or it is forgotten")
        }
        return operation
    }
}
