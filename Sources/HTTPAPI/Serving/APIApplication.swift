internal import Transport

/// An API as the server sees it.
struct APIApplication<Context: APIContext>: ServerApplication {
    let service: APIService<Context>
    private let active = ActiveRequests()

    init(service: APIService<Context>) { self.service = service }

    func admit(_ head: ServerRequestHead) -> Admission {
        let requestID = RequestID.of(head)
        switch service.gate.check(head, requestID: requestID) {
        case .refuse(let problem, let entry):
            if let entry { note(entry) }
            return .refuse(ReplyEncoder(head: head, requestID: requestID).response(problem))
        case .pass(let route, _, _):
            return .accept(
                maxBodySize: route.body == .none ? APIBody.unusedLimit : APIBody.limit)
        }
    }

    func respond(to request: ServerRequest, with responder: Responder) {
        let requestID = RequestID.of(request.head)
        let encoder = ReplyEncoder(head: request.head, requestID: requestID)
        // Between the headers and the end of the body a token may have been revoked.
        switch service.gate.check(request.head, requestID: requestID) {
        case .refuse(let problem, let entry):
            if let entry { note(entry) }
            responder.send(encoder.response(problem))
        case .pass(let route, let parameters, let caller):
            guard active.enter(caller.name) else {
                let problem =
                    "\(ActiveRequests.limit) requests are under way, or \(ActiveRequests.share) of yours"
                responder.send(encoder.response(.tooMany(problem)))
                return
            }
            Task(executorPreference: service.context.executor) {
                await service.answer(
                    request, route, parameters, caller, requestID: requestID, responder)
                active.leave(caller.name)
            }
        }
    }

    func bodyTooLarge(_ head: ServerRequestHead, limit: Int) -> ServerResponse {
        encoder(head).response(.bodyTooLarge)
    }

    func unanswered() -> ServerResponse {
        .text(500, "the request was not answered; please report this")
    }

    func overloaded(_ head: ServerRequestHead) -> ServerResponse {
        encoder(head).response(.tooMany("there is no memory for the request now"))
    }

    private func encoder(_ head: ServerRequestHead) -> ReplyEncoder {
        ReplyEncoder(head: head, requestID: RequestID.of(head))
    }

    private func note(_ entry: APIAuditEntry) {
        // When so many were denied that the address is slowed down, the log has seen enough of them.
        guard entry.status != 429 else { return }
        service.context.denied(entry)
        Task { await service.context.record(entry) }
    }
}
