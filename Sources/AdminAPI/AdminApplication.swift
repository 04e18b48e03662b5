internal import Engine
internal import Pipeline
internal import Synchronization
internal import Transport

/// The admin API as the server sees it.
struct AdminApplication: ServerApplication {
    let service: AdminService
    private let active = ActiveRequests()

    init(service: AdminService) { self.service = service }

    static let tooLarge = AdminProblem(
        413, "body-too-large", "The body is too large", "a body has at most \(AdminCall.bodyLimit >> 20) MiB")

    func admit(_ head: ServerRequestHead) -> Admission {
        let requestID = Self.requestID(of: head)
        switch service.gate.check(head, requestID: requestID) {
        case .refuse(let problem, let entry):
            if let entry { note(entry) }
            return .refuse(ReplyEncoder(head: head, requestID: requestID).response(problem))
        case .pass(let route, _, _):
            return .accept(maxBodySize: route.body == .none ? Self.unusedBody : AdminCall.bodyLimit)
        }
    }

    func respond(to request: ServerRequest, with responder: Responder) {
        let requestID = Self.requestID(of: request.head)
        let encoder = ReplyEncoder(head: request.head, requestID: requestID)
        // Between the headers and the end of the body a token may have been revoked.
        switch service.gate.check(request.head, requestID: requestID) {
        case .refuse(let problem, let entry):
            if let entry { note(entry) }
            responder.send(encoder.response(problem))
        case .pass(let route, let parameters, let caller):
            guard active.enter() else {
                responder.send(encoder.response(.tooMany("\(ActiveRequests.limit) requests are under way")))
                return
            }
            Task(executorPreference: BackgroundThread.shared.taskExecutor) {
                await service.answer(
                    request, route, parameters, caller, requestID: requestID, responder)
                active.leave()
            }
        }
    }

    func bodyTooLarge(_ head: ServerRequestHead, limit: Int) -> ServerResponse {
        encoder(head).response(Self.tooLarge)
    }

    func unanswered() -> ServerResponse {
        .text(500, "the request was not answered; please report this")
    }

    func overloaded(_ head: ServerRequestHead) -> ServerResponse {
        encoder(head).response(.tooMany("there is no memory for the request now"))
    }

    /// What is thrown away where no body is expected.
    private static let unusedBody = 64 << 10

    private func encoder(_ head: ServerRequestHead) -> ReplyEncoder {
        ReplyEncoder(head: head, requestID: Self.requestID(of: head))
    }

    private func note(_ entry: AdminAuditEntry) {
        // When so many were denied that the address is slowed down, the log has seen enough of them.
        guard entry.status != 429 else { return }
        service.context.events.note(
            .accessDenied, entry.actor, "\(entry.target) from \(entry.address) was denied: \(entry.detail)")
        Task { await service.context.audit.record(entry) }
    }

    /// The id that the client gave, if it is harmless, or a new one.
    private static func requestID(of head: ServerRequestHead) -> String {
        if let id = head.fields["x-request-id"], (1...64).contains(id.utf8.count),
            id.utf8.allSatisfy(isHarmless)
        {
            return id
        }
        return SecureRandom.hexadecimal(bytes: 8)
    }

    private static func isHarmless(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}

/// How many requests may be under way at a time, streams included.
final class ActiveRequests: Sendable {
    static let limit = 256

    private let count = Atomic<Int>(0)

    func enter() -> Bool {
        guard count.wrappingAdd(1, ordering: .relaxed).newValue <= Self.limit else {
            leave()
            return false
        }
        return true
    }

    func leave() { count.wrappingSubtract(1, ordering: .relaxed) }
}
